import { expect, test } from 'vitest';
import { BindGroupCache, type Bound } from '../../src/device/bind-groups.ts';
import type { DeviceBuffer } from '../../src/device/buffer-pool.ts';
import type { Pipeline } from '../../src/device/pipelines.ts';

const pipeline = {
  layoutKey: 'read',
  plan: { name: 'kernel', access: ['read'], names: ['x'] },
} as unknown as Pipeline;

function cache(generation: number): BindGroupCache {
  const device = { createBindGroup: () => ({}) } as unknown as GPUDevice;
  return new BindGroupCache(device, {} as GPUBuffer, generation);
}

const buffer = (id: number): Bound[] => [
  { buffer: { key: `|${id}:` } as DeviceBuffer, offset: 0, bytes: 16 },
];

test('what is used again and again is created once, however much else comes and goes', () => {
  const groups = cache(10);
  const kept = groups.get(pipeline, buffer(0));
  for (let i = 1; i < 1000; i++) {
    groups.get(pipeline, buffer(i));
    expect(groups.get(pipeline, buffer(0))).toBe(kept);
    expect(groups.size).toBeLessThanOrEqual(20);
  }
  expect(groups.created).toBe(1000);
});

test('a buffer that is destroyed is forgotten in both generations', () => {
  const groups = cache(2);
  for (const id of [0, 1, 2]) groups.get(pipeline, buffer(id));
  for (const id of [0, 2]) groups.forgetBuffer({ key: `|${id}:` } as DeviceBuffer);
  expect(groups.size).toBe(1);
});
