import { describe, expect, test } from 'vitest';
import { conv2dBackwardInputPlan } from '../../src/kernels/conv2d/plain/backward-input.ts';
import { conv2dBackwardWeightSequence } from '../../src/kernels/conv2d/plain/backward-weight.ts';
import { conv2dForwardPlan } from '../../src/kernels/conv2d/plain/forward.ts';
import { tiledBackwardInputPlan } from '../../src/kernels/conv2d/tiled/backward-input.ts';
import { tiledBackwardWeightSequence } from '../../src/kernels/conv2d/tiled/backward-weight.ts';
import { tiledForwardPlan } from '../../src/kernels/conv2d/tiled/forward.ts';
import { threadLoads, tileBlocks, tileK } from '../../src/kernels/conv2d/tiled/tile.ts';
import {
  chooseTile,
  countTiles,
  fillsTiles,
  fullTile,
  LARGE_TILES,
  SMALL_TILES,
  tileName,
  tileThreads,
} from '../../src/kernels/conv2d/tiled/tile-size.ts';
import { singleDispatch } from '../../src/kernels/sequence.ts';
import {
  conv2dGeometry,
  conv2dInputShape,
  conv2dOutputShape,
  conv2dWeightShape,
} from '../../src/shape/conv2d.ts';
import { type Layout, pack } from '../../src/shape/layout.ts';
import type { Shape } from '../../src/shape/shape.ts';
import { randomNormal, xorshift } from '../reference/array.ts';
import { expectSameInParts } from '../support/divided.ts';
import { runKernel, runSequence } from '../support/run-kernel.ts';

const large = { sumsPerThread: 64 } as const;
const small = { sumsPerThread: 32 } as const;
const smallest = { sumsPerThread: 16 } as const;

describe('the tile', () => {
  test.each([
    ['is as large as can be where there is enough to do', 100_352, 256, '128×128/8×8', '64×64/8×4'],
    ['is no wider than the channels need', 100_352, 64, '128×64/8×8', '64×64/8×4'],
    ['shrinks for the sake of many tiles, rows first', 6272, 256, '64×128/8×8', '64×64/8×4'],
    ['shrinks until they are enough', 1568, 512, '64×64/8×8', '64×64/8×4'],
    ['shrinks further where that is not the smallest', 784, 256, '64×64/8×8', '32×32/4×4'],
    ['is the smallest where there is little to do', 49, 64, '64×64/8×8', '32×32/4×4'],
  ])('%s', (_, rows, columns, many, few) => {
    expect(tileName(chooseTile(rows, columns, large))).toBe(many);
    expect(tileName(chooseTile(rows, columns, small))).toBe(few);
  });

  test('of a sum that is split need not shrink', () => {
    expect(tileName(fullTile(576, 192, large))).toBe('128×64/8×8');
    expect(tileName(fullTile(576, 32, small))).toBe('64×32/8×4');
  });

  test('of 16 sums is never larger', () => {
    expect(tileName(chooseTile(100_352, 256, smallest))).toBe('64×32/4×4');
    expect(tileName(chooseTile(49, 64, smallest))).toBe('32×32/4×4');
  });

  test('covers a ragged edge', () => {
    expect(countTiles({ rows: 64, columns: 128 }, 129, 128)).toBe(3);
  });

  test('is half full at least', () => {
    expect(fillsTiles(32, 32, large)).toBe(true);
    expect(fillsTiles(31, 32, large)).toBe(false);
    expect(fillsTiles(32, 31, large)).toBe(false);
    expect(fillsTiles(16, 16, small)).toBe(true);
    expect(fillsTiles(16, 15, small)).toBe(false);
  });

  test.each([...LARGE_TILES, ...SMALL_TILES])('$rows × $columns is loaded by all threads alike', (tile) => {
    const threads = tileThreads(tile);
    const { a, b } = threadLoads(tile);
    expect([a * threads, b * threads]).toEqual(
      [tile.rows, tile.columns].map((size) => size * tileBlocks(tile)),
    );
    expect([a, b].every((loads) => Number.isInteger(loads) && loads > 0)).toBe(true);
    // As many threads and bytes of workgroup memory as every adapter has.
    expect(threads).toBeLessThanOrEqual(256);
    expect((tile.rows + tile.columns) * tileK(tile) * 4).toBeLessThanOrEqual(16384);
  });
});

/** A convolution of many ragged tiles in both directions, against the plain kernels. */
describe.each([
  ['8×8 results', LARGE_TILES[3]!],
  ['8×4 results', SMALL_TILES[0]!],
  ['4×4 results, and twice the steps at a time', SMALL_TILES[2]!],
])('many tiles of threads with %s', (_, tile) => {
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
    for (const plan of [tiledForwardPlan(g, all, tile), conv2dForwardPlan(g, all)]) {
      const buffers = [x, weight, outChannels, statistics, y, garbage(y)];
      results.push((await runKernel(plan, buffers)).at(-1)!);
    }
    expectClose(results[0]!, results[1]!);
  });

  test('give the gradient with respect to the input of the plain kernel', async () => {
    const [, , tiled] = await runKernel(tiledBackwardInputPlan(g, tile), [y, weight, garbage(x)]);
    const [, , plain] = await runKernel(conv2dBackwardInputPlan(g), [y, weight, garbage(x)]);
    expectClose(tiled, plain);
  });

  test('give the gradient with respect to the weight of the plain kernel', async () => {
    const buffers = { x, dy: y, dw: garbage(weight) };
    const { dw: tiled } = await runSequence(tiledBackwardWeightSequence(g, tile), buffers);
    const { dw: plain } = await runSequence(conv2dBackwardWeightSequence(g), buffers);
    expectClose(tiled, plain);
  });

  test('are the same to the bit in parts', async () => {
    const epilogue = { bias: true, norm: true, residual: true, relu: true };
    const given = { bias: outChannels, statistics, residual: y };
    const forward = singleDispatch(tiledForwardPlan(g, epilogue, tile));
    await expectSameInParts(forward, { x, weight, ...given, y: garbage(y) });
    await expectSameInParts(singleDispatch(tiledBackwardInputPlan(g, tile)), {
      dy: y,
      weight,
      dx: garbage(x),
    });
    await expectSameInParts(tiledBackwardWeightSequence(g, tile), { x, dy: y, dw: garbage(weight) });
  });
});
