/**
 * @file The programs of docs/write-an-op.md, run as they stand there.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { activations } from './reference/activations.ts';
import {
  makeWorkshop,
  programsIn,
  removeWorkshop,
  runProgram,
  writeProgram,
} from './support/user-programs.ts';

const [gelu, hypotenuse, rmsNorm, ...others] = programsIn('docs/write-an-op.md');

let folder: string;
beforeAll(() => {
  folder = makeWorkshop();
});
afterAll(() => removeWorkshop(folder));

/** The numbers of the first array that was printed, and what `gradCheck` found. */
function readOutput(printed: string): { values: number[]; ok: boolean } {
  const [, list] = /Float32Array\(\d+\) \[([^\]]*)\]/.exec(printed)!;
  return { values: list!.split(',').map(Number), ok: /\bok: true/.test(printed) };
}

const expectClose = (actual: readonly number[], expected: readonly number[]) => {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 5);
};

test('there are three programs, the first of 25 lines or fewer', () => {
  expect(others).toEqual([]);
  expect(gelu!.trim().split('\n').length).toBeLessThanOrEqual(25);
});

test('the first one prints the values of its formula, and gradients that agree with them', async () => {
  const { values, ok } = readOutput(await runProgram(folder, writeProgram(folder, 'gelu.mts', gelu!)));
  expectClose(values, [-2, -0.5, 0, 1, 3].map(activations.geluTanh.value));
  expect(ok).toBe(true);
});

test('the second one too', async () => {
  const printed = await runProgram(folder, writeProgram(folder, 'hypotenuse.mts', hypotenuse!));
  const { values, ok } = readOutput(printed);
  expectClose(
    values,
    [3, 6].flatMap((a) => [4, 8, 2.5].map((b) => Math.hypot(a, b))),
  );
  expect(ok).toBe(true);
});

test('the third one too', async () => {
  const { values, ok } = readOutput(await runProgram(folder, writeProgram(folder, 'norm.mts', rmsNorm!)));
  const rows = [
    [0.5, -1, 2],
    [3, 0.25, -0.75],
  ];
  const gain = [1, 0.5, 2];
  const expected = rows.flatMap((row) => {
    const r = 1 / Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) / row.length + 1e-6);
    return row.map((x, i) => x * r * gain[i]!);
  });
  expectClose(values, expected);
  expect(ok).toBe(true);
});
