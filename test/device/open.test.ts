/**
 * @file Devices are opened on platforms that tell less of themselves, or give less, than WebGPU promises.
 */

import { describe, expect, test } from 'vitest';
import type { AdapterSource } from '../../src/device/adapter-source.ts';
import type { Device } from '../../src/device/device.ts';
import { reads, writes } from '../../src/kernels/buffers.ts';
import { threadEntry, threadGrid } from '../../src/kernels/grid.ts';
import { defineKernel } from '../../src/kernels/kernel.ts';
import { tuningKeyOf } from '../../src/tune/tuning-key.ts';
import { openPlatform, type Platform } from '../support/stand-in.ts';

const double = defineKernel({
  name: 'test.double',
  buffers: { x: reads('f32'), y: writes('f32') },
  uniforms: { count: 'u32' },
  body: () => threadEntry('if (thread < u.count) { y[thread] = 2.0 * x[thread]; }'),
});

/** That a device computes. */
async function expectUsable(device: Device): Promise<void> {
  const [x, y] = [device.allocate(16), device.allocate(16)];
  device.upload(x, new Float32Array([1, 2, 3, 4]));
  device.run(double({}, { count: 4 }, threadGrid(4)), [x, y]);
  expect([...new Float32Array((await device.read([y]))[0]!)]).toEqual([2, 4, 6, 8]);
}

describe('an adapter', () => {
  const EMPTY = { vendor: '', architecture: '' };
  const told = { vendor: 'apple', architecture: '', device: '', description: '' };
  test.each<[string, Record<string, unknown>, object]>([
    ['has no info', {}, { name: 'unknown', software: false, ...EMPTY }],
    [
      'has the older method for it',
      { requestAdapterInfo: async () => told },
      { name: 'apple', vendor: 'apple', architecture: '' },
    ],
    [
      'refuses to tell it',
      { requestAdapterInfo: () => Promise.reject(new Error('no permission')) },
      { name: 'unknown', ...EMPTY },
    ],
    ['is a fallback by the older property', { isFallbackAdapter: true }, { name: 'unknown', software: true }],
  ])('that %s', async (_, members, info) => {
    const device = await openPlatform({ adapter: () => ({ info: undefined, ...members }) });
    expect(device.info).toMatchObject(info);
    expect(tuningKeyOf(device.info).adapter).not.toMatch(/undefined|null|, ,/);
    await expectUsable(device);
  });
});

describe('a runtime', () => {
  const DEFAULT_BUFFER = 268_435_456;

  /** Refuses the requests that `refuses` says so of, and counts them all. */
  function refusing(refuses: (asked: Required<GPUDeviceDescriptor>) => boolean) {
    const requests: GPUDeviceDescriptor[] = [];
    const platform: Platform = {
      adapter: (adapter) => ({
        async requestDevice(descriptor: Required<GPUDeviceDescriptor>) {
          requests.push(descriptor);
          if (refuses(descriptor)) throw new DOMException('this is too much', 'OperationError');
          return adapter.requestDevice(descriptor);
        },
      }),
    };
    return { platform, requests };
  }
  const asksFor = (name: string) => (asked: Required<GPUDeviceDescriptor>) =>
    Object.keys(asked.requiredLimits).includes(name) ||
    [...asked.requiredFeatures].includes(name as GPUFeatureName);

  test('that refuses one limit gives the others', async () => {
    const whole = await openPlatform({});
    const { platform, requests } = refusing(asksFor('maxBufferSize'));
    const device = await openPlatform(platform);
    expect(whole.info.limits.maxBufferSize).toBeGreaterThan(DEFAULT_BUFFER);
    expect(device.info).toEqual({
      ...whole.info,
      limits: { ...whole.info.limits, maxBufferSize: DEFAULT_BUFFER },
    });
    expect(requests.length).toBeLessThan(12);
    await expectUsable(device);
  });

  test('that refuses a feature gives the limits', async () => {
    const whole = await openPlatform({});
    const { platform } = refusing(asksFor('subgroups'));
    const device = await openPlatform(platform);
    expect(whole.info.features).toContain('subgroups');
    expect(device.info.features).not.toContain('subgroups');
    expect(device.info).toMatchObject({ limits: whole.info.limits, subgroupSizes: [0, 0] });
    await expectUsable(device);
  });

  test('that refuses all that is beyond the default gives that', async () => {
    const { platform } = refusing(
      ({ requiredLimits, requiredFeatures }) =>
        Object.keys(requiredLimits).length + [...requiredFeatures].length > 0,
    );
    const device = await openPlatform(platform);
    expect(device.info).toMatchObject({
      features: [],
      limits: {
        maxBufferSize: DEFAULT_BUFFER,
        maxStorageBuffersPerShaderStage: 8,
        maxComputeInvocationsPerWorkgroup: 256,
        maxComputeWorkgroupStorageSize: 16_384,
      },
    });
    await expectUsable(device);
  });

  test('that throws where an adapter is asked for is quoted', async () => {
    const broken: AdapterSource = {
      requestAdapter: () => Promise.reject(new DOMException('the driver is gone', 'OperationError')),
      languageFeatures: async () => new Set(),
    };
    await expect(openPlatform({}, {}, broken)).rejects.toMatchObject({
      code: 'no-adapter',
      message: 'WebGPU gives no adapter: the driver is gone',
    });
  });

  test('that gives no device at all says why', async () => {
    const { platform } = refusing(() => true);
    await expect(openPlatform(platform)).rejects.toMatchObject({
      code: 'no-adapter',
      message: expect.stringMatching(/^the adapter '.+' gives no device: this is too much$/),
    });
  });
});

describe('timestamps', () => {
  const refusals: [string, Platform][] = [
    [
      'by an exception',
      {
        device: () => ({
          createQuerySet() {
            throw new TypeError('no timestamps');
          },
        }),
      },
    ],
    [
      'by an error',
      { device: (gpu) => ({ createQuerySet: () => gpu.createQuerySet({ type: 'timestamp', count: 4097 }) }) },
    ],
  ];

  test.each(refusals)('that are promised and refused %s are none', async (_, platform) => {
    const device = await openPlatform(platform);
    expect(device.info.features).not.toContain('timestamp-query');
    expect(await device.time(() => device.clear(device.allocate(16)))).toBeGreaterThan(0);
    await expect(device.trace(() => {})).rejects.toMatchObject({ code: 'unsupported' });
    await expectUsable(device);
    await expect(openPlatform(platform, { profile: true })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(
        /'timestamp-query', which .+ promises and refuses: leave out `profile`$/,
      ),
    });
  });

  test('that are refused later are done without', async () => {
    let left = 1; // for the trial as the device is opened
    const device = await openPlatform({
      device: (gpu) => ({
        createQuerySet: () => gpu.createQuerySet({ type: 'timestamp', count: left-- > 0 ? 1024 : 4097 }),
      }),
    });
    expect(device.info.features).toContain('timestamp-query');
    expect(await device.time(() => device.clear(device.allocate(16)))).toBeGreaterThan(0);
    await expect(device.trace(() => {})).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('refuses more timestamp queries'),
    });
    await expectUsable(device);
  });

  test('that are all zero measure nothing', async () => {
    const device = await openPlatform(
      {
        device: (gpu) => ({
          createCommandEncoder() {
            const encoder = gpu.createCommandEncoder();
            const begin = encoder.beginComputePass.bind(encoder);
            return Object.assign(encoder, { beginComputePass: () => begin() });
          },
        }),
      },
      { profile: true },
    );
    const [x, y] = [device.allocate(16), device.allocate(16)];
    const work = () => device.run(double({}, { count: 4 }, threadGrid(4)), [x, y]);
    const blank = {
      code: 'unsupported',
      message: expect.stringContaining('timestamps of this adapter are zero'),
    };
    expect(await device.time(work)).toBeGreaterThan(0);
    await expect(device.trace(work)).rejects.toMatchObject(blank);
    work();
    await expect(device.kernelTimes()).rejects.toMatchObject(blank);
  });
});
