import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import type { BinaryOp } from '../../src/autograd/binary-op.ts';
import { gradCheck } from '../../src/autograd/grad-check.ts';
import { gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import { add, multiply, subtract, sum } from '../../src/autograd/ops.ts';
import type { Operand } from '../../src/kernels/padding.ts';
import { tensor } from '../../src/tensor/create.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { type Arithmetic, arithmetic } from '../reference/arithmetic.ts';
import { fromArray, type NdArray, randomUniform, xorshift } from '../reference/array.ts';
import { binary, sumToShape } from '../reference/elementwise.ts';
import { testDevice } from '../support/device.ts';
import { BROADCASTING_OPERANDS, broadcastingOperands, PADDED_OPERANDS } from '../support/operands.ts';

const OPS: Record<keyof typeof arithmetic, BinaryOp> = { add, subtract, multiply };

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
