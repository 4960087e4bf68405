import { afterEach, expect, test, vi } from 'vitest';
import { nodeAdapters } from '../../src/device/node/adapters.ts';
import { FoveaError } from '../../src/errors.ts';
import { openDevice } from '../../src/tensor/open-device.ts';
import { algorithmsOf } from '../../src/tensor/tuning.ts';

afterEach(() => {
  vi.doUnmock('../../src/kernels/conv2d/for-software.ts');
  vi.doUnmock('../../src/kernels/conv2d/for-hardware.ts');
});

test('a device has the algorithms for its kind of adapter, and the references last', async () => {
  const device = await openDevice(nodeAdapters);
  const names = algorithmsOf(device).map(({ name }) => name);
  expect(names.slice(-3)).toEqual(['depthwise', 'plain', 'grouped']);
  expect(names.includes('subgroup')).toBe(device.info.software);
  expect(names.includes('tiled')).toBe(!device.info.software);
  device.destroy();
});

test('kernels that cannot be loaded are reported', async () => {
  const fail = () => {
    throw new TypeError('Failed to fetch');
  };
  vi.doMock('../../src/kernels/conv2d/for-software.ts', fail);
  vi.doMock('../../src/kernels/conv2d/for-hardware.ts', fail);
  vi.resetModules();
  const fresh = await import('../../src/tensor/open-device.ts');
  const error = await fresh.openDevice(nodeAdapters).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: FoveaError.name, code: 'bad-file' });
  expect((error as Error).message).toMatch(/the kernels for the adapter '.+' cannot be loaded/);
});
