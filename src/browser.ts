/**
 * @file What `import 'fovea'` gives in browsers; it reaches no module of Node.
 */

import { type CreateDeviceOptions, openTunedDevice } from './create-device.ts';
import { browserAdapters } from './device/browser/adapters.ts';
import type { Device } from './device/device.ts';
import { type TuneOptions, tuneInto } from './tune/tune.ts';
import type { TunedPass } from './tune/tune-pass.ts';
import { browserTuningStore } from './tune/tuning-store-browser.ts';

export * from './common.ts';
export { decodeImage } from './data/browser/decode-image.ts';
export {
  ImageDataset,
  type ImageDatasetOptions,
} from './data/browser/image-dataset.ts';
export { type PlacedFile, placeDropped, placeFiles } from './data/browser/placed-files.ts';
export {
  examineClassTable,
  type Place,
  readClassFolders,
  readClassTable,
  readTrainingFolder,
  readValidationFolder,
} from './data/browser/read-folders.ts';
export { findDuplicates, foldSamples, splitSamples } from './data/browser/sample-files.ts';
export { treeOfDirectory, treeOfFiles, treeOfZip } from './data/browser/trees.ts';
export type { DecodeWorkerSource } from './data/browser/worker-pool.ts';
export {
  listCheckpoints,
  loadCheckpoint,
  removeCheckpoint,
  type StoredCheckpoint,
  saveCheckpoint,
} from './train/checkpoint-storage.ts';

/**
 * Opens a device of its own, which runs by what {@link tune} found on its adapter. Throws 'no-adapter', saying what to do,
 * where there is none of the kind asked for, and 'unsupported' where it lacks what the options need.
 */
export function createDevice(options: CreateDeviceOptions = {}): Promise<Device> {
  return openTunedDevice(browserAdapters, browserTuningStore, options);
}

/**
 * Finds the fastest kernels for the convolutions that `work` runs, the most expensive ones first, and takes them from now on: on
 * this device, and, kept in IndexedDB, on all later ones of its adapter. `work` is called once, but runs no kernel.
 * A candidate must give the plain kernel's result. It is timed by timestamp queries where the adapter has fine ones, else by the
 * clock, and replaces what the heuristics take only where its gain exceeds the noise of both. `signal` and `budget` (seconds)
 * stop it; what was decided by then is taken and kept. Results of tuned and untuned devices differ by rounding. Throws
 * 'bad-file' where the result cannot be kept; it holds on this device then.
 *
 *     await tune(device, () => model(images));
 *     await tune(device, () => rehearseStep(model, optimizer, batch), { budget: 60 });
 */
export function tune(device: Device, work: () => void, options?: TuneOptions): Promise<TunedPass[]> {
  return tuneInto(browserTuningStore, device, work, options);
}
