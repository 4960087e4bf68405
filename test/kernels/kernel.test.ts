import { expect, test } from 'vitest';
import { writes } from '../../src/kernels/buffers.ts';
import { defineKernel } from '../../src/kernels/kernel.ts';

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

test('wrong definitions and plans are refused by name', () => {
  // biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript lets one pass
  const any = (value: unknown): any => value;
  const definition = { name: 'test.wrong', buffers: { out: writes('u32') }, uniforms: {}, body: () => '' };
  expect(() => defineKernel(any({ ...definition, body: 'x' }))).toThrow(/body of defineKernel is 'x'/);
  expect(() => defineKernel(any({ ...definition, uniforms: { n: 'int' } }))).toThrow(
    /uniforms of defineKernel is an object: it must be an object of 'u32', 'i32' or 'f32'/,
  );
  expect(() => defineKernel(any({ ...definition, buffers: { out: 'u32' } }))).toThrow(
    /reads\(\) and writes\(\)/,
  );
  expect(() => defineKernel(any({ ...definition, uniform: {} }))).toThrow(/did you mean uniforms\?/);
  expect(() => defineKernel(any({ ...definition, buffers: () => [1] }))({}, any({}), [1, 1, 1])).toThrow(
    /what buffers of kernel test\.wrong gives is \[1\]/,
  );
  expect(() => defineKernel(definition)(any(undefined), {}, [1, 1, 1])).toThrow(
    /the variant of kernel test\.wrong is undefined/,
  );
  expect(() => kernel({}, any(undefined), [1, 1, 1])).toThrow(
    /the uniforms of kernel test\.uniforms is undefined/,
  );
  expect(() => kernel({}, any({ count: 1, shift: 1 }), [1, 1, 1])).toThrow(/uniform factor is undefined/);
});

test.each([
  [undefined],
  [[1, 1]],
  [[Number.NaN, 1, 1]],
  [[-1, 1, 1]],
  [[1.5, 1, 1]],
  [[2 ** 31, 1, 1]],
  ['111'],
])('a plan of the workgroups %o is refused', (workgroups) => {
  const uniforms = { count: 1, shift: 1, factor: 1 };
  expect(() => kernel({}, uniforms, workgroups as unknown as [number, number, number])).toThrow(
    /^the workgroups of kernel test\.uniforms is .*: it must be three whole numbers/,
  );
});
