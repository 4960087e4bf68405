import { describe, expect, test } from 'vitest';
import {
  labelCountSequence,
  type SigmoidCrossEntropyOptions,
  sigmoidCrossEntropyBackwardPlan,
  sigmoidCrossEntropyPlan,
} from '../../src/kernels/loss.ts';
import type { Operand } from '../../src/kernels/padding.ts';
import {
  fromArray,
  map,
  maxAbsDifference,
  type NdArray,
  randomUniform,
  xorshift,
} from '../reference/array.ts';
import * as reference from '../reference/loss.ts';
import fc from '../support/fast-check.ts';
import { arbitraryOperand, fromMemory, inMemory, PADDED_OPERANDS, unwritten } from '../support/operands.ts';
import { runKernel, runSequence } from '../support/run-kernel.ts';

const SCALAR: Operand = { shape: [1], layout: 'row-major' };

/** Loss and gradient of logits on the device. */
async function run(
  operand: Operand,
  { x, z, dy }: { x: NdArray; z: NdArray; dy: NdArray },
  options: SigmoidCrossEntropyOptions,
): Promise<{ loss: NdArray; dx: NdArray }> {
  const { layout } = operand;
  const [logits, labels] = [inMemory(x, layout), inMemory(z, layout)];
  const count = options.normalize
    ? [
        (await runSequence(labelCountSequence(operand, options), { z: labels, count: unwritten(SCALAR) }))
          .count,
      ]
    : [];
  const forward = sigmoidCrossEntropyPlan(operand, options);
  const loss = (await runKernel(forward, [logits, labels, ...count, unwritten(operand)])).at(-1)!;
  const backward = sigmoidCrossEntropyBackwardPlan(operand, options);
  const gradients = [logits, labels, inMemory(dy, layout), ...count, unwritten(operand)];
  const dx = (await runKernel(backward, gradients)).at(-1)!;
  return { loss: fromMemory(loss, operand), dx: fromMemory(dx, operand) };
}

describe.each([false, true])('with normalize %s', (normalize) => {
  test('loss and gradient agree with float64', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryOperand,
        fc.nat(),
        fc.constantFrom(-100, 0, 1),
        async (operand, seed, ignoreIndex) => {
          const next = xorshift(seed);
          const x = randomUniform(operand.shape, next, -8, 8);
          const labels = [0, 1, ignoreIndex];
          const z = map(x, () => labels[Math.floor(next() * 3)]!);
          const dy = randomUniform(operand.shape, next);
          const options = { ignoreIndex, normalize };
          const actual = await run(operand, { x, z, dy }, options);
          const loss = reference.sigmoidCrossEntropy(x, z, options);
          const dx = reference.sigmoidCrossEntropyBackward(x, z, dy, options);
          expect(maxAbsDifference(actual.loss, loss)).toBeLessThan(1e-6);
          expect(maxAbsDifference(actual.dx, dx)).toBeLessThan(2e-7);
        },
      ),
      { numRuns: 10, examples: PADDED_OPERANDS.map((operand) => [operand, 1, -100]) },
    );
  });
});

test('divides by 1 where all labels are ignored', async () => {
  const operand: Operand = { shape: [3, 1], layout: 'row-major' };
  const x = fromArray([3, 1], [1, 2, 3]);
  const z = fromArray([3, 1], [-100, -100, -100]);
  const { loss, dx } = await run(operand, { x, z, dy: x }, { normalize: true });
  expect([...loss.data, ...dx.data]).toEqual([0, 0, 0, 0, 0, 0]);
});

test('small losses are exact relative to themselves', async () => {
  const logits = Float32Array.from({ length: 1024 }, (_, i) => i * (30 / 1024));
  const size = logits.length;
  const operand: Operand = { shape: [size], layout: 'row-major' };
  const [, , loss] = await runKernel(sigmoidCrossEntropyPlan(operand), [
    logits,
    new Float32Array(size).fill(1),
    unwritten(operand),
  ]);
  logits.forEach((x, i) => {
    const expected = Math.log1p(Math.exp(-x));
    expect(Math.abs(loss[i]! / expected - 1)).toBeLessThan(2 ** -23 * (6 + 2 * x));
  });
});

test('huge logits give finite losses, NaN a NaN', async () => {
  const operand: Operand = { shape: [4], layout: 'row-major' };
  const [, , loss] = await runKernel(sigmoidCrossEntropyPlan(operand), [
    Float32Array.from([1e4, -1e4, 1e4, Number.NaN]),
    Float32Array.from([1, 1, 0, 0]),
    unwritten(operand),
  ]);
  expect([...loss]).toEqual([0, 1e4, 1e4, Number.NaN]);
});

test('a logit that is NaN has a gradient that is NaN, and no other has', async () => {
  const x = fromArray([4], [1, Number.NaN, -Number.NaN, 0]);
  const z = fromArray([4], [1, 1, 0, 0]);
  const operand: Operand = { shape: [4], layout: 'row-major' };
  const { dx } = await run(operand, { x, z, dy: fromArray([4], [1, 1, 1, 1]) }, {});
  expect([...dx.data].map(Number.isNaN)).toEqual([false, true, true, false]);
});
