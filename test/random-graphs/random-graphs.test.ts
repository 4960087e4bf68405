/**
 * @file Random programs give the gradients of a float64 tape.
 *
 * `FOVEA_PROGRAMS` says how many are drawn: 600 by default, 2 000 where tests are thorough, 500 on SwiftShader.
 */

import { afterAll, expect, test } from 'vitest';
import * as ops from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import { FoveaError } from '../../src/errors.ts';
import type { NdArray } from '../reference/array.ts';
import { xorshift } from '../reference/array.ts';
import { openTestDevice } from '../support/device.ts';
import fc from '../support/fast-check.ts';
import { thoroughly } from '../support/thorough.ts';
import { arbitraryDraft, build, KINDS, type Program } from './program.ts';
import { runProgram } from './run-program.ts';
import { type Outcome, runTape } from './tape.ts';
import { drawValues, type Values } from './values.ts';

/** Relative noise on what the tape computes: a few roundings of float32. */
const NOISE = 2 ** -22;
/** How much further than the noise moves it, and how far beyond, as a share of its largest element, a result may be off. */
const NOISE_FACTOR = 20;
const TOLERANCE = 2e-5;
/** Of a result that noise moves further than this share, nothing can be said. */
const UNSTABLE = 1e-2;

let device: Device | undefined;

afterAll(() => device?.destroy());

/** A device that works: a defect of a program may kill one. */
async function workingDevice(): Promise<Device> {
  device ??= await openTestDevice();
  return device;
}

/** What disagrees, in words; undefined where the program can be trusted, null where noise decides it. */
async function disagreement(program: Program, values: Values): Promise<string | undefined | null> {
  const exact = runTape(program, values);
  const next = xorshift(program.seed + 7);
  const noisy = [1, 2, 3].map(() => runTape(program, values, () => NOISE * (2 * next() - 1)));
  const expected = labelled(exact);
  const spreads = expected.map(([, array], i) =>
    spread(
      array,
      noisy.map((outcome) => labelled(outcome)[i]![1]),
    ),
  );
  if (spreads.some((found) => !(found < UNSTABLE))) return null;
  let actual: Outcome;
  try {
    actual = await runProgram(await workingDevice(), program, values);
  } catch (error) {
    device?.destroy();
    device = undefined;
    return error instanceof FoveaError ? `${error.code}: ${error.message}` : String(error);
  }
  for (const [i, [name, array]] of labelled(actual).entries()) {
    const reference = expected[i]![1];
    if (!array !== !reference)
      return `${name}: ${array ? 'a' : 'no'} gradient, the tape has ${reference ? 'one' : 'none'}`;
    const error = spread(reference, [array]);
    if (!(error <= TOLERANCE + NOISE_FACTOR * spreads[i]!))
      return `${name}: ${array!.data} instead of ${reference!.data}, off by ${error} (noise ${spreads[i]})`;
  }
  return undefined;
}

function labelled({ losses, gradients, running }: Outcome): [string, NdArray | undefined][] {
  return [
    ...losses.map((array, i) => [`loss ${i}`, array] as [string, NdArray]),
    ...gradients.map((array, i) => [`gradient of leaf ${i}`, array] as [string, NdArray | undefined]),
    ...running.map((array, i) => [`running statistic ${i}`, array] as [string, NdArray | undefined]),
  ];
}

/** How far `others` are from `reference` at most, as a share of its largest element; 0 where there is none. */
function spread(reference: NdArray | undefined, others: readonly (NdArray | undefined)[]): number {
  if (!reference) return 0;
  const scale = reference.data.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-3);
  return others.reduce(
    (most, other) =>
      reference.data.reduce((far, x, i) => Math.max(far, Math.abs(x - other!.data[i]!) / scale), most),
    0,
  );
}

test('every op has a part in them', () => {
  expect(new Set(KINDS.map((kind) => kind.replace('Number', '')))).toEqual(new Set(Object.keys(ops)));
});

test('random programs give the gradients of the tape', async () => {
  const { info } = await workingDevice();
  const numRuns = Number(
    process.env.FOVEA_PROGRAMS ?? (/swiftshader/i.test(info.name) ? 500 : thoroughly(2000, 600)),
  );
  const counts = { right: 0, unstable: 0, without: 0 };
  await fc.assert(
    fc.asyncProperty(arbitraryDraft(12), async (draft) => {
      const program = build(draft);
      if (!program) {
        counts.without++;
        return;
      }
      const found = await disagreement(program, drawValues(program));
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
