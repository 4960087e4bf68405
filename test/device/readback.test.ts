/**
 * @file What is larger than a buffer of the device may be is read in parts.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BufferSlice } from '../../src/device/buffer-pool.ts';
import { BufferUsage } from '../../src/device/constants.ts';
import type { Device } from '../../src/device/device.ts';
import { openBareDevice } from '../../src/device/open.ts';
import { platformSource, standIn } from '../support/stand-in.ts';

const LIMIT = 2 ** 18;
/** How many staging buffers may still be mapped. */
let mappings = Number.POSITIVE_INFINITY;
let device: Device;
let numbers: Uint32Array<ArrayBuffer>[];
let slices: BufferSlice[];

/** A device that has no larger buffers. */
beforeAll(async () => {
  const source = platformSource({
    device: (gpu) => ({
      limits: standIn(gpu.limits, { maxBufferSize: LIMIT }),
      createBuffer(descriptor: GPUBufferDescriptor) {
        if (descriptor.size > LIMIT) throw new RangeError(`a buffer of ${descriptor.size} bytes`);
        const buffer = gpu.createBuffer(descriptor);
        if (!(descriptor.usage & BufferUsage.MAP_READ)) return buffer;
        const map = buffer.mapAsync.bind(buffer);
        return Object.assign(buffer, {
          mapAsync: async (...range: Parameters<typeof map>) => {
            if (mappings-- <= 0) throw new DOMException('no room to map it', 'OperationError');
            return map(...range);
          },
        });
      },
    }),
  });
  device = await openBareDevice(source);
  // 16 bytes, and what ends neither with a part nor with what offsets are multiples of
  numbers = [LIMIT / 4 - 4, 4, LIMIT / 4, LIMIT / 8 + 12].map((count, i) =>
    Uint32Array.from({ length: count }, (_, j) => j * 8 + i),
  );
  slices = numbers.map(({ byteLength }) => device.allocate(byteLength));
  slices.forEach((slice, i) => {
    device.upload(slice, numbers[i]!);
  });
});
afterAll(() => device.destroy());

/** Whether the bytes of all slices come back. */
async function readsAll(): Promise<boolean> {
  const bytes = await device.read(slices);
  return numbers.every((expected, i) => Buffer.from(expected.buffer).equals(new Uint8Array(bytes[i]!)));
}

test('several tensors that one staging buffer does not hold', async () => {
  expect(await readsAll()).toBe(true);
});

test('as they were, whatever is recorded while they are read', async () => {
  const reading = readsAll();
  for (const slice of slices) device.clear(slice);
  expect(await reading).toBe(true);
  slices.forEach((slice, i) => {
    device.upload(slice, numbers[i]!);
  });
});

test('a part that cannot be mapped is no zeros, and the next read is whole', async () => {
  mappings = 1;
  await expect(device.read(slices)).rejects.toMatchObject({
    code: 'validation',
    message: expect.stringContaining('no room to map it'),
  });
  mappings = Number.POSITIVE_INFINITY;
  expect(await readsAll()).toBe(true);
});

test('nothing is read of no slices', async () => {
  expect(await device.read([])).toEqual([]);
});
