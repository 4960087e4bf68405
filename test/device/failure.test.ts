/**
 * @file What goes wrong with a device is told by the next read, whatever events its platform has: no read gives zeros for it.
 */

import { describe, expect, test } from 'vitest';
import { BufferUsage } from '../../src/device/constants.ts';
import { FoveaError } from '../../src/errors.ts';
import { nullAdapters, openPlatform, type Platform } from '../support/stand-in.ts';

const MIB = 2 ** 20;

/** A device of a platform; on the null adapter, whose memory is soon used up. */
const open = (platform: Platform) => openPlatform(platform, {}, nullAdapters);

function catchCode(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof FoveaError ? error.code : error;
  }
}

const EVENTS: [string, () => Record<string, unknown>][] = [
  ['as Dawn has them', () => ({})],
  ['as in Safari 26, without onuncapturederror', () => ({ onuncapturederror: undefined })],
  ['without listeners', () => ({ addEventListener: undefined })],
  ['without any', () => ({ onuncapturederror: undefined, addEventListener: undefined })],
  [
    'of which none arrives',
    () => ({ onuncapturederror: null, addEventListener: () => {}, removeEventListener: () => {} }),
  ],
];

describe.each(EVENTS)('with events %s', (_, events) => {
  test('memory that there is not is told', async () => {
    const device = await open({ device: events });
    const small = device.allocate(16);
    const large = [1, 2, 3].map(() => device.allocate(256 * MIB)); // of 512 MiB
    device.clear(large[2]!);
    await expect(device.read([small])).rejects.toMatchObject({
      code: 'out-of-memory',
      message: expect.stringMatching(
        /^the adapter is out of memory with 805306624 bytes in use: use a smaller batch/,
      ),
    });
    expect(() => device.allocate(16)).toThrow(expect.objectContaining({ code: 'out-of-memory' }));
    await expect(device.finished()).rejects.toMatchObject({ code: 'out-of-memory' });
  });

  test('memory that there is not is told to those who read nothing', async () => {
    const device = await open({ device: events });
    for (let i = 0; i < 3; i++) device.allocate(256 * MIB);
    await expect.poll(() => catchCode(() => device.allocate(16))).toBe('out-of-memory');
  });

  test('a command that WebGPU refuses is told', async () => {
    const readable = ({ usage, ...rest }: GPUBufferDescriptor) => ({
      ...rest,
      usage: usage & BufferUsage.STORAGE ? usage & ~BufferUsage.COPY_SRC : usage,
    });
    const device = await open({
      device: (gpu) => ({
        ...events(),
        createBuffer: (descriptor: GPUBufferDescriptor) => gpu.createBuffer(readable(descriptor)),
      }),
    });
    await expect(device.read([device.allocate(16)])).rejects.toMatchObject({
      code: 'validation',
      message: expect.stringMatching(/^WebGPU refused a command, please report this: /),
    });
    expect(() => device.allocate(16)).toThrow(expect.objectContaining({ code: 'validation' }));
  });
});

/** A device whose staging buffers are not mapped: `reject` is called instead. */
const unmappable = (reject: () => Promise<never>): Platform => ({
  device: (gpu) => ({
    createBuffer(descriptor: GPUBufferDescriptor) {
      const buffer = gpu.createBuffer(descriptor);
      return descriptor.usage & BufferUsage.MAP_READ ? Object.assign(buffer, { mapAsync: reject }) : buffer;
    },
  }),
});
const aborted = () => Promise.reject(new DOMException('the buffer was unmapped', 'AbortError'));

describe('a read that fails', () => {
  test('is a lost device where the loss is told later', async () => {
    let lose: (info: object) => void = () => {};
    const lost = new Promise<object>((resolve) => {
      lose = resolve;
    });
    const losing = unmappable(() => {
      setTimeout(() => lose({ reason: 'unknown', message: 'the GPU process has crashed' }), 30);
      return aborted();
    });
    const device = await open({ device: (gpu) => ({ ...losing.device!(gpu), lost }) });
    await expect(device.read([device.allocate(16)])).rejects.toMatchObject({
      code: 'device-lost',
      message: expect.stringContaining('the GPU process has crashed'),
    });
  });

  test('is told with what WebGPU says where nothing else is known', async () => {
    const device = await open(unmappable(aborted));
    await expect(device.read([device.allocate(16)])).rejects.toMatchObject({
      code: 'validation',
      message: expect.stringMatching(/^WebGPU gave no result.*: the buffer was unmapped$/),
    });
  });
});

test('a device that was lost while it was opened is not given out', async () => {
  const opening = open({
    adapter: (adapter) => ({
      async requestDevice(descriptor: GPUDeviceDescriptor) {
        const device = await adapter.requestDevice(descriptor);
        device.destroy();
        return device;
      },
    }),
  });
  await expect(opening).rejects.toMatchObject({ code: 'device-lost' });
});
