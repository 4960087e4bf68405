/** @file Tests of the reference losses: values of PyTorch 2.13, gradients by finite differences. */

import { expect, test } from 'vitest';
import { fromArray, map, randomNormal, xorshift } from './array.ts';
import { gradientError } from './finite-difference.ts';
import { sigmoidCrossEntropy, sigmoidCrossEntropyBackward } from './loss.ts';
import {
  dice,
  diceBackward,
  l1,
  mse,
  pointwiseLoss,
  pointwiseLossBackward,
  smoothL1,
} from './pointwise-loss.ts';

const x = fromArray([4], [1, -2, 0.5, 3]);
const z = fromArray([4], [0.25, -2, 2, 1]);
const ones = fromArray([4], [1, 1, 1, 1]);
const total = ({ data }: { readonly data: Float64Array }) => data.reduce((all, value) => all + value, 0);

test("PyTorch's numbers", () => {
  expect(total(pointwiseLoss(mse, x, z)) / 4).toBe(1.703125);
  expect(total(pointwiseLoss(l1, x, z))).toBe(4.25);
  expect(total(pointwiseLoss(smoothL1(1), x, z)) / 4).toBe(0.6953125);
  expect(total(pointwiseLoss(smoothL1(1.75), x, z))).toBeCloseTo(1.9285714285714286, 14);
  const slopes = pointwiseLossBackward(smoothL1(1.75), x, z, ones).dx;
  [3 / 7, 0, -6 / 7, 1].forEach((slope, i) => void expect(slopes.data[i]).toBeCloseTo(slope, 14));
  const labels = fromArray([4], [1, 0, 1, 0.5]);
  const weighted = sigmoidCrossEntropy(x, labels, { positiveWeight: 3 });
  expect(total(weighted) / 4).toBeCloseTo(1.0215296823213613, 14);
});

test('dice by hand', () => {
  const p = fromArray([1, 2, 2], [0.5, 1, 0, 0]);
  const t = fromArray([1, 2, 2], [0, 1, 0, 0]);
  expect([...dice(p, t).data]).toEqual([1 - 3 / 3.5, 0]);
});

test('gradients', () => {
  const next = xorshift(8);
  const [a, b] = [randomNormal([2, 3, 4], next), randomNormal([2, 3, 4], next)];
  for (const loss of [mse, l1, smoothL1(0.7)]) {
    const error = gradientError(
      (x, z) => pointwiseLoss(loss, x!, z!),
      (dy) => {
        const { dx, dz } = pointwiseLossBackward(loss, a, b, dy);
        return [dx, dz];
      },
      [a, b],
      next,
    );
    expect(error).toBeLessThan(1e-7);
  }
  const [p, t] = [a, b].map((values) => map(values, Math.abs));
  const error = gradientError(
    (p, t) => dice(p!, t!),
    (dy) => [diceBackward(p!, t!, dy), diceBackward(t!, p!, dy)],
    [p!, t!],
    next,
  );
  expect(error).toBeLessThan(1e-7);
  const options = { positiveWeight: 2.5 };
  const weighted = gradientError(
    (x) => sigmoidCrossEntropy(x!, t!, options),
    (dy) => [sigmoidCrossEntropyBackward(a, t!, dy, options)],
    [a],
    next,
  );
  expect(weighted).toBeLessThan(1e-7);
});
