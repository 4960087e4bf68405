/**
 * @file Whether what a caller gave as a device is one.
 */

import { checkArgument, instanceOf } from '../arguments.ts';
import { Device } from '../device/device.ts';

const DEVICE = instanceOf(Device, 'a Device, as createDevice() resolves to');

/** Throws 'invalid-argument' unless `device` is one. */
export function checkDevice(what: string, device: Device): void {
  if (!(device instanceof Device)) checkArgument(`the device of ${what}`, device, DEVICE);
}
