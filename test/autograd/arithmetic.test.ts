import { describe, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import type { BinaryOp } from '../../src/autograd/binary-op.ts';
import { gradCheck } from '../../src/autograd/grad-check.ts';
import { gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import { add, divide, maximum, minimum, multiply, pow, subtract, sum } from '../../src/autograd/ops.ts';
import type { Operand } from '../../src/kernels/padding.ts';
import { tensor } from '../../src/tensor/create.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { type Arithmetic, arithmetic } from '../reference/arithmetic.ts';
import { fromArray, type NdArray, randomUniform, xorshift } from '../reference/array.ts';
import { binary, sumToShape } from '../reference/elementwise.ts';
import { testDevice } from '../support/device.ts';
import fc from '../support/fast-check.ts';
import { BROADCASTING_OPERANDS, broadcastingOperands, PADDED_OPERANDS } from '../support/operands.ts';

const OPS: Record<keyof typeof arithmetic, BinaryOp> = {
  ...{ add, subtract, multiply, divide },
  ...{ pow, maximum, minimum },
};

/** Of the largest of what is compared. */
const TOLERANCE = 4e-6;

const close = (actual: ArrayLike<number>, { data }: NdArray) => {
  expect(actual.length).toBe(data.length);
  const scale = data.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  data.forEach((value, i) => {
    expect(Math.abs(actual[i]! - value) / scale).toBeLessThan(TOLERANCE);
  });
};

const f32 = ({ shape, data }: NdArray): NdArray => fromArray(shape, Float32Array.from(data));

/** Runs an op on arrays and numbers; resolves to its value and the gradients of its sum. */
async function bothWays(
  op: BinaryOp,
  operands: readonly [NdArray | number, NdArray | number],
  layouts: readonly [Operand['layout']?, Operand['layout']?] = [],
) {
  const device = await testDevice();
  const [a, b] = operands.map((operand, i) =>
    typeof operand === 'number'
      ? operand
      : requiresGrad(tensor(device, Float32Array.from(operand.data), operand.shape, { layout: layouts[i]! })),
  ) as [Tensor | number, Tensor | number];
  const { y, total } = scope(device, () => {
    const y = op(a, b);
    const total = sum(y);
    backward(total);
    return { y, total };
  });
  const gradient = (x: Tensor | number) => (typeof x === 'number' ? undefined : gradOf(x)!.data());
  return { y: await y.data(), total: await total.item(), da: await gradient(a), db: await gradient(b) };
}

describe.each(Object.entries(arithmetic))('%s', (name, reference: Arithmetic) => {
  const op = OPS[name as keyof typeof arithmetic];
  const { value, derivatives, from = -3 } = reference;
  const random = ({ shape }: Operand, seed: number) => f32(randomUniform(shape, xorshift(seed), from, 3));

  /** Compares an op on two arrays with float64; a sum runs over padding too. */
  async function agrees(operands: readonly [Operand, Operand], seed: number) {
    const [a, b] = [random(operands[0], seed), random(operands[1], seed + 1)] as const;
    const { y, total, da, db } = await bothWays(op, [a, b], [operands[0].layout, operands[1].layout]);
    const expected = binary(a, b, value);
    close(y, expected);
    close(da!, sumToShape(binary(a, b, derivatives.a), a.shape));
    close(db!, sumToShape(binary(a, b, derivatives.b), b.shape));
    const [sum, size] = [1, -1].map((sign) =>
      expected.data.reduce((s, x) => s + (sign > 0 ? x : Math.abs(x)), 0),
    );
    expect(Math.abs(total - sum!) / Math.max(1, size!)).toBeLessThan(TOLERANCE);
  }

  test('agrees with float64 on equal shapes', async () => {
    for (const operand of [...PADDED_OPERANDS, { shape: [7], layout: 'row-major' } as const])
      await agrees([operand, operand], 1);
    await agrees([PADDED_OPERANDS[0]!, { ...PADDED_OPERANDS[0]!, layout: 'row-major' }], 2);
  });

  test('broadcasts as NumPy does, in any layouts', async () => {
    await fc.assert(
      fc.asyncProperty(broadcastingOperands, fc.nat(), async ([a, b], seed) => agrees([a, b], seed)),
      { numRuns: 6, examples: BROADCASTING_OPERANDS.slice(0, 2).map((operands, i) => [operands, i]) },
    );
  });

  test('takes a number on either side', async () => {
    const x = random(PADDED_OPERANDS[0]!, 5);
    const number = fromArray([1], [1.75]);
    const right = await bothWays(op, [x, 1.75]);
    close(right.y, binary(x, number, value));
    close(right.da!, binary(x, number, derivatives.a));
    const left = await bothWays(op, [1.75, x]);
    close(left.y, binary(number, x, value));
    close(left.db!, binary(number, x, derivatives.b));
  });

  test('its gradients are those of finite differences', async () => {
    const device = await testDevice();
    const a = tensor(device, [1.2, 0.7, 2.1, 1.6, 0.4, 1.1], [2, 3]);
    const b = tensor(device, [0.9, 1.4, 0.6]);
    expect(await gradCheck(op, [a, b])).toMatchObject({ ok: true });
  });
});

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

/** Values that are apt to go wrong; none is subnormal, since drivers may take those for 0. */
const SPECIAL = [0, -0, 1, -1, 0.5, -2, 3, -3, 33, 20.75, -33.5, infinity, -infinity, nan, 3e38, 2e-38].map(
  Math.fround,
);

/** As C has it, where JavaScript gives NaN. */
const power = (a: number, b: number) => (a === 1 || (a === -1 && Math.abs(b) === infinity) ? 1 : a ** b);

test.each<[string, BinaryOp, (a: number, b: number) => number]>([
  ['divide', divide, (a, b) => a / b],
  ['pow', pow, power],
  ['maximum', maximum, Math.max],
  ['minimum', minimum, Math.min],
])('%s is right at −0, the infinite numbers and NaN', async (_, op, reference) => {
  const device = await testDevice();
  const y = await op(tensor(device, SPECIAL, [SPECIAL.length, 1]), tensor(device, SPECIAL)).data();
  SPECIAL.forEach((a, i) => {
    SPECIAL.forEach((b, j) => {
      const [actual, expected] = [y[i * SPECIAL.length + j]!, Math.fround(reference(a, b))];
      if (Math.abs(expected) > 0 && Math.abs(expected) < 2 ** -126) return;
      if (Number.isFinite(expected) && expected !== 0)
        expect(Math.abs(actual / expected - 1), `${a}, ${b}: ${actual}, not ${expected}`).toBeLessThan(2e-5);
      else expect(Object.is(actual, expected), `${a}, ${b}: ${actual}, not ${expected}`).toBe(true);
    });
  });
});

/** The gradients of an op on two lists of numbers. */
async function gradients(op: BinaryOp, a: number[], b: number[], dy = a.map(() => 1)) {
  const device = await testDevice();
  const [x, y] = [requiresGrad(tensor(device, a)), requiresGrad(tensor(device, b))];
  scope(device, () => backward(op(x, y), tensor(device, dy)));
  return { da: [...(await gradOf(x)!.data())], db: [...(await gradOf(y)!.data())] };
}

test('equal operands share the gradient of a maximum, the smaller has none of it', async () => {
  const [a, b] = [
    [1, 0, 2, nan, 1, 5],
    [1, -0, 3, 1, nan, -infinity],
  ] as const;
  const dy = [4, 6, infinity, 1, 1, nan];
  expect(await gradients(maximum, [...a], [...b], dy)).toEqual({
    da: [2, 3, 0, 1, 1, nan],
    db: [2, 3, infinity, 1, 1, 0],
  });
  expect(await gradients(minimum, [...b], [...a], dy)).toEqual({
    da: [2, 3, 0, 1, 1, nan],
    db: [2, 3, infinity, 1, 1, 0],
  });
});

test('the gradients of a power where base or exponent is 0, or the base is negative', async () => {
  const { da, db } = await gradients(pow, [0, 0, -2, 3, nan, 0], [0, 2, 3, 0, 0, 1]);
  expect(da).toEqual([0, 0, 12, 0, 0, 1]);
  expect(db.slice(0, 2)).toEqual([0, 0]);
  expect(db[2]).toBe(nan);
  expect(db[3]).toBeCloseTo(Math.log(3), 5);
  expect(db[5]).toBe(0);
});

test('a number as an exponent is right for negative bases, and for gradients at 0', async () => {
  const device = await testDevice();
  const x = requiresGrad(tensor(device, [-1.5, 0, 2, -3]));
  const y = scope(device, () => {
    const y = pow(x, 2);
    backward(sum(y));
    return y;
  });
  expect([...(await y.data())]).toEqual([2.25, 0, 4, 9]);
  expect([...(await gradOf(x)!.data())]).toEqual([-3, 0, 4, -6]);
});

test('the gradient that is given counts', async () => {
  expect(await gradients(multiply, [2, 3], [5, 7], [4, -1])).toEqual({ da: [20, -7], db: [8, -3] });
  expect(await gradients(divide, [3, 8], [2, 4], [4, -1])).toEqual({ da: [2, -0.25], db: [-3, 0.5] });
});
