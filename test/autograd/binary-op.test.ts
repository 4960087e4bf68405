import { expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { binaryOp } from '../../src/autograd/binary-op.ts';
import { gradCheck } from '../../src/autograd/grad-check.ts';
import { gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import { sum } from '../../src/autograd/ops.ts';
import { tensor, zeros } from '../../src/tensor/create.ts';
import { scope, tensorStatistics } from '../../src/tensor/scope.ts';
import { openTestDevice, testDevice } from '../support/device.ts';

const hypotenuse = binaryOp({
  name: 'test.hypotenuse',
  value: 'sqrt(square(a) + square(b))',
  derivatives: { a: 'a / y', b: 'b / y' },
  functions: 'fn square(x: vec4f) -> vec4f { return x * x; }',
});

test('an op of one’s own broadcasts, takes numbers, and has its gradients', async () => {
  const device = await testDevice();
  const a = tensor(device, [3, 6, 9, 5], [2, 1, 2]);
  const b = tensor(device, [4, 8, 12], [3, 1]);
  const values = [...(await hypotenuse(a, b).data())];
  expect(values[0]).toBeCloseTo(5, 5);
  expect(values).toHaveLength(12);
  expect(values[11]).toBeCloseTo(13, 5);
  expect(await hypotenuse(tensor(device, [3]), 4).item()).toBeCloseTo(5, 5);
  expect(await hypotenuse(5, tensor(device, [12])).item()).toBeCloseTo(13, 5);
  expect(await gradCheck(hypotenuse, [a, b])).toMatchObject({ ok: true });
});

test('a padding that the derivatives make NaN of is written zero', async () => {
  const device = await testDevice();
  const a = requiresGrad(tensor(device, [3, 3, 3], [1, 3, 1, 1]));
  scope(device, () => backward(sum(hypotenuse(a, tensor(device, [4, 4], [2, 1, 1, 1])))));
  expect(await sum(gradOf(a)!).item()).toBeCloseTo(6 * 0.6, 5);
});

test('keeps for backward only what the derivatives of what is differentiated name', async () => {
  const device = await testDevice();
  const kept = (name: string, derivatives: { a?: string; b?: string }, b?: number) =>
    scope(device, () => {
      const op = binaryOp({ name, value: 'a * b', derivatives });
      const x = requiresGrad(zeros(device, [3]));
      const other = b ?? zeros(device, [3]);
      const before = tensorStatistics(device).tensors;
      op(x, other);
      return tensorStatistics(device).tensors - before - 1;
    });
  expect(kept('test.keepsBoth', { a: 'b', b: 'a' })).toBe(2);
  expect(kept('test.keepsResult', { a: 'y', b: 'y' })).toBe(1);
  expect(kept('test.keepsNone', { a: '1.0', b: '-1.0' })).toBe(0);
  expect(kept('test.keepsNumber', { a: 'b', b: 'a' }, 2)).toBe(0);
});

test('an operand without derivative gets no gradient, and may depend on a leaf', async () => {
  const device = await testDevice();
  const scaled = binaryOp({ name: 'test.scaled', value: 'a * b', derivatives: { a: 'b' } });
  const [a, b] = [requiresGrad(tensor(device, [2, 3])), requiresGrad(tensor(device, [5]))];
  scope(device, () => backward(sum(scaled(a, b))));
  expect([...(await gradOf(a)!.data())]).toEqual([5, 5]);
  expect(gradOf(b)).toBeUndefined();
  const sign = binaryOp({ name: 'test.sameSign', value: 'sign(a * b)' });
  expect(() => scope(device, () => backward(sum(sign(a, b))))).toThrow(/depends on no tensor/);
});

test('a gradient of its own, and one that needs nothing', async () => {
  const device = await testDevice();
  const larger = binaryOp({
    name: 'test.larger',
    value: 'max(a, b)',
    derivatives: { a: 'select(vec4f(), dy, a > b)', b: 'select(dy, vec4f(), a > b)' },
  });
  const [a, b] = [requiresGrad(tensor(device, [1, 5])), requiresGrad(tensor(device, [3]))];
  const dy = tensor(device, [Number.POSITIVE_INFINITY, 7]);
  scope(device, () => backward(larger(a, b), dy));
  expect([...(await gradOf(a)!.data())]).toEqual([0, 7]);
  expect([...(await gradOf(b)!.data())]).toEqual([Number.POSITIVE_INFINITY]);
});

test('equal shapes take one dispatch, and a derivative of 1 none', async () => {
  const device = await openTestDevice();
  const plus = binaryOp({ name: 'test.plus', value: 'a + b', derivatives: { a: '1.0', b: '1.0' } });
  const [a, b] = [requiresGrad(zeros(device, [2, 3, 4, 5])), requiresGrad(zeros(device, [2, 3, 4, 5]))];
  const dy = zeros(device, [2, 3, 4, 5]);
  const dispatches = (work: () => void) => {
    const before = device.statistics.dispatches;
    scope(device, work);
    return device.statistics.dispatches - before;
  };
  expect(dispatches(() => void plus(a, b))).toBe(1);
  expect(dispatches(() => backward(plus(a, b), dy))).toBe(1);
  device.destroy();
});

test('wrong definitions and operands are refused by name', async () => {
  const device = await testDevice();
  // biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript lets one pass
  const any = (value: unknown): any => value;
  expect(() => binaryOp(any({ name: 'f', value: 'a', derivative: 'a' }))).toThrow(/has no option derivative/);
  expect(() => binaryOp(any({ name: 'f', value: 'a', derivatives: { x: '1.0' } }))).toThrow(
    /derivatives of binaryOp has no option x/,
  );
  const x = zeros(device, [3]);
  expect(() => hypotenuse(any([1]), x)).toThrow(/a of test\.hypotenuse is \[1\]/);
  expect(() => hypotenuse(1, 2)).toThrow(/test\.hypotenuse was given numbers only/);
  expect(() => hypotenuse(x, zeros(device, [2]))).toThrow(/\[3\].*\[2\]/);
  expect(() => hypotenuse(x, any(zeros(device, [3], { dtype: 'i32' })))).toThrow(/got i32/);
});
