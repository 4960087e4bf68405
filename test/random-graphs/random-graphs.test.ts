/**
 * @file Random programs give the gradients of a float64 tape.
 *
 * `FOVEA_PROGRAMS` says how many are drawn: 300 by default, 2 000 where tests are thorough, 500 on SwiftShader.
 */

import { afterAll, expect, test } from 'vitest';
import * as ops from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import { openTestDevice } from '../support/device.ts';
import fc from '../support/fast-check.ts';
import { thoroughly } from '../support/thorough.ts';
import { disagreement } from './judge.ts';
import { arbitraryDraft, build, KINDS, type Program } from './program.ts';
import { runProgram } from './run-program.ts';
import type { Outcome } from './tape.ts';
import { drawValues, type Values } from './values.ts';

let device: Device | undefined;

afterAll(() => device?.destroy());

/** A device that works: a defect of a program may kill one. */
async function workingDevice(): Promise<Device> {
  device ??= await openTestDevice();
  return device;
}

async function runOnDevice(program: Program, values: Values): Promise<Outcome> {
  try {
    return await runProgram(await workingDevice(), program, values);
  } catch (error) {
    device?.destroy();
    device = undefined;
    throw error;
  }
}

test('every op has a part in them', () => {
  expect(new Set(KINDS.map((kind) => kind.replace('Number', '')))).toEqual(new Set(Object.keys(ops)));
});

test('random programs give the gradients of the tape', async () => {
  const { info } = await workingDevice();
  const numRuns = Number(
    process.env.FOVEA_PROGRAMS ?? (/swiftshader/i.test(info.name) ? 500 : thoroughly(2000, 300)),
  );
  const counts = { right: 0, unstable: 0, without: 0 };
  await fc.assert(
    fc.asyncProperty(arbitraryDraft(12), async (draft) => {
      const program = build(draft);
      if (!program) {
        counts.without++;
        return;
      }
      const values = drawValues(program);
      const found = await disagreement(program, values, () => runOnDevice(program, values));
      if (found === null) counts.unstable++;
      else if (found === undefined) counts.right++;
      else throw new Error(`${found}\n${JSON.stringify(program)}`);
    }),
    { numRuns },
  );
  console.info(
    `${counts.right} programs right, ${counts.unstable} that noise decides, ${counts.without} without a loss`,
  );
  expect(counts.unstable).toBeLessThan(numRuns / 5);
  expect(counts.without).toBeLessThan(numRuns / 20);
}, 3_600_000);
