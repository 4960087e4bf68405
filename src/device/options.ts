/**
 * @file How a device is opened.
 */

import { check } from '../errors.ts';
import type { AdapterKind } from './adapter-source.ts';

/** What {@link Device.open} takes. */
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
   * Watch kernels of one's own; false by default, since it costs several dispatches and a read for each of them. Fresh
   * tensors hold a pattern in place of arbitrary numbers. After each kernel that `run` runs on tensors, those it writes
   * are looked at: an element that still holds the pattern was not written, and padding must be zero. Its source is
   * compared with what was compiled under its key. The next read, or `finished`, rejects with 'validation' and names the kernel.
   */
  readonly checked?: boolean;
}

/** What the value of an option must be: a test, and the words for it. */
export type OptionRule = readonly [holds: (value: unknown) => boolean, wanted: string];

const ADAPTERS: readonly unknown[] = ['auto', 'hardware', 'software'] satisfies AdapterKind[];
const BYTES: OptionRule = [(value) => typeof value === 'number' && value > 0, 'a number of bytes above 0'];

/** For options that are on or off. */
export const SWITCH: OptionRule = [(value) => typeof value === 'boolean', 'true or false'];

/** The rules of {@link DeviceOptions}. */
export const DEVICE_OPTIONS: Readonly<Record<keyof DeviceOptions, OptionRule>> = {
  adapter: [(value) => ADAPTERS.includes(value), "'auto', 'hardware' or 'software'"],
  memoryLimit: BYTES,
  bindingLimit: BYTES,
  profile: SWITCH,
  checked: SWITCH,
};

/**
 * Throws 'invalid-argument' where the options of a device break their rules, or there is no rule for one. An option that is
 * undefined is left out.
 */
export function checkOptions(options: object, rules: Readonly<Record<string, OptionRule>>): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    check(rule !== undefined, 'invalid-argument', () => {
      return `createDevice has no option '${name}': those there are are ${Object.keys(rules).join(', ')}`;
    });
    const [holds, wanted] = rule;
    check(value === undefined || holds(value), 'invalid-argument', () => {
      return `createDevice: \`${name}\` is ${formatValue(value)}, it must be ${wanted}`;
    });
  }
}

function formatValue(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
