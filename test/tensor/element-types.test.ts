/**
 * @file What TypeScript knows of a tensor's elements: `npm run check` compiles the claims, the test runs what they are about.
 */

import { expect, expectTypeOf, test } from 'vitest';
import { concat } from '../../src/autograd/ops/concat.ts';
import { cast } from '../../src/autograd/ops/elementwise.ts';
import { reshape } from '../../src/autograd/ops/shape.ts';
import { empty, readTensors, tensor, zeros } from '../../src/tensor/create.ts';
import type { AnyTensor, Tensor } from '../../src/tensor/tensor.ts';
import type { DType, TensorValues } from '../../src/tensor/values.ts';
import { testDevice } from '../support/device.ts';

test('the type of the elements follows from the values, or from the option dtype', async () => {
  const device = await testDevice();
  const numbers = tensor(device, [[1.5, 2]]);
  const doubles = tensor(device, Float64Array.of(1));
  const integers = tensor(device, Int32Array.of(-1, 2));
  const bytes = tensor(device, Uint8ClampedArray.of(255));
  const asked = tensor(device, [1, 2], [2], { dtype: 'u32' });
  expectTypeOf(numbers).toEqualTypeOf<Tensor>();
  expectTypeOf(doubles).toEqualTypeOf<Tensor<'f32'>>();
  expectTypeOf(integers).toEqualTypeOf<Tensor<'i32'>>();
  expectTypeOf(bytes).toEqualTypeOf<Tensor<'u8'>>();
  expectTypeOf(asked).toEqualTypeOf<Tensor<'u32'>>();
  expect([numbers, doubles, integers, bytes, asked].map(({ dtype }) => dtype)).toEqual([
    'f32',
    'f32',
    'i32',
    'u8',
    'u32',
  ]);

  const values = await numbers.data();
  expectTypeOf(values).toEqualTypeOf<Float32Array>();
  expect(values).toEqual(Float32Array.of(1.5, 2));

  const [some, others] = await readTensors([integers, bytes]);
  expectTypeOf(some).toEqualTypeOf<Int32Array>();
  expectTypeOf(others).toEqualTypeOf<Uint8Array>();
  expect([some, others]).toEqual([Int32Array.of(-1, 2), Uint8Array.of(255)]);
});

test('it is kept by what moves elements, changed by cast, and any where nobody knows', async () => {
  const device = await testDevice();
  const integers = zeros(device, [4], { dtype: 'i32' });
  expectTypeOf(concat([integers, reshape(integers, [4])])).toEqualTypeOf<Tensor<'i32'>>();
  expectTypeOf(cast(integers, 'f32')).toEqualTypeOf<Tensor>();
  expectTypeOf(empty(device, [1], { layout: 'row-major' })).toEqualTypeOf<Tensor>();
  const dtype = 'u32' as DType;
  expectTypeOf(zeros(device, [1], { dtype })).toEqualTypeOf<AnyTensor>();
  expectTypeOf((given: TensorValues) => tensor(device, given)).returns.toEqualTypeOf<AnyTensor>();
  expectTypeOf<Tensor<'i32'>>().not.toExtend<Tensor>();
  expectTypeOf<Tensor<'i32'>>().toExtend<AnyTensor>();
  expect((await cast(integers, 'f32').data()).constructor).toBe(Float32Array);
});
