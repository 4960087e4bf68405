/**
 * @file The figures that are part of the package are those that the references make, and say of every op what they should.
 */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as ops from '../../src/autograd/ops.ts';
import { ALGORITHMS_FOR_HARDWARE } from '../../src/kernels/conv2d/for-hardware.ts';
import { ALGORITHMS_FOR_SOFTWARE } from '../../src/kernels/conv2d/for-software.ts';
import { PASSES } from '../../src/kernels/conv2d/passes.ts';
import { OP_CASES } from '../../src/verify/cases/all.ts';
import { nameOf } from '../../src/verify/cases/case.ts';
import { algorithmChecks } from '../../src/verify/checks.ts';
import { figureOf, relativeErrorOf } from '../../src/verify/figure.ts';
import { FIGURES } from '../../src/verify/figures.ts';
import { TRAINING_BOUND, TRAINING_NAME } from '../../src/verify/run-training.ts';
import { xorshift } from '../reference/array.ts';
import { figuresSource, makeFigures } from './figures.ts';
import { referenceTraining } from './training-reference.ts';

test('the figures are what `npm run verify-figures` writes', () => {
  expect(figuresSource(makeFigures())).toBe(readFileSync('src/verify/figures.ts', 'utf8'));
});

test('every op has cases, no two of one name, and every result is something', () => {
  expect(new Set(OP_CASES.map(({ op }) => op))).toEqual(new Set(Object.keys(ops)));
  expect(new Set(OP_CASES.map(nameOf)).size).toBe(OP_CASES.length);
  for (const [name, results] of Object.entries(FIGURES))
    for (const [result, [norm]] of Object.entries(results))
      expect(norm, `${name}: ${result}`).toBeGreaterThan(1e-3);
});

test.each([
  [
    'software',
    ALGORITHMS_FOR_SOFTWARE,
    { software: true, subgroupLanes: 8, readableTextures: true, sumsPerThread: 64 },
  ],
  [
    'hardware',
    ALGORITHMS_FOR_HARDWARE,
    { software: false, subgroupLanes: 32, readableTextures: true, sumsPerThread: 64 },
  ],
] as const)(
  'every algorithm for %s is tried in every pass that it may be chosen for',
  (_, algorithms, target) => {
    const tried = algorithmChecks(algorithms, target).map(
      ({ algorithm, pass }) => `${algorithm.name} ${pass}`,
    );
    const all = algorithms.flatMap(({ name }) => PASSES.map((pass) => `${name} ${pass}`));
    // Winograd's tiles make no gradients of weights.
    expect(new Set(tried)).toEqual(new Set(all.filter((name) => name !== 'winograd backwardWeight')));
  },
);

describe('a figure tells a result from', () => {
  const values = Float64Array.from({ length: 321 }, (_, i) => Math.sin(i * i));
  const figure = figureOf(values);
  const norm = figure[0];

  test('itself, not at all', () => {
    expect(relativeErrorOf(values, figure)).toBe(0);
  });

  test.each([
    ['zeros', values.map(() => 0)],
    ['its negative', values.map((value) => -value)],
    ['one whose last element is missing', values.map((value, i) => (i < 320 ? value : 0))],
    [
      'one with two neighbours exchanged',
      values.map((value, i) => (i === 7 ? values[8]! : i === 8 ? values[7]! : value)),
    ],
    ['one that begins an element late', values.map((_, i) => values[(i + 1) % 321]!)],
  ])('%s', (_, other) => {
    const error = Math.sqrt(values.reduce((sum, value, i) => sum + (value - other[i]!) ** 2, 0)) / norm;
    expect(relativeErrorOf(other, figure) / error).toBeGreaterThan(0.3);
    expect(relativeErrorOf(other, figure) / error).toBeLessThan(4);
  });

  test('one with a NaN, infinitely', () => {
    expect(relativeErrorOf(values.with(3, Number.NaN), figure)).toBeNaN();
  });
});

test('the bound of training is above what noise of the size of float32 does, and not far above', () => {
  const exact = FIGURES[TRAINING_NAME]!;
  const next = xorshift(3);
  const errors = [1, 2, 3].flatMap(() =>
    Object.entries(referenceTraining(() => 2 ** -23 * (2 * next() - 1))).map(([name, { data }]) =>
      relativeErrorOf(data, exact[name]!),
    ),
  );
  const most = Math.max(...errors);
  expect(TRAINING_BOUND / most).toBeGreaterThan(10);
  expect(TRAINING_BOUND / most).toBeLessThan(1000);
});
