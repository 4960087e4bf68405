import { describe, expect, test } from 'vitest';
import { empty, full, readTensors, tensor, zeros } from '../../src/tensor/create.ts';
import { keep, scope, tensorStatistics } from '../../src/tensor/scope.ts';
import { testDevice } from '../support/device.ts';

const counting = (size: number) => Float32Array.from({ length: size }, (_, i) => i + 1);

describe('a tensor', () => {
  test.each([
    [[7], undefined],
    [[2, 3, 4, 5], undefined],
    [[2, 3, 4, 5], 'row-major'],
    [[5, 6, 3, 2], 'filter'],
  ] as const)('of shape %j reads back what was written (%s)', async (shape, layout) => {
    const device = await testDevice();
    const values = counting(shape.reduce<number>((a, b) => a * b, 1));
    const x = tensor(device, values, shape, layout ? { layout } : {});
    expect(await x.data()).toEqual(values);
    x.dispose();
  });

  test('holds integers and bytes', async () => {
    const device = await testDevice();
    for (const values of [
      new Int32Array([-1, 2]),
      new Uint32Array([4e9]),
      new Uint8Array([1, 2, 255, 4, 5]),
    ]) {
      const x = tensor(device, values);
      expect(await x.data()).toEqual(values);
      x.dispose();
    }
  });

  test('is read together with others', async () => {
    const device = await testDevice();
    const tensors = [full(device, [3], 2), zeros(device, [1, 2, 1, 1]), tensor(device, new Int32Array([5]))];
    expect((await readTensors(tensors)).map((values) => [...values])).toEqual([[2, 2, 2], [0, 0], [5]]);
    for (const x of tensors) x.dispose();
  });

  test('says what is wrong', async () => {
    const device = await testDevice();
    expect(() => tensor(device, [1, 2, 3], [2, 2])).toThrow(/\[2, 2\] takes 4 values, got 3/);
    expect(() => empty(device, [2, 0])).toThrow(/\[2, 0\]/);
    expect(() => empty(device, [2, 2], { layout: 'filter' })).toThrow(/rank 4/);
    const x = tensor(device, [1, 2]);
    await expect(x.item()).rejects.toThrow(/item\(\)/);
    x.dispose();
    x.dispose();
    await expect(x.data()).rejects.toMatchObject({ code: 'disposed' });
  });
});

describe('a scope', () => {
  test('frees what it does not return', async () => {
    const device = await testDevice();
    const before = tensorStatistics(device);
    const { kept, inner } = scope(device, () => {
      zeros(device, [10]);
      const returned = scope(device, () => [zeros(device, [1]), keep(zeros(device, [2]))]);
      return { kept: returned[1]!, inner: returned[0]! };
    });
    expect(tensorStatistics(device).tensors).toBe(before.tensors + 2);
    expect([kept.disposed, inner.disposed]).toEqual([false, false]);
    kept.dispose();
    inner.dispose();
    expect(tensorStatistics(device)).toEqual(before);
  });

  test('frees everything where its work throws', async () => {
    const device = await testDevice();
    const before = tensorStatistics(device);
    expect(() =>
      scope(device, () => {
        zeros(device, [10]);
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(tensorStatistics(device)).toEqual(before);
  });

  test('refuses asynchronous work', async () => {
    const device = await testDevice();
    expect(() => scope(device, async () => zeros(device, [1]))).toThrow(/synchronous/);
  });
});
