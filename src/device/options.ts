/**
 * @file How a device is opened.
 */

import { BOOLEAN, FUNCTION, type OptionRules, oneOf, type Rule } from '../arguments.ts';
import type { AdapterKind } from './adapter-source.ts';

/** How a device is opened. */
export interface DeviceOptions {
  /** The adapter wanted, `'auto'` by default: hardware, else software (see {@link DeviceInfo.software}). */
  readonly adapter?: AdapterKind;
  /** The most bytes that tensors may hold; allocating more throws 'out-of-memory'. No bound by default. */
  readonly memoryLimit?: number;
  /**
   * The most bytes of a buffer that a kernel is shown, what the adapter offers by default: larger batches are run in
   * parts. Lower it to try that.
   */
  readonly bindingLimit?: number;
  /** Measure every kernel with timestamp queries (needs the feature `timestamp-query`); false by default. */
  readonly profile?: boolean;
  /**
   * Watch the user's own kernels; false by default, since each costs several dispatches and a read then. Fresh memory holds
   * a pattern in place of arbitrary numbers. After each kernel that `run` runs on tensors, those it writes are inspected:
   * an element that still holds the pattern was not written, and padding must be zero. The next read, or `finished`,
   * rejects with 'validation' and names the kernel. The WGSL of every plan is compared with what was compiled under its
   * key, and a difference thrown as 'invalid-argument'.
   */
  readonly checked?: boolean;
  /**
   * Takes warnings, such as one of thousands of tensors that no scope frees; each comes once per
   * device. By default they go to `console.warn`; `() => {}` silences them.
   */
  readonly onWarning?: (message: string) => void;
}

const MEMORY: Rule = {
  holds: (value) => typeof value === 'number' && value > 0,
  words: 'a number of bytes above 0',
};

/** The rules of {@link DeviceOptions}. */
export const DEVICE_OPTIONS: OptionRules<DeviceOptions> = {
  adapter: oneOf(...(['auto', 'hardware', 'software'] satisfies AdapterKind[])),
  memoryLimit: MEMORY,
  bindingLimit: MEMORY,
  profile: BOOLEAN,
  checked: BOOLEAN,
  onWarning: FUNCTION,
};
