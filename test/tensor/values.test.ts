import { expect, test } from 'vitest';
import { tensor, upload } from '../../src/tensor/create.ts';
import type { TensorValues } from '../../src/tensor/values.ts';
import { testDevice } from '../support/device.ts';

const read = async (values: TensorValues, ...rest: [shape?: number[], options?: object]) => {
  const made = tensor(await testDevice(), values, ...rest);
  return { shape: made.shape, dtype: made.dtype, data: Array.from(await made.data()) };
};

test('nested arrays give the shape', async () => {
  expect(
    await read([
      [1, 2],
      [3, 4],
    ]),
  ).toEqual({ shape: [2, 2], dtype: 'f32', data: [1, 2, 3, 4] });
  expect(await read([[[1], [2]]])).toEqual({ shape: [1, 2, 1], dtype: 'f32', data: [1, 2] });
  expect(
    (
      await read(
        [
          [1, 2],
          [3, 4],
        ],
        [2, 2],
      )
    ).shape,
  ).toEqual([2, 2]);
  expect((await read([[[[1]], [[2]], [[3]], [[4]], [[5]]]])).data).toEqual([1, 2, 3, 4, 5]); // channels-last
  await expect(
    read(
      [
        [1, 2],
        [3, 4],
      ],
      [4],
    ),
  ).rejects.toThrow(/shape \[4\] takes 4 values, got an array nested as \[2, 2\]/);
});

test.each<[string, unknown, string, RegExp]>([
  [
    'ragged arrays',
    [
      [1, 2, 3],
      [4, 5],
    ],
    'shape-mismatch',
    /nested as \[2, 3\].*an array of 2.*arrays of 3/,
  ],
  ['a number beside arrays', [[1, 2], 3], 'shape-mismatch', /nested as \[2, 2\], .* one is 3/],
  [
    'an array among numbers',
    [1, [2]],
    'invalid-argument',
    /value 1 of a tensor is \[2\]: it must be a number/,
  ],
  ['a string', [1, '2'], 'invalid-argument', /value 1 of a tensor is '2'/],
  ['null', [null], 'invalid-argument', /value 0 of a tensor is null/],
  [
    'undefined',
    [
      [1, 2],
      [3, undefined],
    ],
    'invalid-argument',
    /value 3 of a tensor is undefined/,
  ],
  ['a hole', new Array(2), 'invalid-argument', /value 0 of a tensor is undefined/],
  ['a bigint', [1n], 'invalid-argument', /value 0 of a tensor is 1n/],
  ['64-bit integers', new BigInt64Array(2), 'invalid-argument', /values of a tensor are a BigInt64Array/],
  ['a number', 3, 'invalid-argument', /values of a tensor are 3: give a typed array or an array of numbers/],
  ['a buffer of bytes', new ArrayBuffer(4), 'invalid-argument', /values of a tensor are an ArrayBuffer/],
  ['nothing', [], 'invalid-argument', /the shape is \[0\]/],
])('refuses %s', async (_, values, code, message) => {
  const refused = expect(read(values as TensorValues)).rejects;
  await refused.toThrow(message);
  await expect(read(values as TensorValues)).rejects.toHaveProperty('code', code);
});

test('f32 rounds and keeps what is no finite number', async () => {
  const values = [0.1, Number.NaN, Number.POSITIVE_INFINITY, 1e39, -0];
  expect((await read(values)).data).toEqual([
    Math.fround(0.1),
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    -0,
  ]);
});

test('typed arrays of other types become f32, or bytes where they are bytes', async () => {
  for (const Type of [Float64Array, Int8Array, Int16Array, Uint16Array])
    expect(await read(Type.of(1, 2))).toEqual({ shape: [2], dtype: 'f32', data: [1, 2] });
  expect(await read(Uint8ClampedArray.of(1, 300))).toEqual({ shape: [2], dtype: 'u8', data: [1, 255] });
  expect((await read(Int16Array.of(-1, 2), [2], { dtype: 'i32' })).data).toEqual([-1, 2]);
});

test.each<[string, number, number[]]>([
  ['u8', 255, [-1, 256, 2.5, Number.NaN]],
  ['u32', 2 ** 32 - 1, [-1, 2 ** 32, 2.5, Number.POSITIVE_INFINITY]],
  ['i32', -(2 ** 31), [2 ** 31, -(2 ** 31) - 1, 2.5, Number.NaN]],
])('an integer of type %s is not wrapped around or cut off', async (dtype, extreme, beyond) => {
  expect((await read([extreme], [1], { dtype })).data).toEqual([extreme]);
  for (const value of beyond)
    await expect(read([0, value], [2], { dtype })).rejects.toThrow(
      new RegExp(`value 1 of a tensor is ${value}, which ${dtype} does not hold`),
    );
});

test('upload takes and refuses the same, and a refused one writes nothing', async () => {
  const target = tensor(await testDevice(), [
    [1, 2],
    [3, 4],
  ]);
  expect(() => upload(target, [5, 6, 7])).toThrow(/takes 4 values, got 3/);
  expect(() => upload(target, [[5, 6], [7]])).toThrow(/an array of 1/);
  expect(Array.from(await target.data())).toEqual([1, 2, 3, 4]);
  upload(target, [
    [5, 6],
    [7, 8],
  ]);
  expect(Array.from(await target.data())).toEqual([5, 6, 7, 8]);
});
