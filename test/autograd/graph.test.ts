import { describe, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { defineOp } from '../../src/autograd/define-op.ts';
import { clearGrad, gradOf, noGrad, requiresGrad, setGradTarget } from '../../src/autograd/graph.ts';
import { add, concat, mean, multiply, relu, subtract, sum, toLayout } from '../../src/autograd/ops.ts';
import { empty, readTensors, tensor, zeros } from '../../src/tensor/create.ts';
import { scope, tensorStatistics } from '../../src/tensor/scope.ts';
import { openTestDevice, testDevice } from '../support/device.ts';

const gradient = async (x: Parameters<typeof gradOf>[0]) => [...(await gradOf(x)!.data())];

describe('backward', () => {
  test('adds up the gradients of every use of a tensor, and of every call', async () => {
    const device = await testDevice();
    const x = requiresGrad(tensor(device, [1, 2, 3]));
    scope(device, () => backward(sum(add(multiply(x, x), x))));
    expect(await gradient(x)).toEqual([3, 5, 7]);
    scope(device, () => backward(sum(x)));
    expect(await gradient(x)).toEqual([4, 6, 8]);
    clearGrad(x);
    expect(gradOf(x)).toBeUndefined();
    x.dispose();
  });

  test('computes only what is needed', async () => {
    const device = await openTestDevice();
    const [x, w] = [requiresGrad(tensor(device, [2])), tensor(device, [3])];
    scope(device, () => backward(multiply(x, w)));
    expect(await gradient(x)).toEqual([3]);
    expect(() => gradOf(w)).toThrow(/requiresGrad/);
    device.destroy();
  });

  test('writes into the place it is given', async () => {
    const device = await testDevice();
    const x = requiresGrad(tensor(device, [1, 2, 3, 4]));
    const place = zeros(device, [4]);
    setGradTarget(x, place.slice);
    scope(device, () => backward(mean(multiply(x, 8))));
    scope(device, () => backward(mean(multiply(x, 4))));
    expect([...(await place.data())]).toEqual([3, 3, 3, 3]);
    clearGrad(x);
    scope(device, () => backward(mean(multiply(x, 4))));
    expect([...(await place.data())]).toEqual([1, 1, 1, 1]);
    clearGrad(x);
    x.dispose();
    place.dispose();
  });

  test('walks a graph deeper than the stack', async () => {
    const device = await testDevice();
    const x = requiresGrad(tensor(device, [1]));
    scope(device, () => {
      let y = x;
      for (let i = 0; i < 5000; i++) y = add(y, 1);
      backward(y);
    });
    expect(await gradient(x)).toEqual([1]);
    clearGrad(x);
    x.dispose();
  });

  test('refuses an output without a graph, and one of several elements', async () => {
    const device = await testDevice();
    const x = requiresGrad(tensor(device, [1, 2]));
    scope(device, () => {
      expect(() => backward(noGrad(device, () => sum(x)))).toThrow(/noGrad/);
      expect(() => backward(relu(x))).toThrow(/one number.*\[2\]/);
    });
    x.dispose();
  });

  test('names the op whose gradient has a wrong shape', async () => {
    const device = await testDevice();
    const wrong = defineOp<void, Record<string, never>>({
      name: 'wrong',
      forward: ([x]) => ({ output: x!.alias(), saved: {} }),
      backward: (dy) => [empty(dy.device, [7])],
    });
    const x = requiresGrad(tensor(device, [1]));
    scope(device, () => expect(() => backward(wrong([x]))).toThrow(/wrong.*\[1\].*\[7\]/));
    x.dispose();
  });

  test('frees what the graph had saved', async () => {
    const device = await testDevice();
    const x = requiresGrad(tensor(device, [1, 2]));
    const before = tensorStatistics(device);
    scope(device, () => backward(sum(multiply(relu(x), x))));
    expect(tensorStatistics(device).tensors).toBe(before.tensors + 1);
    clearGrad(x);
    expect(tensorStatistics(device)).toEqual(before);
    x.dispose();
  });
});

describe('operands', () => {
  test('may be a number on either side', async () => {
    const device = await testDevice();
    const x = requiresGrad(tensor(device, [1, 2]));
    const values = scope(device, () => [add(3, x), subtract(3, x), multiply(3, x), subtract(x, 3)]);
    expect((await readTensors(values)).map((y) => [...y])).toEqual([
      [4, 5],
      [2, 1],
      [3, 6],
      [-2, -1],
    ]);
    scope(device, () => backward(sum(multiply(2, subtract(3, x)))));
    expect(await gradient(x)).toEqual([-2, -2]);
    clearGrad(x);
    for (const y of [x, ...values]) y.dispose();
  });

  test('of types that the kernels would take for others are refused', async () => {
    const device = await testDevice();
    const integers = tensor(device, Int32Array.of(1, 2));
    const bytes = tensor(device, new Uint8Array(12), [1, 2, 2, 3], { layout: 'row-major' });
    // @ts-expect-error add takes tensors of type f32
    expect(() => add(integers, 1)).toThrow(/add takes tensors of type f32, got i32/);
    expect(() => concat([bytes, bytes])).toThrow(/concat takes elements of 32 bits, got u8/);
    expect(() => toLayout(bytes, 'channels-last')).toThrow(/row-major to channels-last .* got u8/);
    for (const x of [integers, bytes]) x.dispose();
  });
});
