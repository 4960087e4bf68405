/**
 * @file What becomes of a device that has to be trusted; `verify` itself is a stand-in here.
 */

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import { nodeAdapters } from '../../src/device/node/adapters.ts';
import { algorithmsOf } from '../../src/tensor/tuning.ts';
import type { KeptKind, TuningStore } from '../../src/tune/tuning-store.ts';
import type { Certificate, Finding } from '../../src/verify/certificate.ts';
import { trustDevice } from '../../src/verify/trust.ts';
import { VERSION } from '../../src/version.ts';
import { PASSED } from '../support/certificate.ts';
import { openTestDevice } from '../support/device.ts';

const wrong: Finding = { error: 0.25, bound: 1e-6, passed: false, about: 'rows: d0' };
const { verify } = vi.hoisted(() => ({ verify: vi.fn<(device: Device) => Promise<Certificate>>() }));
vi.mock('../../src/verify/verify.ts', () => ({ verify }));

/** Keeps texts in memory. */
class Store implements TuningStore {
  readonly texts = new Map<string, string>();
  async load(adapter: string, kind: KeptKind = 'tuning') {
    return this.texts.get(`${kind} ${adapter}`);
  }
  async save(adapter: string, text: string, kind: KeptKind = 'tuning') {
    this.texts.set(`${kind} ${adapter}`, text);
  }
}

let device: Device;
let store: Store;
const origin = () => ({ source: nodeAdapters, store });
const warnings: string[] = [];

beforeEach(async () => {
  device = await openTestDevice({ onWarning: (message) => warnings.push(message) });
  store = new Store();
  warnings.length = 0;
  verify.mockReset();
  verify.mockResolvedValue(PASSED);
});
afterEach(() => device.destroy());

test('once is enough for an adapter, and always is always', async () => {
  await trustDevice(device, origin(), 'once');
  await trustDevice(device, origin(), 'once');
  expect(verify).toHaveBeenCalledTimes(1);
  await trustDevice(device, origin(), 'always');
  expect(verify).toHaveBeenCalledTimes(2);
  expect([...store.texts.keys()]).toEqual([expect.stringMatching(/^verification /)]);
});

test('what it has passed without is not used on later devices either', async () => {
  verify.mockResolvedValue({ ...PASSED, struck: ['depthwise'] });
  await trustDevice(device, origin(), 'once');
  expect(algorithmsOf(device).map(({ name }) => name)).not.toContain('depthwise');
  const later = await openTestDevice();
  await trustDevice(later, origin(), 'once');
  expect(algorithmsOf(later).map(({ name }) => name)).not.toContain('depthwise');
  expect(verify).toHaveBeenCalledTimes(1);
  later.destroy();
});

test.each([
  ['another version', (text: string) => text.replace(VERSION, '0.0.0')],
  ['another driver', (text: string) => text.replace('"adapter":"', '"adapter":"other ')],
  ['no list', (text: string) => text.replace('[]', '7')],
  ['no JSON', (text: string) => text.slice(1)],
])('what was kept is worth nothing: %s', async (_, change) => {
  await trustDevice(device, origin(), 'once');
  for (const [key, text] of store.texts) store.texts.set(key, change(text));
  await trustDevice(device, origin(), 'once');
  expect(verify).toHaveBeenCalledTimes(2);
});

test('an adapter that fails is refused, each time, with what is wrong and the certificate', async () => {
  const failed = { ...PASSED, passed: false, ops: [{ op: 'softmax', ...wrong }] };
  verify.mockResolvedValue(failed);
  const refused = await trustDevice(device, origin(), 'once').catch((error: unknown) => error);
  expect(refused).toMatchObject({
    code: 'untrustworthy-adapter',
    message: expect.stringMatching(
      /^the adapter 'a test' computes wrongly: softmax \(rows: d0\) has a relative error of 2\.5e-1, where 1\.0e-6 is the most, and 1 check fails in all/,
    ),
    cause: failed,
  });
  expect(store.texts.size).toBe(0);
  await expect(device.finished()).rejects.toMatchObject({ code: 'device-lost' });
});

test('a place where nothing can be kept is no reason to refuse', async () => {
  store.save = async () => {
    throw new Error('read-only');
  };
  await trustDevice(device, origin(), 'once');
  expect(warnings).toEqual([expect.stringMatching(/will be verified again: read-only$/)]);
});
