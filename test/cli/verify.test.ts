/**
 * @file What `fovea verify` prints and how it exits; `verify` itself is a stand-in here.
 */

import { afterEach, expect, test, vi } from 'vitest';
import { verifyCommand } from '../../src/cli/verify.ts';
import type { Device } from '../../src/device/device.ts';
import type { Certificate } from '../../src/verify/certificate.ts';
import { PASSED, RIGHT } from '../support/certificate.ts';
import { runInProcess } from './run-in-process.ts';

const passed: Certificate = { ...PASSED, fovea: '1' };
const failed: Certificate = {
  ...passed,
  passed: false,
  ops: [{ op: 'softmax', ...RIGHT, error: Number.POSITIVE_INFINITY, passed: false }],
};
const { verify } = vi.hoisted(() => ({ verify: vi.fn<(device: Device) => Promise<Certificate>>() }));
vi.mock('../../src/verify/verify.ts', () => ({ verify }));

/** What the command writes to stdout, and the exit code it leaves. */
function run(certificate: Certificate, ...args: string[]) {
  verify.mockResolvedValue(certificate);
  return runInProcess(verifyCommand, args);
}

afterEach(() => vi.restoreAllMocks());

test('a table, and 0 where it has passed', async () => {
  const { written, code } = await run(passed);
  expect(code).toBe(0);
  expect(written).toBe(
    [
      'a test, in here, fovea 1',
      '',
      '          relative error  at most      the worst result',
      '-------------------------------------------------------',
      'softmax           1.0e-8   1.0e-6  ok  rows: y',
      'training          1.0e-8   1.0e-6  ok  loss 1',
      '',
      'Passed, in 1.5 seconds.',
      '',
    ].join('\n'),
  );
});

test('what is wrong, and 1 where it has not', async () => {
  const { written, code } = await run(failed);
  expect(code).toBe(1);
  expect(written).toMatch(/^softmax +Infinity +1\.0e-6 {2}WRONG {2}rows: y$/m);
  expect(written).toMatch(/^FAILED: 1 findings are wrong, in 1\.5 seconds\.\nPlease report this\.\n$/m);
});

test('with --json one object, and the same codes', async () => {
  const good = await run(passed, '--json');
  expect({ ...good, written: JSON.parse(good.written) }).toEqual({ written: passed, code: 0 });
  const bad = await run(failed, '--json');
  expect(bad.code).toBe(1);
  expect(JSON.parse(bad.written)).toMatchObject({ passed: false, ops: [{ op: 'softmax', error: null }] });
});
