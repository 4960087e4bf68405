/**
 * @file What a caller does wrong is refused before WebGPU sees it, or told later by name; the device goes on.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BufferSlice } from '../../src/device/buffer-pool.ts';
import type { Device } from '../../src/device/device.ts';
import { reads, writes } from '../../src/kernels/buffers.ts';
import { threadEntry, threadGrid } from '../../src/kernels/grid.ts';
import { defineKernel } from '../../src/kernels/kernel.ts';
import type { KernelPlan } from '../../src/kernels/plan.ts';
import { openTestDevice } from '../support/device.ts';

/** A kernel of this name that multiplies four numbers by a factor that is part of its code. */
function multiplyBy(factor: string, name = 'test.multiply'): KernelPlan {
  const kernel = defineKernel({
    name,
    buffers: { x: reads('f32'), y: writes('f32') },
    uniforms: { count: 'u32' },
    body: () => threadEntry(`if (thread < u.count) { y[thread] = x[thread] * ${factor}; }`),
  });
  return kernel({}, { count: 4 }, threadGrid(4));
}

let device: Device;
let x: BufferSlice;
let y: BufferSlice;
beforeAll(async () => {
  device = await openTestDevice();
  [x, y] = [device.allocate(16), device.allocate(16)];
  device.upload(x, new Float32Array([1, 2, 3, 4]));
});
afterAll(() => device.destroy());

/** That the device of this file still computes. */
async function expectUsable(): Promise<void> {
  device.run(multiplyBy('2.0'), [x, y]);
  const [bytes] = await device.read([y]);
  expect([...new Float32Array(bytes!)]).toEqual([2, 4, 6, 8]);
}

describe('a kernel that does not compile', () => {
  const message =
    /^kernel test\.broken does not compile \(test\.broken\): line \d+, column \d+: .*missing.*, in 'if .*missing/;

  test('is told by the next read, with the line; nothing else is lost', async () => {
    const broken = multiplyBy('missing', 'test.broken');
    const z = device.allocate(16);
    device.run(multiplyBy('2.0'), [x, z]);
    device.run(broken, [x, y]);
    device.run(broken, [x, y]);
    device.run(multiplyBy('2.0'), [x, z]);
    const reads = [device.read([z]), device.finished()];
    await expect(reads[0]).rejects.toMatchObject({
      code: 'validation',
      message: expect.stringMatching(message),
    });
    await expect(reads[1]).rejects.toMatchObject({ code: 'validation' });
    const [bytes] = await device.read([z]);
    expect([...new Float32Array(bytes!)]).toEqual([2, 4, 6, 8]);
    expect(() => device.run(broken, [x, y])).toThrow(message);
    device.free(z);
    await expectUsable();
  });

  test('is told by prepare, and the others are prepared', async () => {
    const broken = multiplyBy('missing', 'test.broken');
    const good = multiplyBy('5.0', 'test.good');
    const fresh = await openTestDevice();
    const slices = [fresh.allocate(16), fresh.allocate(16)];
    const preparing = fresh.prepare(() => {
      fresh.run(broken, slices);
      fresh.run(good, slices);
    });
    await expect(preparing).rejects.toMatchObject({
      code: 'validation',
      message: expect.stringMatching(message),
    });
    fresh.run(good, slices);
    await fresh.finished();
    expect(fresh.statistics).toMatchObject({ pipelinesCreated: 1, dispatches: 1 });
    fresh.destroy();
  });

  test('may also be one whose workgroup is too large', async () => {
    const kernel = defineKernel({
      name: 'test.too-large',
      buffers: { y: writes('f32') },
      uniforms: { count: 'u32' },
      body: () => '@compute @workgroup_size(65536) fn main() { y[0] = f32(u.count); }',
    });
    const plan = kernel({}, { count: 1 }, [1, 1, 1]);
    const refused = { code: 'validation', message: expect.stringContaining('kernel test.too-large') };
    await expect(device.prepare(() => device.run(plan, [y]))).rejects.toMatchObject(refused);
    device.run(plan, [y]);
    await expect(device.finished()).rejects.toMatchObject(refused);
    await expectUsable();
  });
});

describe('two kernels under one key', () => {
  const twins = () => [multiplyBy('7.0', 'test.twin'), multiplyBy('8.0', 'test.twin')] as const;
  const message =
    /two kernels have the key 'test\.twin', but line \d+ of their WGSL is '.*7\.0.*' and '.*8\.0.*'/;

  test('are refused where they run', async () => {
    const [first, second] = twins();
    device.run(first, [x, y]);
    expect(() => device.run(second, [x, y])).toThrow(message);
    await expectUsable();
  });

  test('are refused where they are prepared', async () => {
    const [first, second] = twins();
    const both = () => {
      device.run(first, [x, y]);
      device.run(second, [x, y]);
    };
    await expect(device.prepare(both)).rejects.toMatchObject({ code: 'invalid-argument' });
    await expectUsable();
  });

  test('are refused where their buffers differ', () => {
    const plan = multiplyBy('9.0', 'test.other-access');
    device.run(plan, [x, y]);
    const other: KernelPlan = { ...plan, access: ['read_write', 'read_write'] };
    expect(() => device.run(other, [x, y])).toThrow(
      /storage buffers are \[read, read_write\] and \[read_write, /,
    );
  });

  test('may have the same code', async () => {
    device.run(multiplyBy('2.0'), [x, y]);
    await expectUsable();
  });

  test('are found by a checked device where one function gives different code', async () => {
    const checked = await openTestDevice({ checked: true });
    let factor = '1.0';
    const kernel = defineKernel({
      name: 'test.unsteady',
      buffers: { y: writes('f32') },
      uniforms: { count: 'u32' },
      body: () => threadEntry(`if (thread < u.count) { y[thread] = ${factor}; }`),
    });
    const slice = checked.allocate(16);
    const run = () => checked.run(kernel({}, { count: 4 }, threadGrid(4)), [slice]);
    run();
    run();
    factor = '2.0';
    expect(run).toThrow(/two kernels have the key 'test\.unsteady'/);
    checked.destroy();
  });
});

describe('a slice that is not to be used', () => {
  type Use = (slice: BufferSlice) => unknown;
  const uses: [string, Use][] = [
    ['run', (slice) => device.run(multiplyBy('2.0'), [x, slice])],
    ['a dry run', (slice) => device.dryRun(() => device.run(multiplyBy('2.0'), [slice, y]))],
    ['upload', (slice) => device.upload(slice, new Float32Array(4))],
    ['copy from', (slice) => device.copy(slice, y)],
    ['copy to', (slice) => device.copy(x, slice)],
    ['clear', (slice) => device.clear(slice)],
    ['read', (slice) => device.read([slice])],
    ['free', (slice) => device.free(slice)],
  ];
  const outcome = async (use: () => unknown) => use();

  test.each(uses)('is refused by %s', async (_, use) => {
    const other = await openTestDevice();
    const foreign = other.allocate(16);
    const freed = device.allocate(16);
    device.free(freed);
    const slices: [BufferSlice, string, RegExp][] = [
      [foreign, 'invalid-argument', /a slice of 16 bytes lies in a buffer of another device/],
      [freed, 'disposed', /a slice of 16 bytes was used after it was freed/],
      [
        { ...y, offset: 256 },
        'invalid-argument',
        /16 bytes from byte 256 on does not lie in its buffer of 256/,
      ],
      [{ ...y, bytes: Number.NaN }, 'invalid-argument', /a slice of NaN bytes/],
      [
        { shape: [4] } as unknown as BufferSlice,
        'invalid-argument',
        /takes slices of buffers, got an object/,
      ],
    ];
    for (const [slice, code, message] of slices)
      await expect(outcome(() => use(slice))).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
    other.destroy();
    await expectUsable();
  });

  test('freed twice, would belong to two', () => {
    const slice = device.allocate(1000);
    device.free(slice);
    expect(() => device.free(slice)).toThrow(expect.objectContaining({ code: 'disposed' }));
    const [a, b] = [device.allocate(1000), device.allocate(1000)];
    expect(a.buffer).not.toBe(b.buffer);
    device.free(a);
    device.free(b);
  });

  test('may begin where no adapter can bind, or share what a kernel writes', async () => {
    const whole = device.allocate(512);
    const part = (offset: number, bytes: number) => ({ ...whole, offset, bytes });
    const plan = multiplyBy('2.0');
    expect(() => device.run(plan, [part(16, 16), y])).toThrow(
      /test\.multiply: x begins at byte 16 of its buffer/,
    );
    expect(() => device.run(plan, [part(0, 512), part(256, 16)])).toThrow(
      /test\.multiply writes y, which shares its buffer with x/,
    );
    expect(() => device.run(plan, [part(0, 16), part(256, 16)])).toThrow(/shares its buffer with x/);
    device.free(whole);
    await expectUsable();
  });
});

test('destroying a device under way leaves no promise to reject unheard', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  const lost = await openTestDevice({ profile: true });
  const slices = [lost.allocate(16), lost.allocate(16)];
  for (let i = 0; i < 150; i++) lost.run(multiplyBy('3.0', 'test.lost'), slices);
  lost.run(multiplyBy('missing', 'test.broken'), slices);
  const asked = [
    lost.finished(),
    lost.read(slices),
    lost.kernelTimes(),
    lost.time(() => {}),
    lost.prepare(() => lost.run(multiplyBy('4.0', 'test.unprepared'), slices)),
  ];
  lost.destroy();
  for (const outcome of await Promise.allSettled(asked))
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'device-lost' } });
  await sleep(100);
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

test('a grid that is too long for the adapter is refused, also where the kernel has run before', async () => {
  const device = await openTestDevice();
  const one = defineKernel({
    name: 'test.one',
    buffers: { y: writes('f32') },
    uniforms: {},
    body: () => threadEntry('if (thread == 0u) { y[0] = 1.0; }'),
  });
  const y = device.allocate(16);
  device.run(one({}, {}, [1, 1, 1]), [y]);
  await device.finished();
  const most = device.info.limits.maxComputeWorkgroupsPerDimension;
  expect(() => device.run(one({}, {}, [1, most + 1, 1]), [y])).toThrow(
    expect.objectContaining({
      code: 'unsupported',
      message: expect.stringMatching(/kernel test\.one: a grid of 1 × /),
    }),
  );
  expect(new Float32Array((await device.read([y]))[0]!)[0]).toBe(1);
  device.destroy();
});
