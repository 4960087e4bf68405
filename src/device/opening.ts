/**
 * @file What a device is made of when it is opened, and when it is opened again.
 */

import type { AdapterSource } from './adapter-source.ts';
import type { DeviceInfo } from './info.ts';
import type { DeviceOptions } from './options.ts';
import type { Profiler } from './profiler.ts';

/** Shows that a device is made by what opens one. */
export const OPENED = Symbol('opened');

/** A device of WebGPU's, and what it is. */
export interface OpenedDevice {
  readonly gpu: GPUDevice;
  readonly info: DeviceInfo;
  /** Measures every dispatch, where that was asked for. */
  readonly profiler: Profiler | undefined;
}

/** A device of WebGPU's, and how to get another one when it is lost. */
export interface Opening {
  readonly first: OpenedDevice;
  readonly options: DeviceOptions;
  /** See {@link AdapterSource.rest}. */
  readonly rest: AdapterSource['rest'];
  /** Opens the same adapter again. */
  again(): Promise<OpenedDevice>;
}
