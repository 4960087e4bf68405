/**
 * @file What a tuning table is valid for.
 */

import type { DeviceInfo } from '../device/info.ts';
import { VERSION } from '../version.ts';

/** What a tuning table is valid for: the kernels, the adapter with its driver, and a browser's version. */
export interface TuningKey {
  readonly version: string;
  readonly adapter: string;
}

/** The key of what is measured on a device now. */
export function tuningKeyOf({ name, vendor, architecture }: DeviceInfo): TuningKey {
  const browser = globalThis.navigator?.userAgent ?? '';
  return { version: VERSION, adapter: [name, vendor, architecture, browser].filter(Boolean).join(', ') };
}
