import { expect, test } from 'vitest';
import { castPlan } from '../../src/kernels/cast.ts';
import { runKernel } from '../support/run-kernel.ts';

const flat = (size: number) => ({ shape: [size], layout: 'row-major' }) as const;

const FLOATS = [0, -0, 0.9, -0.9, 1.5, -1.5, 7e8, -7e8, 2147483520, -2147483648, 2147483648, -2147484000];
const SPECIAL = [4294967040, 4294967296, 1e30, -1e30, Infinity, -Infinity, NaN, 3.999];
const floats = Float32Array.from([...FLOATS, ...SPECIAL]);
// A signed NaN.
new Uint32Array(floats.buffer)[floats.length - 2] = 0xffc00000;

/** Truncated toward zero, saturated; NaN is 0. */
function truncate(value: number, least: number, most: number): number {
  return Number.isNaN(value) ? 0 : Math.min(Math.max(Math.trunc(value), least), most) + 0;
}

test('f32 to i32 truncates and saturates', async () => {
  const [, y] = await runKernel(castPlan('f32', 'i32', flat(floats.length)), [
    floats,
    new Int32Array(floats.length),
  ]);
  expect([...y]).toEqual([...floats].map((value) => truncate(value, -(2 ** 31), 2 ** 31 - 1)));
});

test('f32 to u32 truncates and saturates', async () => {
  const [, y] = await runKernel(castPlan('f32', 'u32', flat(floats.length)), [
    floats,
    new Uint32Array(floats.length),
  ]);
  expect([...y]).toEqual([...floats].map((value) => truncate(value, 0, 2 ** 32 - 1)));
});

test('integers to f32 round to the nearest', async () => {
  const i32 = Int32Array.from([0, 1, -1, 16777217, -16777219, 2147483647, -2147483648, 5]);
  const [, fromI32] = await runKernel(castPlan('i32', 'f32', flat(8)), [i32, new Float32Array(8)]);
  expect(fromI32).toEqual(Float32Array.from(i32));
  const u32 = Uint32Array.from([0, 1, 16777217, 16777219, 4294967295, 2147483648, 7, 5]);
  const [, fromU32] = await runKernel(castPlan('u32', 'f32', flat(8)), [u32, new Float32Array(8)]);
  expect(fromU32).toEqual(Float32Array.from(u32));
});

test('between i32 and u32 the bits stay', async () => {
  const i32 = Int32Array.from([0, 1, -1, -2147483648]);
  const [, u32] = await runKernel(castPlan('i32', 'u32', flat(4)), [i32, new Uint32Array(4)]);
  expect(u32).toEqual(new Uint32Array(i32.buffer));
  const [, back] = await runKernel(castPlan('u32', 'i32', flat(4)), [u32, new Int32Array(4)]);
  expect(back).toEqual(i32);
});
