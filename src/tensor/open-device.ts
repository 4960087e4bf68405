/**
 * @file Opens a device that has the algorithms for its kind of adapter.
 *
 * They are modules of their own that are imported here, on demand: a page on a GPU downloads no kernel for software adapters,
 * and a page downloads either only once it has a device.
 */

import type { AdapterSource } from '../device/adapter-source.ts';
import type { Device } from '../device/device.ts';
import { openBareDevice } from '../device/open.ts';
import type { DeviceOptions } from '../device/options.ts';
import { FoveaError } from '../errors.ts';
import type { Algorithm } from '../kernels/conv2d/algorithm.ts';
import { setAlgorithms } from './tuning.ts';

/**
 * Opens a device on an adapter of a source of your own; `createDevice` does so on those of Node or the browser, and runs by what
 * was tuned. Throws 'no-adapter' where there is no adapter or it gives no device, 'unsupported' where it cannot
 * measure kernels and `profile` asks for that, and 'bad-file' where the kernels for the adapter cannot be loaded.
 */
export async function openDevice(source: AdapterSource, options: DeviceOptions = {}): Promise<Device> {
  const device = await openBareDevice(source, options);
  try {
    setAlgorithms(device, await loadAlgorithms(device.info.software));
    return device;
  } catch (cause) {
    device.destroy();
    const { message } = cause as Error;
    throw new FoveaError(
      'bad-file',
      `the kernels for the adapter '${device.info.name}' cannot be loaded: ${message}; a page must serve all files of fovea's dist/`,
      { cause },
    );
  }
}

/** The algorithms made for a kind of adapter. */
async function loadAlgorithms(software: boolean): Promise<readonly Algorithm[]> {
  if (software) return (await import('../kernels/conv2d/for-software.ts')).ALGORITHMS_FOR_SOFTWARE;
  return (await import('../kernels/conv2d/for-hardware.ts')).ALGORITHMS_FOR_HARDWARE;
}
