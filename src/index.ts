/**
 * @file What `import 'fovea'` gives in Node.
 */

import { type CreateDeviceOptions, openTunedDevice } from './create-device.ts';
import type { Device } from './device/device.ts';
import { nodeAdapters } from './device/node/adapters.ts';
import { type TuneOptions, tuneInto } from './tune/tune.ts';
import type { TunedPass } from './tune/tune-pass.ts';
import { nodeTuningStore } from './tune/tuning-store-node.ts';

export * from './common.ts';
export { decodeImage } from './data/decode.ts';
export { findSimilar, type SimilarOptions } from './data/inspect/similar.ts';
export { ImageDataset, type ImageDatasetOptions } from './data/node/image-dataset.ts';
export {
  examineClassTable,
  readClassFolders,
  readClassTable,
  readTrainingFolder,
  readValidationFolder,
} from './data/node/read-folders.ts';
export { findDuplicates, foldSamples, splitSamples } from './data/node/sample-files.ts';
export { encodePng } from './data/png/encode-png.ts';
export { writeSyntheticDataset } from './data/synth.ts';
export { type GpuInspection, inspectGpu } from './device/node/adapters.ts';
export type { EncodedImage } from './io/tensorboard/events.ts';
export { SummaryWriter, type SummaryWriterOptions } from './io/tensorboard/summary-writer.ts';
export { writeFileAtomic } from './io/write-file.ts';
export { type RunContent, type RunContentOptions, runContent } from './report/run-content.ts';
export type { ServedConfig } from './serve/classifier.ts';
export type { ServerLimits } from './serve/limits.ts';
export type { PredictionServer, PredictionServerOptions } from './serve/options.ts';
export { servePredictions } from './serve/serve.ts';
export { loadCheckpoint, saveCheckpoint } from './train/checkpoint-file.ts';
export { appendMetrics, type MetricsLine, readMetrics, truncateMetrics } from './train/metrics-log.ts';
export { type KeptPredictions, readPredictions, writePredictions } from './train/prediction-log.ts';
export { RunFolder } from './train/run-folder.ts';
export { readSessions, type TrainingSession } from './train/session-log.ts';
export { svgToPng } from './train/svg-to-png.ts';

/**
 * Opens a device of its own, which runs by what {@link tune} found on its adapter. Throws 'no-adapter', saying what to do,
 * where there is none of the kind asked for, and 'unsupported' where it lacks what the options need.
 */
export function createDevice(options: CreateDeviceOptions = {}): Promise<Device> {
  return openTunedDevice(nodeAdapters, nodeTuningStore, options);
}

/**
 * Finds the fastest kernels for the convolutions that `work` runs, the most expensive ones first, and takes them from now on: on
 * this device, and, kept in a file in the user's cache folder, on all later ones of its adapter. `work` is called once, but runs no kernel.
 * A candidate must give the plain kernel's result. It is timed by timestamp queries where the adapter has fine ones, else by the
 * clock, and replaces what the heuristics take only where its gain exceeds the noise of both. `signal` and `budget` (seconds)
 * stop it; what was decided by then is taken and kept. Results of tuned and untuned devices differ by rounding. Throws
 * 'bad-file' where the result cannot be kept; it holds on this device then.
 *
 *     await tune(device, () => model(images));
 *     await tune(device, () => rehearseStep(model, optimizer, batch), { budget: 60 });
 */
export function tune(device: Device, work: () => void, options?: TuneOptions): Promise<TunedPass[]> {
  return tuneInto(nodeTuningStore, device, work, options);
}
