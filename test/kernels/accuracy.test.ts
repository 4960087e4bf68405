import { describe, expect, test } from 'vitest';
import { accuracySequence } from '../../src/kernels/accuracy.ts';
import type { Operand } from '../../src/kernels/padding.ts';
import * as reference from '../reference/accuracy.ts';
import { fromArray, map, type NdArray, randomUniform, xorshift } from '../reference/array.ts';
import fc from '../support/fast-check.ts';
import { inMemory, unwritten } from '../support/operands.ts';
import { runSequence } from '../support/run-kernel.ts';

const SCALAR: Operand = { shape: [1], layout: 'row-major' };

/** The hits, times `factor`. */
async function hits(scores: NdArray, labels: readonly number[], factor?: number): Promise<number> {
  const [rows, classes] = scores.shape as [number, number];
  const { share } = await runSequence(accuracySequence(rows, classes, factor), {
    scores: inMemory(scores, 'row-major'),
    labels: Int32Array.from(labels),
    share: unwritten(SCALAR),
  });
  return share[0]!;
}

const classCount = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(2, 16, 17, 1000));

test('counts the rows whose first greatest score stands at the label', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 300 }), classCount, fc.nat(), async (rows, classes, seed) => {
      const next = xorshift(seed);
      // Few different scores: many ties.
      const scores = map(randomUniform([rows, classes], next, -3, 3), Math.round);
      const best = reference.topClass(scores);
      const labels = best.map((k) => (next() < 0.5 ? k : Math.floor(next() * classes)));
      const expected = best.filter((k, n) => k === labels[n]).length;
      expect(await hits(scores, labels)).toBe(expected);
    }),
    { numRuns: 15 },
  );
});

test('more rows than threads', async () => {
  const rows = 10_001;
  const scores = randomUniform([rows, 2], xorshift(5));
  const labels = reference.topClass(scores).map((k, n) => (n % 3 === 0 ? 1 - k : k));
  const expected = reference.accuracy(scores, fromArray([rows], labels));
  expect(await hits(scores, labels, 1 / rows)).toBeCloseTo(expected, 6);
});

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe.each([2, 20])('with %i classes', (classes) => {
  const row = (...scores: number[]) => [...scores, ...new Array<number>(classes - 2).fill(-infinity)];
  const cases: Record<string, [scores: number[], label: number, hit: number]> = {
    'a tie goes to the lower class': [row(0.5, 0.5), 0, 1],
    'zeros of both signs tie': [row(-0, 0), 0, 1],
    'infinity is a score': [row(3e38, infinity), 1, 1],
    'minus infinity is one too': [row(-infinity, -infinity), 0, 1],
    'negative scores': [row(-2, -1), 1, 1],
    'a NaN is no hit': [row(nan, 1), 1, 0],
    'nor where the label is': [row(nan, 1), 0, 0],
    'a label that is no class': [row(1, 0), -1, 0],
  };

  test.each(Object.entries(cases))('%s', async (_, [scores, label, hit]) => {
    expect(await hits(fromArray([1, classes], scores), [label])).toBe(hit);
  });
});
