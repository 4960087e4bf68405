/**
 * @file What `import 'fovea'` gives in browsers; it reaches no module of Node.
 */

import { Device, type DeviceOptions } from './device/device.ts';
import { browserAdapters } from './device/gpu-browser.ts';

export * from './common.ts';
export { decodeImage } from './data/decode-browser.ts';

/**
 * Opens a device of its own. Throws 'no-adapter', saying what to do, where there is none of the kind asked for, and
 * 'unsupported' where it lacks what the options need.
 */
export function createDevice(options: DeviceOptions = {}): Promise<Device> {
  return Device.open(browserAdapters, options);
}
