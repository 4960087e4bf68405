/**
 * @file What `import 'fovea'` gives in Node.
 */

import { Device, type DeviceOptions } from './device/device.ts';
import { nodeAdapters } from './device/gpu-node.ts';

export * from './common.ts';
export { DataLoader, type DataLoaderOptions } from './data/data-loader.ts';
export { type CorruptImage, ImageDataset, type ImageDatasetOptions } from './data/dataset.ts';
export { decodeImage } from './data/decode.ts';
export { findDuplicates } from './data/duplicates.ts';
export { type Folder, readTrainingFolder, readValidationFolder } from './data/ichallenge-pm.ts';
export type { Sample } from './data/sample.ts';
export { type SyntheticDatasetOptions, writeSyntheticDataset } from './data/synth.ts';
export { type GpuInspection, inspectGpu } from './device/gpu-node.ts';
export { writeFileAtomic } from './io/write-file.ts';
export { loadCheckpoint, saveCheckpoint } from './train/checkpoint-file.ts';
export { appendMetrics, type MetricsLine, readMetrics, truncateMetrics } from './train/metrics-log.ts';
export { RunFolder } from './train/run-folder.ts';
export { svgToPng } from './train/svg-to-png.ts';

/**
 * Opens a device of its own. Throws 'no-adapter', saying what to do, where there is none of the kind asked for, and
 * 'unsupported' where it lacks what the options need.
 */
export function createDevice(options: DeviceOptions = {}): Promise<Device> {
  return Device.open(nodeAdapters, options);
}
