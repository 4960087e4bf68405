import { describe, expect, test } from 'vitest';
import { FoveaError } from '../../src/errors.ts';
import { reads, writes } from '../../src/kernels/buffers.ts';
import { threadEntry, threadGrid } from '../../src/kernels/grid.ts';
import { defineKernel } from '../../src/kernels/kernel.ts';
import { openTestDevice, testDevice } from '../support/device.ts';

const scale = defineKernel({
  name: 'test.scale',
  buffers: { x: reads('f32'), y: writes('f32') },
  uniforms: { count: 'u32', factor: 'f32' },
  body: () => threadEntry('if (thread < u.count) { y[thread] = x[thread] * u.factor; }'),
});
const scalePlan = (count: number, factor: number) => scale({}, { count, factor }, threadGrid(count));

describe('a device', () => {
  test('runs a kernel and reads its result back', async () => {
    const device = await testDevice();
    const [x, y] = [device.allocate(40), device.allocate(40)];
    device.upload(
      x,
      Float32Array.from({ length: 10 }, (_, i) => i),
    );
    device.run(scalePlan(10, 3), [x, y]);
    const [bytes] = await device.read([y]);
    expect([...new Float32Array(bytes!, 0, 10)]).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
    device.free(x);
    device.free(y);
  });

  test('creates nothing when a step is repeated', async () => {
    const device = await openTestDevice();
    const step = () => {
      const [x, y] = [device.allocate(4000), device.allocate(4000)];
      device.upload(x, new Float32Array(1000).fill(2));
      for (let i = 0; i < 300; i++) device.run(scalePlan(1000, i), [x, y]);
      device.free(x);
      device.free(y);
      return device.finished();
    };
    await step();
    const { buffersCreated, pipelinesCreated, bindGroupsCreated } = device.statistics;
    await step();
    expect(device.statistics).toMatchObject({
      buffersCreated,
      pipelinesCreated,
      bindGroupsCreated,
      buffersInUse: 0,
    });
    device.destroy();
  });

  test('orders uploads with what is recorded', async () => {
    const device = await testDevice();
    const [x, y, z] = [device.allocate(16), device.allocate(16), device.allocate(16)];
    device.upload(x, new Float32Array([1, 1, 1, 1]));
    device.run(scalePlan(4, 2), [x, y]);
    device.upload(x, new Float32Array([5, 5, 5, 5]));
    device.run(scalePlan(4, 2), [x, z]);
    const [first, second] = await device.read([y, z]);
    expect([new Float32Array(first!)[0], new Float32Array(second!)[0]]).toEqual([2, 10]);
    for (const slice of [x, y, z]) device.free(slice);
  });

  test('lives beside a second device', async () => {
    const [a, b] = await Promise.all([openTestDevice(), openTestDevice()]);
    a.destroy();
    const slice = b.allocate(16);
    b.upload(slice, new Float32Array([1, 2, 3, 4]));
    expect([...new Float32Array((await b.read([slice]))[0]!)]).toEqual([1, 2, 3, 4]);
    b.destroy();
  });

  test('throws device-lost after it was destroyed, also from a read under way', async () => {
    const device = await openTestDevice();
    const slice = device.allocate(16);
    const reading = device.read([slice]);
    device.destroy();
    await expect(reading).rejects.toMatchObject({ code: 'device-lost' });
    expect(() => device.allocate(16)).toThrow(FoveaError);
    await expect(device.finished()).rejects.toMatchObject({ code: 'device-lost' });
  });

  test('refuses more memory than its limit, and goes on', async () => {
    const device = await openTestDevice({ memoryLimit: 1 << 20 });
    const half = device.allocate(1 << 19);
    expect(() => device.allocate(1 << 20)).toThrow(expect.objectContaining({ code: 'out-of-memory' }));
    device.free(half);
    device.free(device.allocate(1 << 20));
    expect(device.statistics.bytesInUse).toBe(0);
    device.destroy();
  });

  test('surfaces a kernel that does not compile as an error, never as zeros', async () => {
    const device = await openTestDevice();
    const broken = defineKernel({
      name: 'test.broken',
      buffers: { y: writes('f32') },
      uniforms: { count: 'u32' },
      body: () => 'not WGSL',
    });
    const slice = device.allocate(16);
    device.run(broken({}, { count: 1 }, [1, 1, 1]), [slice]);
    await expect(device.read([slice])).rejects.toMatchObject({ code: 'validation' });
    device.destroy();
  });

  test('measures kernels when asked to', async () => {
    const device = await openTestDevice({ profile: true });
    const [x, y] = [device.allocate(4000), device.allocate(4000)];
    for (let i = 0; i < 3; i++) device.run(scalePlan(1000, i), [x, y]);
    const [time] = await device.kernelTimes();
    expect(time).toMatchObject({ name: 'test.scale', dispatches: 3 });
    expect(time!.milliseconds).toBeGreaterThan(0);
    expect(await device.kernelTimes()).toEqual([]);
    device.destroy();
  });

  test('compiles ahead without running', async () => {
    const device = await openTestDevice();
    const [x, y] = [device.allocate(16), device.allocate(16)];
    await device.prepare(() => device.run(scalePlan(4, 2), [x, y]));
    expect(device.statistics).toMatchObject({ pipelinesCreated: 1, dispatches: 0 });
    device.run(scalePlan(4, 2), [x, y]);
    await device.finished();
    expect(device.statistics).toMatchObject({ pipelinesCreated: 1, dispatches: 1 });
    device.destroy();
  });
});
