import { describe, expect, test } from 'vitest';
import { conv2dBackwardInputPlan } from '../../src/kernels/conv2d/plain/backward-input.ts';
import { conv2dBackwardWeightSequence } from '../../src/kernels/conv2d/plain/backward-weight.ts';
import { conv2dForwardPlan } from '../../src/kernels/conv2d/plain/forward.ts';
import { tiledBackwardInputPlan } from '../../src/kernels/conv2d/tiled/backward-input.ts';
import { tiledBackwardWeightSequence } from '../../src/kernels/conv2d/tiled/backward-weight.ts';
import { tiledForwardPlan } from '../../src/kernels/conv2d/tiled/forward.ts';
import { chooseTile, countTiles, fullTile } from '../../src/kernels/conv2d/tiled/tile.ts';
import {
  conv2dGeometry,
  conv2dInputShape,
  conv2dOutputShape,
  conv2dWeightShape,
} from '../../src/shape/conv2d.ts';
import { type Layout, pack } from '../../src/shape/layout.ts';
import type { Shape } from '../../src/shape/shape.ts';
import { randomNormal, xorshift } from '../reference/array.ts';
import { runKernel, runSequence } from '../support/run-kernel.ts';

describe('the tile', () => {
  test('is as large as can be where there is enough to do', () => {
    expect(chooseTile(100_352, 256)).toEqual({ rows: 128, columns: 128 });
  });
  test('is no wider than the channels need', () => {
    expect(chooseTile(100_352, 64)).toEqual({ rows: 128, columns: 64 });
    expect(fullTile(576, 192)).toEqual({ rows: 128, columns: 64 });
  });
  test('shrinks for the sake of many tiles, rows first', () => {
    expect(chooseTile(6272, 256)).toEqual({ rows: 64, columns: 128 });
    expect(chooseTile(1568, 512)).toEqual({ rows: 64, columns: 64 });
    expect(chooseTile(49, 64)).toEqual({ rows: 64, columns: 64 });
  });
  test('covers a ragged edge', () => {
    expect(countTiles({ rows: 64, columns: 128 }, 129, 128)).toBe(3);
  });
});

/** A convolution of many ragged tiles in both directions, against the plain kernels. */
describe('many tiles', () => {
  const g = conv2dGeometry([2, 132, 21, 19], [140, 132, 3, 2], { stride: [2, 1], padding: 1 });
  const next = xorshift(7);
  const normal = (shape: Shape, layout: Layout) =>
    pack(Float32Array.from(randomNormal(shape, next).data), shape, layout);
  const x = normal(conv2dInputShape(g), 'channels-last');
  const weight = normal(conv2dWeightShape(g), 'filter');
  const y = normal(conv2dOutputShape(g), 'channels-last');
  const outChannels = normal([g.outChannels], 'row-major');
  const statistics = normal([4 * g.outChannels], 'row-major');
  const garbage = ({ length }: Float32Array) => new Float32Array(length).fill(1e30);

  /** The largest difference, relative to the largest value. */
  function expectClose(actual: Float32Array, expected: Float32Array): void {
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const difference = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
    expect(difference / largest).toBeLessThan(2e-6);
  }

  test('give the outputs of the plain kernel, whatever the epilogue', async () => {
    const all = { bias: true, norm: true, residual: true, relu: true };
    const results: Float32Array[] = [];
    for (const plan of [tiledForwardPlan(g, all), conv2dForwardPlan(g, all)]) {
      const buffers = [x, weight, outChannels, statistics, y, garbage(y)];
      results.push((await runKernel(plan, buffers)).at(-1)!);
    }
    expectClose(results[0]!, results[1]!);
  });

  test('give the gradient with respect to the input of the plain kernel', async () => {
    const [, , tiled] = await runKernel(tiledBackwardInputPlan(g), [y, weight, garbage(x)]);
    const [, , plain] = await runKernel(conv2dBackwardInputPlan(g), [y, weight, garbage(x)]);
    expectClose(tiled, plain);
  });

  test('give the gradient with respect to the weight of the plain kernel', async () => {
    const buffers = { x, dy: y, dw: garbage(weight) };
    const { dw: tiled } = await runSequence(tiledBackwardWeightSequence(g), buffers);
    const { dw: plain } = await runSequence(conv2dBackwardWeightSequence(g), buffers);
    expectClose(tiled, plain);
  });
});
