import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { gradCheck } from '../../src/autograd/grad-check.ts';
import { gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import * as ops from '../../src/autograd/ops.ts';
import { tensor } from '../../src/tensor/create.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { type Activation, activations } from '../reference/activations.ts';
import { randomUniform, xorshift } from '../reference/array.ts';
import { testDevice } from '../support/device.ts';
import { arbitraryOperand, PADDED_OPERANDS } from '../support/operands.ts';

const OPS: Record<keyof typeof activations, (x: Tensor) => Tensor> = {
  ...ops,
  geluTanh: (x) => ops.gelu(x, { approximate: 'tanh' }),
};

/** Of the larger of the expected number and this. */
const TOLERANCE = 4e-6;
/** Below this, what is left of a difference of numbers around 1 counts as an absolute error. */
const SMALL = 0.05;

const close = (actual: ArrayLike<number>, expected: readonly number[]) => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i]! - value) / Math.max(SMALL, Math.abs(value))).toBeLessThan(TOLERANCE);
  });
};

describe.each(Object.entries(OPS).filter(([name]) => name in activations))('%s', (name, op) => {
  const { value, derivative }: Activation = activations[name as keyof typeof activations];

  test('agrees with float64 on any shape and layout, and keeps padding zero', async () => {
    const device = await testDevice();
    await fc.assert(
      fc.asyncProperty(arbitraryOperand, fc.nat(), async ({ shape, layout }, seed) => {
        const values = Float32Array.from(randomUniform(shape, xorshift(seed), -7, 7).data);
        const x = requiresGrad(tensor(device, values, shape, { layout }));
        const { y, total } = scope(device, () => {
          const y = op(x);
          const total = ops.sum(y);
          backward(total);
          return { y, total };
        });
        close(await y.data(), [...values].map(value));
        close(await gradOf(x)!.data(), [...values].map(derivative));
        // A sum runs over padding too.
        const exact = [...values].map(value).reduce((a, b) => a + b, 0);
        const scale = [...values].map((x) => Math.abs(value(x))).reduce((a, b) => a + b, SMALL);
        expect(Math.abs((await total.item()) - exact) / scale).toBeLessThan(TOLERANCE);
        for (const owned of [x, y, total]) owned.dispose();
      }),
      { numRuns: 12, examples: PADDED_OPERANDS.map((operand) => [operand, 1]) },
    );
  });

  test('its gradients are those of finite differences', async () => {
    const x = tensor(await testDevice(), [-4.1, -2.2, -0.7, 0.05, 0.31, 1.3, 4.4, 2.7]);
    expect(await gradCheck(op, [x])).toMatchObject({ ok: true });
  });

  test('hands NaN on, both ways, and is what it should be at the ends', async () => {
    const device = await testDevice();
    const ends = [-100, 0, 60, Number.NaN];
    const x = requiresGrad(tensor(device, ends));
    const y = scope(device, () => {
      const y = op(x);
      backward(ops.sum(y));
      return y;
    });
    const [results, gradients] = [await y.data(), await gradOf(x)!.data()];
    close(results.subarray(0, 3) as Float32Array, ends.slice(0, 3).map(value));
    close(gradients.subarray(0, 3) as Float32Array, ends.slice(0, 3).map(derivative));
    // ReLU lets the gradient through there: what comes back through a NaN is NaN already.
    expect([results[3], gradients[3]]).toEqual([Number.NaN, name === 'relu' ? 1 : Number.NaN]);
  });
});

test('small arguments keep their relative precision', async () => {
  const small = [1e-30, -1e-10, 1e-4, 0.03, -0.299];
  const y = await ops.tanh(tensor(await testDevice(), small)).data();
  small.forEach((x, i) => {
    expect(Math.abs(y[i]! / Math.tanh(x) - 1)).toBeLessThan(4e-7);
  });
});

test('the tails of the slope of tanh keep their relative precision', async () => {
  const far = [-9, -4, 3, 8];
  const x = requiresGrad(tensor(await testDevice(), far));
  scope(x.device, () => backward(ops.sum(ops.tanh(x))));
  const slopes = await gradOf(x)!.data();
  far.forEach((x, i) => {
    expect(Math.abs(slopes[i]! * Math.cosh(x) ** 2 - 1)).toBeLessThan(2e-6);
  });
});

test('the tail of gelu keeps its relative precision', async () => {
  const far = [-2, -3, -4.5, -6];
  const y = await ops.gelu(tensor(await testDevice(), far)).data();
  far.forEach((x, i) => {
    expect(Math.abs(y[i]! / activations.gelu.value(x) - 1)).toBeLessThan(1e-5);
  });
});

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

/** The values of an op on `values`, and what it makes of the gradients `dy`. */
async function bothWays(op: (x: Tensor) => Tensor, values: Float32Array | number[], dy = [5, 6, 7, 8]) {
  const device = await testDevice();
  const x = requiresGrad(tensor(device, values));
  const y = scope(device, () => {
    const y = op(x);
    backward(y, tensor(device, dy));
    return y;
  });
  return { y: [...(await y.data())], dx: [...(await gradOf(x)!.data())] };
}

test('relu keeps NaN and turns −0 into 0, its gradient is 0 there', async () => {
  expect(await bothWays(ops.relu, [nan, -0, -infinity, infinity])).toEqual({
    y: [nan, 0, 0, infinity],
    dx: [5, 0, 0, 8],
  });
  expect(await bothWays(ops.relu, [1e-30, -1e-30, 0, -3e38])).toEqual({
    y: [Math.fround(1e-30), 0, 0, 0],
    dx: [5, 0, 0, 0],
  });
});

test('relu keeps NaN with the sign set', async () => {
  const x = new Float32Array(new Uint32Array([0xffc00000, 0xff800001, 0x7fc00000, 0xff800000]).buffer);
  expect(await bothWays(ops.relu, x)).toEqual({ y: [nan, nan, nan, 0], dx: [5, 6, 7, 0] });
});

test('relu stops a gradient that is infinite', async () => {
  const { dx } = await bothWays(ops.relu, [-1, 0, 1, -2], [infinity, nan, infinity, -infinity]);
  expect(dx).toEqual([0, 0, infinity, 0]);
});

test('sigmoid neither overflows nor loses NaN', async () => {
  expect((await bothWays(ops.sigmoid, [infinity, -infinity, nan, 0])).y).toEqual([1, 0, nan, 0.5]);
  expect((await bothWays(ops.sigmoid, [-1000, 1000, 0, nan])).y).toEqual([0, 1, 0.5, nan]);
});
