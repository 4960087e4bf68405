import { expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import type { BinaryOp } from '../../src/autograd/binary-op.ts';
import { gradCheck } from '../../src/autograd/grad-check.ts';
import { gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import {
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  multiply,
  notEqual,
  sum,
  where,
} from '../../src/autograd/ops.ts';
import { tensor, zeros } from '../../src/tensor/create.ts';
import { scope } from '../../src/tensor/scope.ts';
import { testDevice } from '../support/device.ts';

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

/** With subnormal numbers, which drivers may take for 0. */
const VALUES = [0, -0, 1, -1, 2.5, infinity, -infinity, nan, 1e-40, -1e-40, 2e-40, 3e38].map(Math.fround);

test.each<[string, BinaryOp, (a: number, b: number) => boolean]>([
  ['equal', equal, (a, b) => a === b],
  ['notEqual', notEqual, (a, b) => a !== b],
  ['greater', greater, (a, b) => a > b],
  ['greaterEqual', greaterEqual, (a, b) => a >= b],
  ['less', less, (a, b) => a < b],
  ['lessEqual', lessEqual, (a, b) => a <= b],
])('%s tells all pairs of values as JavaScript does', async (_, op, holds) => {
  const device = await testDevice();
  const [column, row] = [tensor(device, VALUES, [VALUES.length, 1]), tensor(device, VALUES)];
  const expected = VALUES.map((a) => VALUES.map((b) => Number(holds(a, b))));
  expect([...(await op(column, row).data())]).toEqual(expected.flat());
  expect([...(await op(row, 1).data())]).toEqual(VALUES.map((a) => Number(holds(a, 1))));
  expect([...(await op(1, row).data())]).toEqual(VALUES.map((b) => Number(holds(1, b))));
  // A comparison of equal padding is 1, and must not stay there.
  const padded = zeros(device, [2, 3, 2, 2]);
  expect(await sum(op(padded, padded)).item()).toBe(holds(0, 0) ? 24 : 0);
});

test('a comparison has no gradient, and does not stand in the way of others', async () => {
  const device = await testDevice();
  const x = requiresGrad(tensor(device, [-2, 3]));
  scope(device, () => backward(sum(multiply(x, greater(x, 0)))));
  expect([...(await gradOf(x)!.data())]).toEqual([0, 1]);
  expect(() => scope(device, () => backward(sum(greater(x, 0))))).toThrow(/depends on no tensor/);
});

test('where chooses, with all three broadcasting', async () => {
  const device = await testDevice();
  const condition = tensor(device, [1, 0, -0, nan, 1e-40, -3], [2, 3]);
  const a = tensor(device, [10, 20], [2, 1]);
  const b = tensor(device, [1, 2, 3]);
  expect([...(await where(condition, a, b).data())]).toEqual([10, 2, 3, 20, 20, 20]);
  expect([...(await where(condition, a, 7).data())]).toEqual([10, 7, 7, 20, 20, 20]);
  expect([...(await where(condition, -1, b).data())]).toEqual([-1, 2, 3, -1, -1, -1]);
  expect([...(await where(condition, 1, 0).data())]).toEqual([1, 0, 0, 1, 1, 1]);
  const images = zeros(device, [2, 3, 2, 2]);
  expect(await sum(where(equal(images, 0), 1, images)).item()).toBe(24);
});

test('where gives each what was chosen of it, and nothing of the rest', async () => {
  const device = await testDevice();
  const condition = requiresGrad(tensor(device, [1, 0, 1, 0], [2, 2]));
  const a = requiresGrad(tensor(device, [10, 20], [2, 1]));
  const b = requiresGrad(tensor(device, [1, 2]));
  const dy = tensor(device, [3, infinity, 5, nan], [2, 2]);
  scope(device, () => backward(where(condition, a, b), dy));
  expect([...(await gradOf(a)!.data())]).toEqual([3, 5]);
  expect([...(await gradOf(b)!.data())]).toEqual([0, nan]);
  expect(gradOf(condition)).toBeUndefined();
  const check = await gradCheck((x, y) => where(condition, x!, y!), [a, b]);
  expect(check).toMatchObject({ ok: true });
});

test('a condition that is no tensor of f32 is refused', async () => {
  const device = await testDevice();
  // biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript lets one pass
  const any = (value: unknown): any => value;
  expect(() => where(any(true), zeros(device, [2]), 1)).toThrow(/condition of where is true/);
  const mask = zeros(device, [2], { dtype: 'u8' });
  expect(() => where(any(mask), zeros(device, [2]), 1)).toThrow(/where takes tensors of type f32, got u8/);
});
