import { expect, test } from 'vitest';
import { defineKernel, writes } from '../../src/kernels/kernel.ts';

const kernel = defineKernel({
  name: 'test.uniforms',
  buffers: { out: writes('u32') },
  uniforms: { count: 'u32', shift: 'i32', factor: 'f32' },
  body: () => '',
});
const plan = (uniforms: { count: number; shift: number; factor: number }) => kernel({}, uniforms, [1, 1, 1]);

test('uniforms are words in the order of their declaration', () => {
  const view = new DataView(plan({ count: 7, shift: -3, factor: 0.5 }).uniforms);
  expect([view.getUint32(0, true), view.getInt32(4, true), view.getFloat32(8, true)]).toEqual([7, -3, 0.5]);
});

test.each([
  [{ count: -1 }, 'invalid-argument', 'uniform count is -1, it must be a whole number (u32)'],
  [{ count: 1.5 }, 'invalid-argument', 'uniform count is 1.5'],
  [{ shift: Number.NaN }, 'invalid-argument', 'uniform shift is NaN'],
  [{ count: 2 ** 31 }, 'unsupported', 'uniform count has 2147483648 elements'],
  [{ shift: -(2 ** 31) }, 'unsupported', 'uniform shift'],
])('%o is refused', (wrong, code, message) => {
  const make = () => plan({ count: 1, shift: 1, factor: 1, ...wrong });
  expect(make).toThrow(expect.objectContaining({ code }));
  expect(make).toThrow(message);
});

test('a constant that the variant does not have is refused by the compiler', () => {
  const tiled = defineKernel({
    name: 'test.variant',
    buffers: { out: writes('u32') },
    uniforms: {},
    // @ts-expect-error: it is tileHeight
    body: ({ tileHight }: { readonly tileHeight: number } & Record<never, never>) => `${tileHight}`,
  });
  expect(tiled({ tileHeight: 8 }, {}, [1, 1, 1]).key).toBe('test.variant tileHeight=8');
});
