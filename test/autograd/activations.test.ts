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
import fc from '../support/fast-check.ts';
import { arbitraryOperand, PADDED_OPERANDS } from '../support/operands.ts';

const OPS: Record<keyof typeof activations, (x: Tensor) => Tensor> = {
  ...ops,
  geluTanh: (x) => ops.gelu(x, { approximate: 'tanh' }),
  clamp: (x) => ops.clamp(x, { min: -2.5, max: 1.25 }),
  leakyRelu: (x) => ops.leakyRelu(x, { negativeSlope: 0.25 }),
  elu: (x) => ops.elu(x, { alpha: 0.75 }),
};

/** The gradients at NaN that are none: ReLU lets them through there, and neg looks at nothing. */
const AT_NAN: Readonly<Record<string, number>> = { relu: 1, neg: -1 };

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
  const { value, derivative, from = -7 }: Activation = activations[name as keyof typeof activations];

  test('agrees with float64 on any shape and layout, and keeps padding zero', async () => {
    const device = await testDevice();
    await fc.assert(
      fc.asyncProperty(arbitraryOperand, fc.nat(), async ({ shape, layout }, seed) => {
        const values = Float32Array.from(randomUniform(shape, xorshift(seed), from, 7).data);
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
    const points = [-4.1, -2.2, -0.7, 0.05, 0.31, 1.3, 4.4, 2.7].filter((x) => x > from);
    const x = tensor(await testDevice(), points);
    expect(await gradCheck(op, [x])).toMatchObject({ ok: true });
  });

  test('hands NaN on, both ways, and is what it should be at the ends', async () => {
    const device = await testDevice();
    const ends = [from < 0 ? -100 : 1e-3, from < 0 ? 0 : 1, 60, Number.NaN];
    const x = requiresGrad(tensor(device, ends));
    const y = scope(device, () => {
      const y = op(x);
      backward(ops.sum(y));
      return y;
    });
    const [results, gradients] = [await y.data(), await gradOf(x)!.data()];
    close(results.subarray(0, 3) as Float32Array, ends.slice(0, 3).map(value));
    close(gradients.subarray(0, 3) as Float32Array, ends.slice(0, 3).map(derivative));
    expect([results[3], gradients[3]]).toEqual([Number.NaN, AT_NAN[name] ?? Number.NaN]);
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

test('log keeps its relative precision around 1', async () => {
  const near = [1.0001, 0.9999, 1 + 2 ** -20, 1 - 2 ** -20, 1.41, 0.71].map(Math.fround);
  const y = await ops.log(tensor(await testDevice(), near)).data();
  near.forEach((x, i) => {
    expect(Math.abs(y[i]! / Math.log(x) - 1)).toBeLessThan(4e-7);
  });
});

test('elu keeps its relative precision near 0', async () => {
  const small = [-1e-30, -1e-10, -1e-4, -0.03].map(Math.fround);
  const y = await ops.elu(tensor(await testDevice(), small)).data();
  small.forEach((x, i) => {
    expect(Math.abs(y[i]! / Math.expm1(x) - 1)).toBeLessThan(6e-7);
  });
});

test('roots and logarithms are right at the ends of their range and beyond', async () => {
  const x = [0, -0, infinity, -infinity, -1, nan, 3e38, 2 ** -126];
  const of = (op: (x: Tensor) => Tensor) => bothWays(op, x, [1, 1, 1, 1, 1, 1, 1, 1]).then(({ y }) => y);
  const [largest, least] = [Math.fround(3e38), 2 ** -126];
  const log = await of(ops.log);
  expect(log.slice(0, 6)).toEqual([-infinity, -infinity, infinity, nan, nan, nan]);
  close(log.slice(6), [Math.log(largest), Math.log(least)]);
  const sqrt = await of(ops.sqrt);
  expect(sqrt.slice(0, 6)).toEqual([0, -0, infinity, nan, nan, nan]);
  expect(sqrt[6]! / Math.sqrt(largest)).toBeCloseTo(1, 6);
  expect(sqrt[7]).toBe(2 ** -63);
  const rsqrt = await of(ops.rsqrt);
  expect(rsqrt.slice(0, 6)).toEqual([infinity, -infinity, 0, nan, nan, nan]);
  expect(rsqrt[7]).toBe(2 ** 63);
});

test('clamp is inclusive, lets NaN be, and stops an infinite gradient beyond its bounds', async () => {
  const clamp = (x: Tensor) => ops.clamp(x, { min: -1, max: 2 });
  expect(await bothWays(clamp, [-1, 2, -infinity, infinity], [5, 6, infinity, nan])).toEqual({
    y: [-1, 2, -1, 2],
    dx: [5, 6, 0, 0],
  });
  const one = async (options: ops.ClampOptions) =>
    (await bothWays((x) => ops.clamp(x, options), [-9, 0, 9, nan])).y;
  expect(await one({ min: 1 })).toEqual([1, 1, 9, nan]);
  expect(await one({ max: 1 })).toEqual([-9, 0, 1, nan]);
  const x = tensor(await testDevice(), [1]);
  expect(() => ops.clamp(x, {})).toThrow(/neither min nor max/);
  expect(() => ops.clamp(x, { min: 2, max: 1 })).toThrow(/min is 2, max is 1/);
});

test('leakyRelu and elu have the slope of PyTorch at 0, and −0 and infinities', async () => {
  expect(
    await bothWays((x) => ops.leakyRelu(x, { negativeSlope: 0.5 }), [0, -0, infinity, -infinity]),
  ).toEqual({
    y: [0, -0, infinity, -infinity],
    dx: [2.5, 3, 7, 4],
  });
  const elu = await bothWays((x) => ops.elu(x, { alpha: 0.5 }), [0, -0, infinity, -infinity]);
  expect(elu).toEqual({ y: [0, -0, infinity, -0.5], dx: [2.5, 3, 7, 0] });
  expect((await bothWays(ops.leakyRelu, [-100, 1, 2, 3])).y[0]).toBeCloseTo(-1, 6);
});
