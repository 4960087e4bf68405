import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { add, defineOp, run, sum, tensor, zeros } from '../../src/common.ts';
import type { Device } from '../../src/device/device.ts';
import { reads, writes } from '../../src/kernels/buffers.ts';
import { threadEntry, threadGrid } from '../../src/kernels/grid.ts';
import { defineKernel } from '../../src/kernels/kernel.ts';
import type { KernelPlan } from '../../src/kernels/plan.ts';
import { memorySize } from '../../src/shape/layout.ts';
import { empty } from '../../src/tensor/create.ts';
import type { AnyTensor, Tensor } from '../../src/tensor/tensor.ts';
import type { DType } from '../../src/tensor/values.ts';
import { openTestDevice } from '../support/device.ts';

/** A kernel that writes 7 to so many elements of memory from `first` on, as its author may do who knows of no padding. */
function writeSevens(name: string, element: string, writesPadding = false) {
  const kernel = defineKernel({
    name,
    buffers: { y: writes(element) },
    uniforms: { first: 'u32', end: 'u32' },
    writesPadding,
    body: () => threadEntry(`if (thread >= u.first && thread < u.end) { y[thread] = ${element}(7); }`),
  });
  return (first: number, end: number) => kernel({}, { first, end }, threadGrid(end));
}
const sevens = writeSevens('test.sevens', 'f32');
const vowing = writeSevens('test.vowing', 'f32', true);
const integers = writeSevens('test.integers', 'u32');

/** Writes 7 to the three channels of each pixel, and leaves the fourth. */
const threeChannels = defineKernel({
  name: 'test.three-channels',
  buffers: { y: writes('f32') },
  uniforms: { pixels: 'u32' },
  body: () =>
    threadEntry('if (thread < u.pixels) { for (var c = 0u; c < 3u; c++) { y[thread * 4u + c] = 7; } }'),
});
const onThreeChannels = (pixels: number) => threeChannels({}, { pixels }, threadGrid(pixels));

/** A tensor whose memory held something else before. */
function used<D extends DType = 'f32'>(
  device: Device,
  shape: readonly number[],
  dtype = 'f32' as D,
): Tensor<D> {
  const before = empty(device, shape, { dtype });
  device.upload(before.slice, new Float32Array(before.slice.bytes / 4).fill(3));
  before.dispose();
  return empty(device, shape, { dtype });
}

const whole = ({ shape, layout }: AnyTensor) => memorySize(shape, layout);

async function memoryOf({ device, slice }: AnyTensor): Promise<number[]> {
  return [...new Float32Array((await device.read([slice]))[0]!)];
}

const add2 = defineKernel({
  name: 'test.add2',
  buffers: { a: writes('f32'), b: reads('f32') },
  uniforms: {},
  body: () => threadEntry('if (thread < 3u) { a[thread] += b[thread]; }'),
});

let plain: Device;
let checked: Device;
beforeAll(async () => {
  [plain, checked] = await Promise.all([openTestDevice(), openTestDevice({ checked: true })]);
});
afterAll(() => {
  plain.destroy();
  checked.destroy();
});

describe('after a kernel of the user’s own', () => {
  test.each([
    ['writes padding', (y: Tensor) => sevens(0, whole(y))],
    ['leaves padding', () => onThreeChannels(4)],
  ])('which %s, sums are right', async (_, plan) => {
    const y = used(plain, [1, 3, 2, 2]);
    run(plan(y), { y: y });
    expect(await sum(y).item()).toBe(12 * 7);
    expect(await sum(add(y, y)).item()).toBe(12 * 14);
  });

  test('a filter’s padding is zero along both its axes', async () => {
    const y = empty(plain, [3, 2, 1, 1], { layout: 'filter' });
    run(sevens(0, 16), { y: y });
    expect(await memoryOf(y)).toEqual([7, 7, 7, 0, 7, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test('the padding of bytes is zero', async () => {
    const y = empty(plain, [1, 3, 1, 2], { dtype: 'u8' });
    const ones = writeSevens('test.bytes', 'u32');
    const plan: KernelPlan = ones(0, 2);
    run({ ...plan, key: 'test.bytes all', wgsl: () => plan.wgsl().replace('u32(7)', '0x01010101u') }, { y });
    const [bytes] = await plain.read([y.slice]);
    expect([...new Uint8Array(bytes!, 0, 8)]).toEqual([1, 1, 1, 0, 1, 1, 1, 0]);
  });

  test('nothing is cleared where its plan vows to write it, and nothing where there is no padding', () => {
    const dispatchesOf = (plan: KernelPlan, y: Tensor) => {
      const before = plain.statistics.dispatches;
      run(plan, { y: y });
      return plain.statistics.dispatches - before;
    };
    expect(dispatchesOf(sevens(0, 4), empty(plain, [1, 3, 1, 1]))).toBe(2);
    expect(dispatchesOf(vowing(0, 4), empty(plain, [1, 3, 1, 1]))).toBe(1);
    expect(dispatchesOf(sevens(0, 4), empty(plain, [1, 4, 1, 1]))).toBe(1);
    expect(dispatchesOf(sevens(0, 3), empty(plain, [3]))).toBe(1);
  });
});

describe('a checked device', () => {
  const expectFault = async (message: RegExp) => {
    await expect(checked.finished()).rejects.toMatchObject({
      code: 'validation',
      message: expect.stringMatching(message),
    });
    await checked.finished();
  };

  test('names the kernel that leaves elements unwritten', async () => {
    run(sevens(2, 10), { y: used(checked, [11]) });
    await expectFault(
      /^kernel test\.sevens \(y \[11\], row-major\) left 3 of 11 elements unwritten: write them/,
    );
    run(integers(0, 10), { y: used(checked, [11], 'u32') });
    await expectFault(/^kernel test\.integers .* left 1 of 11/);
    run(integers(0, 1), { y: used(checked, [1, 3, 1, 2], 'u8') });
    await expectFault(/left 3 of 6 elements/);
  });

  test('names the kernel that writes into padding', async () => {
    const y = used(checked, [1, 3, 2, 2]);
    run(sevens(0, whole(y)), { y: y });
    await expectFault(
      /^kernel test\.sevens \(y \[1, 3, 2, 2\], channels-last\) wrote 4 values other than zero into padding/,
    );
    run(sevens(0, 16), { y: empty(checked, [3, 2, 1, 1], { layout: 'filter' }) });
    await expectFault(/test\.sevens .*filter\) wrote 10 values other than zero into padding/);
    run(integers(0, 1), { y: used(checked, [1, 2, 1, 1], 'u8') });
    await checked.finished(); // a 7 in the first byte, zeros in the others
    run(integers(0, 4), { y: used(checked, [1, 3, 1, 1], 'u32') });
    await expectFault(/wrote 1 value other than zero into padding/);
  });

  test('names the kernel that vows to write padding, and does not', async () => {
    run(vowing(0, 3), { y: used(checked, [1, 3, 1, 1]) });
    await expectFault(
      /^kernel test\.vowing .* left 1 value of padding unwritten, though its plan has writesPadding/,
    );
  });

  test('has nothing against a kernel that writes its elements, in parts too where they begin as zeros', async () => {
    const y = used(checked, [1, 3, 2, 2]);
    run(onThreeChannels(4), { y: y });
    expect(await sum(y).item()).toBe(12 * 7);
    const parts = zeros(checked, [11]);
    run(sevens(0, 5), { y: parts });
    run(sevens(5, 11), { y: parts });
    expect(await sum(parts).item()).toBe(77);
    await checked.prepare(() => run(sevens(0, 11), { y: used(checked, [11]) }));
  });

  test('watches an op of one’s own, and all that reads while it is watched', async () => {
    const double = defineKernel({
      name: 'test.double',
      buffers: { x: reads('f32'), y: writes('f32') },
      uniforms: { count: 'u32' },
      body: () => threadEntry('if (thread < u.count) { y[thread] = 2 * x[thread]; }'),
    });
    const forget = defineOp<object, Record<never, never>>({
      name: 'forget',
      forward: ([x]) => {
        const output = empty(x!.device, x!.shape);
        run(double({}, { count: x!.size - 1 }, threadGrid(x!.size)), { x: x!, y: output });
        return { output, saved: {} };
      },
      backward: () => [],
    });
    const y = forget([tensor(checked, [1, 2, 3])], {});
    const outcomes = await Promise.allSettled([y.data(), checked.finished()]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        reason: { message: expect.stringContaining('kernel test.double (y [3], row-major) left 1 of 3') },
      });
  });

  test('fills memory that is larger than what can be bound', async () => {
    const device = await openTestDevice({ checked: true, bindingLimit: 1000 });
    const [bytes] = await device.read([device.allocate(4000)]);
    expect(new Set(new Uint32Array(bytes!)).size).toBe(1);
    device.destroy();
  });
});

test('what is no plan or tensor, tensors of two devices, and other names are refused', () => {
  const plan = sevens(0, 3);
  const two = add2({}, {}, [1, 1, 1]);
  // biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript lets one pass
  const any = (value: unknown): any => value;
  const y = zeros(plain, [3]);
  expect(() => run({} as KernelPlan, {})).toThrow(/^the plan of run is an object: it must be a KernelPlan/);
  expect(() => run(plan, { y: 3 as unknown as Tensor })).toThrow(
    /^y of kernel test\.sevens is 3: it must be a Tensor/,
  );
  expect(() => run(plan, any(y))).toThrow(/^the tensors of run is a Tensor: it must be an object of tensors/);
  expect(() => run(plan, any({}))).toThrow(/test\.sevens was given no tensors/);
  expect(() => run(plan, any({ result: y }))).toThrow(/has no buffer called result: its buffers are y/);
  expect(() => run(plan, { y, ...any({ x: y }) })).toThrow(/has no buffer called x: its buffers are y/);
  // @ts-expect-error: a buffer that is not given does not compile
  expect(() => run(two, { a: y })).toThrow(/takes a tensor called b, and was given a/);
  // @ts-expect-error: nor does a misspelt one
  expect(() => run(two, { a: y, d: y })).toThrow(/has no buffer called d: its buffers are a, b/);
  expect(() => run(two, { a: y, b: zeros(checked, [3]) })).toThrow(
    /^kernel test\.add2: a tensor of shape \[3\] is on another device/,
  );
});
