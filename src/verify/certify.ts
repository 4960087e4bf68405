/**
 * @file Verifies an adapter on a device that is opened for it, as `createDevice` has it done.
 *
 * In the browser build this is a bundle of its own, with a copy of all that it needs (`verificationApart` in
 * `scripts/smaller-bundles.ts`): it runs every op, and where it shared them with the page, no bundler could leave one out of it. So
 * nothing of a class of fovea's passes in or out.
 */

import type { AdapterSource } from '../device/adapter-source.ts';
import type { DeviceOptions } from '../device/options.ts';
import { openDevice } from '../tensor/open-device.ts';
import type { Certificate } from './certificate.ts';
import { type VerifyOptions, verify } from './verify.ts';

/** What `verify` finds on an adapter of `source`. */
export async function certify(
  source: AdapterSource,
  options: DeviceOptions,
  verifyOptions: VerifyOptions,
): Promise<Certificate> {
  const device = await openDevice(source, options);
  try {
    return await verify(device, verifyOptions);
  } finally {
    device.destroy();
  }
}
