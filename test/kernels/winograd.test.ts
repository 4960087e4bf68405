import { describe, expect, test } from 'vitest';
import { biasEpilogue } from '../../src/kernels/conv2d/epilogue.ts';
import { subgroupTileFits } from '../../src/kernels/conv2d/subgroup/tile.ts';
import { winogradFits } from '../../src/kernels/conv2d/winograd/pays.ts';
import {
  winogradBackwardInputSequence,
  winogradForwardSequence,
} from '../../src/kernels/conv2d/winograd/sequence.ts';
import { type Conv2dAttributes, conv2dGeometry, conv2dOutputShape } from '../../src/shape/conv2d.ts';
import { type Layout, memorySize, pack, unpack } from '../../src/shape/layout.ts';
import type { Shape } from '../../src/shape/shape.ts';
import { fromArray, type NdArray, randomNormal, relativeError, xorshift } from '../reference/array.ts';
import * as reference from '../reference/conv2d.ts';
import { testDevice } from '../support/device.ts';
import { runSequence } from '../support/run-kernel.ts';

const TOLERANCE = 5e-6;
const GARBAGE = 1e30;

const { target } = await testDevice();
const lanes = target.subgroupLanes;
const packed = ({ shape, data }: NdArray, layout: Layout) => pack(Float32Array.from(data), shape, layout);
const garbage = (size: number) => new Float32Array(size).fill(GARBAGE);

/** What lies in `memory`, whose padding must be zero. */
function logical(memory: Float32Array, shape: Shape): NdArray {
  const values = unpack(memory, shape, 'channels-last');
  expect(pack(values, shape, 'channels-last')).toEqual(memory);
  return fromArray(shape, values);
}

const unwritten = (shape: Shape) => garbage(memorySize(shape, 'channels-last'));

const cases: Record<string, [Shape, Shape, Conv2dAttributes]> = {
  'an even map': [[2, 16, 8, 8], [32, 16, 3, 3], { padding: 1 }],
  'an odd map': [[1, 8, 7, 9], [12, 8, 3, 3], { padding: 1 }],
  'no padding, channels no multiple of 4': [[2, 5, 6, 5], [7, 5, 3, 3], {}],
  'a map of one pixel': [[3, 8, 1, 1], [8, 8, 3, 3], { padding: 1 }],
  'each side its own padding': [[1, 4, 5, 6], [4, 4, 3, 3], { padding: [2, 0, 1, 2] }],
  'many channels': [[1, 68, 4, 4], [132, 68, 3, 3], { padding: 1 }],
};

describe.skipIf(!subgroupTileFits(target))("Winograd's convolution", () => {
  test.each(Object.entries(cases))('agrees with float64: %s', async (name, [input, weight, options]) => {
    const g = conv2dGeometry(input, weight, options);
    const { padding = 0 } = options;
    const sides = typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
    const full = {
      stride: [1, 1] as const,
      dilation: [1, 1] as const,
      padding: sides as unknown as readonly [number, number, number, number],
      groups: 1,
    };
    const next = xorshift(name.length);
    const [x, w] = [randomNormal(input, next), randomNormal(weight, next)];
    const [b, dy] = [randomNormal([weight[0]!], next), randomNormal(conv2dOutputShape(g), next)];
    const bias = garbage(Math.ceil(weight[0]! / 4) * 4);
    bias.set(b.data);
    const filter = packed(w, 'filter');
    const { y } = await runSequence(winogradForwardSequence(g, lanes, biasEpilogue(true)), {
      x: packed(x, 'channels-last'),
      weight: filter,
      bias,
      y: unwritten(dy.shape),
    });
    expect(relativeError(logical(y, dy.shape), reference.conv2d(x, w, full, b))).toBeLessThan(TOLERANCE);
    const { dx } = await runSequence(winogradBackwardInputSequence(g, lanes), {
      dy: packed(dy, 'channels-last'),
      weight: filter,
      dx: unwritten(input),
    });
    const expected = reference.conv2dGradInput(dy, w, input, full);
    expect(relativeError(logical(dx, input), expected)).toBeLessThan(TOLERANCE);
  });

  test('serves 3×3 windows of stride 1 only', () => {
    const fits = (kernel: number, options: Conv2dAttributes, groups = 1) =>
      winogradFits(conv2dGeometry([1, 4, 9, 9], [4, 4 / groups, kernel, kernel], options));
    expect(fits(3, { padding: 1 })).toBe(true);
    expect(fits(5, {})).toBe(false);
    expect(fits(3, { stride: 2 })).toBe(false);
    expect(fits(3, { dilation: 2 })).toBe(false);
    expect(fits(3, { padding: 3 })).toBe(false);
    expect(fits(3, { groups: 2 }, 2)).toBe(false);
  });
});
