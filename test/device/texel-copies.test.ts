import { describe, expect, test } from 'vitest';
import type { BufferSlice } from '../../src/device/buffer-pool.ts';
import type { Device } from '../../src/device/device.ts';
import { readsTexels, writes } from '../../src/kernels/buffers.ts';
import { threadEntry, threadGrid } from '../../src/kernels/grid.ts';
import { defineKernel } from '../../src/kernels/kernel.ts';
import { openTestDevice, testDevice } from '../support/device.ts';

const addTexels = defineKernel({
  name: 'test.add-texels',
  buffers: { a: readsTexels('a'), b: readsTexels('b'), sum: writes('vec4f') },
  uniforms: { size: 'u32' },
  body: () => threadEntry('if (thread < u.size) { sum[thread] = aAt(thread) + bAt(thread); }'),
});

const values = (count: number, factor: number) => Float32Array.from({ length: count }, (_, i) => i * factor);

/** A slice of its own, or the last of a buffer that begins with `before` bytes of something else. */
function filled(device: Device, data: Float32Array<ArrayBuffer>, before = 0): BufferSlice {
  const whole = device.allocate(before + data.byteLength);
  const slice = { buffer: whole.buffer, offset: before, bytes: data.byteLength };
  device.upload(slice, data);
  return slice;
}

async function sumOf(device: Device, texels: number, before = 0): Promise<Float32Array> {
  const [a, b] = [values(texels * 4, 1), values(texels * 4, 3)];
  const slices = [filled(device, a, before), filled(device, b), device.allocate(a.byteLength)];
  device.run(addTexels({}, { size: texels }, threadGrid(texels)), slices);
  const [bytes] = await device.read(slices.slice(2));
  for (const slice of slices) device.free(slice);
  return new Float32Array(bytes!, 0, texels * 4);
}

const readable = (await testDevice()).info.readableTextures;

describe.skipIf(!readable)('copies of buffers as textures', () => {
  test.each([1, 3, 1023, 1024, 1025, 5 * 1024 - 1, 70 * 1024 + 17])('show %i texels', async (texels) => {
    const device = await testDevice();
    expect(await sumOf(device, texels)).toEqual(values(texels * 4, 4));
  });

  test('show slices that do not begin where their buffer does, up to its end', async () => {
    const device = await testDevice();
    expect(await sumOf(device, 2000, 256)).toEqual(values(8000, 4));
    expect(await sumOf(device, 1040, 49152 - 1040 * 16)).toEqual(values(4160, 4));
  });

  test('show what was written right before', async () => {
    const device = await testDevice();
    const [a, b, c] = [filled(device, values(64, 1)), filled(device, values(64, 10)), device.allocate(256)];
    const plan = addTexels({}, { size: 16 }, threadGrid(16));
    device.run(plan, [a, b, c]); // 11 i
    device.run(plan, [c, b, a]); // 21 i
    device.run(plan, [a, c, b]); // 32 i
    const [bytes] = await device.read([b]);
    expect(new Float32Array(bytes!, 0, 64)).toEqual(values(64, 32));
    for (const slice of [a, b, c]) device.free(slice);
  });

  test.each<[string, (device: Device, from: BufferSlice, to: BufferSlice) => void]>([
    ['an upload', (device, _, to) => device.upload(to, values(64, 100))],
    ['a copy', (device, from, to) => device.copy(from, to)],
    ['a clearing', (device, _, to) => device.clear(to)],
    ['nothing', () => {}],
  ])('show again what was shown before, after %s', async (_, change) => {
    const device = await testDevice();
    const [a, b, from] = [values(64, 1), values(64, 10), values(64, 100)].map((data) => filled(device, data));
    const sum = device.allocate(256);
    const plan = addTexels({}, { size: 16 }, threadGrid(16));
    device.run(plan, [a!, b!, sum]);
    change(device, from!, a!);
    device.run(plan, [a!, b!, sum]);
    const now = await device.read([a!, b!, sum]);
    const [nowA, nowB, nowSum] = now.map((bytes) => new Float32Array(bytes, 0, 64));
    expect(nowSum).toEqual(nowA!.map((value, i) => value + nowB![i]!));
    for (const slice of [a!, b!, from!, sum]) device.free(slice);
  });

  test('show a larger slice where a smaller one of the same beginning was shown', async () => {
    const device = await testDevice();
    // Values that no other test has left in the textures.
    const [a, b, sum] = [
      filled(device, values(256, 5)),
      filled(device, values(256, 6)),
      device.allocate(1024),
    ];
    const quarter = (slice: BufferSlice) => ({ ...slice, bytes: slice.bytes / 4 });
    device.run(addTexels({}, { size: 16 }, threadGrid(16)), [quarter(a), quarter(b), sum]);
    device.run(addTexels({}, { size: 64 }, threadGrid(64)), [a, b, sum]);
    const [bytes] = await device.read([sum]);
    expect(new Float32Array(bytes!)).toEqual(values(256, 11));
    for (const slice of [a, b, sum]) device.free(slice);
  });

  test('need nothing new when a step is repeated', async () => {
    const device = await openTestDevice();
    const step = async () => {
      await sumOf(device, 100_000);
      await sumOf(device, 10);
    };
    await step();
    await step();
    const { bindGroupsCreated, buffersCreated } = device.statistics;
    await step();
    expect(device.statistics).toMatchObject({ bindGroupsCreated, buffersCreated });
    device.destroy();
  });
});
