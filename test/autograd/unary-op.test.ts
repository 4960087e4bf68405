import { afterEach, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { gradCheck } from '../../src/autograd/grad-check.ts';
import { gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import { sum } from '../../src/autograd/ops.ts';
import { unaryOp } from '../../src/autograd/unary-op.ts';
import type { Device } from '../../src/device/device.ts';
import { full, tensor, zeros } from '../../src/tensor/create.ts';
import { scope, tensorStatistics } from '../../src/tensor/scope.ts';
import { openTestDevice, testDevice } from '../support/device.ts';

let own: Device | undefined;
afterEach(() => {
  own?.destroy();
  own = undefined;
});

test('an op of one’s own, with functions, of x and y both', async () => {
  const device = await testDevice();
  const op = unaryOp({
    name: 'test.bump',
    value: 'square(x) + x',
    derivative: '2.0 * x + 1.0 + (y - square(x) - x)',
    functions: 'fn square(x: vec4f) -> vec4f { return x * x; }',
  });
  const x = tensor(device, [1, -2, 3], [1, 3, 1, 1]);
  expect([...(await op(x).data())]).toEqual([2, 2, 12]);
  expect(await gradCheck(op, [x])).toMatchObject({ ok: true });
});

test('a value that is not 0 at 0 leaves padding zero', async () => {
  const device = await testDevice();
  const plusOne = unaryOp({ name: 'test.plusOne', value: 'x + 1.0', derivative: 'vec4f(1.0)' });
  expect(await sum(plusOne(full(device, [2, 3, 2, 2], 1))).item()).toBe(48);
});

test('an infinite derivative at 0 does not reach padding', async () => {
  const device = await testDevice();
  const root = unaryOp({ name: 'test.root', value: 'sqrt(x)', derivative: '0.5 / y' });
  const x = requiresGrad(full(device, [1, 3, 1, 1], 4));
  scope(device, () => backward(sum(root(x))));
  expect(await sum(gradOf(x)!).item()).toBe(0.75);
});

test('keeps for backward only what the derivative names', async () => {
  const device = await testDevice();
  const kept = (derivative: string, name: string) =>
    scope(device, () => {
      const op = unaryOp({ name, value: '2.0 * x', derivative });
      const x = requiresGrad(zeros(device, [3]));
      const before = tensorStatistics(device).tensors;
      op(x);
      return tensorStatistics(device).tensors - before - 1;
    });
  expect(kept('vec4f(2.0)', 'test.keptNone')).toBe(0);
  expect(kept('vec4f(2.0) + 0.0 * x', 'test.keptX')).toBe(1);
  expect(kept('vec4f(2.0) + 0.0 * (x + y)', 'test.keptBoth')).toBe(2);
  expect(kept('vec4f(2.0).xxxx', 'test.swizzle')).toBe(0);
});

test('what does not compile is told by name and line, and two ops of one name are refused', async () => {
  own = await openTestDevice();
  const broken = unaryOp({ name: 'test.broken', value: 'x +', derivative: 'x' });
  await expect(broken(zeros(own, [3])).data()).rejects.toMatchObject({
    code: 'validation',
    message: expect.stringMatching(/test\.broken\.forward.*\n?.*return x \+;/s),
  });
  const first = unaryOp({ name: 'test.twice', value: 'x', derivative: 'x' });
  const second = unaryOp({ name: 'test.twice', value: '-x', derivative: 'x' });
  await first(zeros(own, [3])).data();
  expect(() => second(zeros(own!, [3]))).toThrow(/two kernels have the key 'test\.twice\.forward/);
});

test('wrong definitions and operands are refused by name', async () => {
  const device = await testDevice();
  // biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript lets one pass
  const any = (value: unknown): any => value;
  expect(() => unaryOp(any({ name: 'f', value: 'x' }))).toThrow(/derivative of unaryOp is undefined/);
  expect(() => unaryOp(any({ name: 'f', forward: 'x', derivative: 'x' }))).toThrow(/has no option forward/);
  const op = unaryOp({ name: 'test.id', value: 'x', derivative: 'vec4f(1.0)' });
  expect(() => op(any([1]))).toThrow(/x of test\.id is \[1\]: it must be a Tensor/);
  expect(() => op(any(zeros(device, [3], { dtype: 'i32' })))).toThrow(
    /test\.id takes tensors of type f32, got i32/,
  );
});
