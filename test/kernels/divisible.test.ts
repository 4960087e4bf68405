import { describe, expect, test } from 'vitest';
import { writes } from '../../src/kernels/buffers.ts';
import type { Algorithm } from '../../src/kernels/conv2d/algorithm.ts';
import { ALL_ALGORITHMS } from '../../src/kernels/conv2d/all-algorithms.ts';
import { PASSES, type Pass } from '../../src/kernels/conv2d/passes.ts';
import { gridParts, threadEntry, threadGrid, workgroupGrid } from '../../src/kernels/grid.ts';
import { defineKernel } from '../../src/kernels/kernel.ts';
import { linearPlan } from '../../src/kernels/linear.ts';
import { matmulPlan } from '../../src/kernels/matmul.ts';
import { adamPlan } from '../../src/kernels/optimizer/adam.ts';
import { clipPlan } from '../../src/kernels/optimizer/gradient-norm.ts';
import { momentumPlan } from '../../src/kernels/optimizer/momentum.ts';
import { averagePlan, exchangePlan } from '../../src/kernels/optimizer/moving-average.ts';
import { rmsPropPlan } from '../../src/kernels/optimizer/rms-prop.ts';
import { sgdPlan } from '../../src/kernels/optimizer/sgd.ts';
import type { KernelPlan } from '../../src/kernels/plan.ts';
import { type KernelSequence, singleDispatch } from '../../src/kernels/sequence.ts';
import {
  type Conv2dGeometry,
  conv2dGeometry,
  conv2dInputShape,
  conv2dMultiplyAdds,
  conv2dOutputShape,
  conv2dWeightShape,
} from '../../src/shape/conv2d.ts';
import { type Layout, pack } from '../../src/shape/layout.ts';
import type { Shape } from '../../src/shape/shape.ts';
import { randomNormal, xorshift } from '../reference/array.ts';
import { testDevice } from '../support/device.ts';
import { expectSameInParts } from '../support/divided.ts';

const next = xorshift(3);
const normal = (shape: Shape, layout: Layout) =>
  pack(Float32Array.from(randomNormal(shape, next).data), shape, layout);

const { target } = await testDevice();
const dense = conv2dGeometry([2, 20, 13, 11], [36, 20, 3, 3], { padding: 1 });
const grouped = conv2dGeometry([2, 6, 12, 20], [9, 2, 3, 3], { groups: 3, padding: 1 });
const depthwise = conv2dGeometry([8, 40, 12, 20], [40, 1, 3, 3], { groups: 40, padding: 1, stride: 2 });
const NO_EPILOGUE = { bias: false, norm: false, residual: false, relu: false };

const settings = { learningRate: 0.1, weightDecay: 0.01, epsilon: 1e-8 };

const cases = ALL_ALGORITHMS.flatMap((algorithm) => {
  const g = { depthwise, grouped }[algorithm.name] ?? dense;
  return PASSES.filter((pass) => algorithm.supports(pass, g, target)).map((pass) => ({
    name: algorithm.name,
    pass,
    g,
    algorithm,
  }));
});

describe('convolutions', () => {
  /** The sequence of a pass, and what it reads and writes. */
  function passOf(pass: Pass, g: Conv2dGeometry, algorithm: Algorithm) {
    const x = normal(conv2dInputShape(g), 'channels-last');
    const y = normal(conv2dOutputShape(g), 'channels-last');
    const weight = normal(conv2dWeightShape(g), 'filter');
    const result = ({ length }: Float32Array) => new Float32Array(length).fill(1e30);
    return {
      forward: () => ({
        sequence: algorithm.forward(g, NO_EPILOGUE, target) as KernelSequence,
        given: { x, weight, y: result(y) },
      }),
      backwardInput: () => ({
        sequence: algorithm.backwardInput(g, target) as KernelSequence,
        given: { dy: y, weight, dx: result(x) },
      }),
      backwardWeight: () => ({
        sequence: algorithm.backwardWeight(g, target) as KernelSequence,
        given: { x, dy: y, dw: result(weight) },
      }),
    }[pass]();
  }

  // Tiles take long to compile: tiled.test.ts tests the same.
  const quick = cases.filter(({ name }) => !name.startsWith('tiled'));

  test.each(quick)('$pass by $name is the same to the bit in parts', async ({ pass, g, algorithm }) => {
    const { sequence, given } = passOf(pass, g, algorithm);
    await expectSameInParts(sequence, given);
  });

  test.each(cases)('$pass by $name says how much it multiplies', ({ name, pass, g, algorithm }) => {
    const { sequence } = passOf(pass, g, algorithm);
    const told = sequence.steps.reduce((sum, { plan }) => sum + (plan.multiplyAdds ?? 0), 0);
    const direct = conv2dMultiplyAdds(g);
    // Winograd's products are 16 per four results instead of 36; here 7 × 6 tiles cover 13 × 11 results.
    const expected = name === 'winograd' && pass !== 'backwardWeight' ? 16 * 2 * 7 * 6 * 20 * 36 : direct;
    expect(told).toBe(expected);
  });
});

test('the multiply-adds of a convolution are one for each result, tap and channel of its group', () => {
  expect(conv2dMultiplyAdds(dense)).toBe(2 * 13 * 11 * 36 * 9 * 20);
  expect(conv2dMultiplyAdds(grouped)).toBe(2 * 12 * 20 * 9 * 9 * 2);
  expect(conv2dMultiplyAdds(depthwise)).toBe(8 * 6 * 10 * 40 * 9);
});

test('products are the same to the bit in parts, and say how much they multiply', async () => {
  const plan = matmulPlan({ batch: [3], aBatch: [3], bBatch: [1], rows: 9, inner: 70, columns: 50 });
  expect(plan.multiplyAdds).toBe(3 * 9 * 70 * 50);
  expect(linearPlan({ rows: 9, inFeatures: 70, outFeatures: 50 }, { bias: true }).multiplyAdds).toBe(
    9 * 70 * 50,
  );
  const operand = (...shape: number[]) => normal(shape, 'row-major');
  const given = { a: operand(3, 9, 70), b: operand(70, 50), c: operand(3, 9, 50) };
  await expectSameInParts(singleDispatch(plan), given);
});

test.each<[string, KernelPlan]>(
  Object.entries({
    sgd: sgdPlan(700, settings),
    momentum: momentumPlan(700, { ...settings, momentum: 0.9 }),
    adam: adamPlan(700, { ...settings, betas: [0.9, 0.99], decoupled: true, update: 1 }),
    rmsProp: rmsPropPlan(700, { ...settings, alpha: 0.9, momentum: 0, centered: false }),
    clipGradNorm: clipPlan(700, 0.01),
    'an average of weights': averagePlan(700, 0.9),
    'the exchange of averages': exchangePlan(700),
  }),
)('the update of %s is the same to the bit in parts', async (_, plan) => {
  const given = Object.fromEntries(
    plan.names.map((name) => [name, normal([700], 'row-major').map(Math.abs)]),
  );
  await expectSameInParts(singleDispatch(plan), given);
});

describe('parts of a grid', () => {
  test.each([
    [[10, 1, 1], 3],
    [[10, 1, 4], 4],
    [[7, 1, 1], 100],
    [[1, 1, 1], 2],
    [[100, 10, 1], 3],
    [workgroupGrid(200_001), 7],
  ] as const)('of %j, about %i, are all of its workgroups in order', ([x, y, z], parts) => {
    const made = gridParts([x, y, z], parts);
    let first = 0;
    for (const part of made) {
      expect(part.first).toBe(first);
      expect(part.workgroups[2]).toBe(z);
      first += part.workgroups[0] * part.workgroups[1];
    }
    expect(first).toBe(x * y);
    expect(made.length).toBeLessThanOrEqual(parts);
  });
});

test('a grid of many workgroups can be run in many parts', () => {
  expect(workgroupGrid(65_535)).toEqual([65_535, 1, 1]);
  for (const workgroups of [65_536, 91_840, 200_001, 70_000_000]) {
    const [x, y] = workgroupGrid(workgroups);
    expect(x * y).toBeGreaterThanOrEqual(workgroups);
    expect(x * y).toBeLessThan(workgroups + Math.max(x, y));
    expect(Math.max(x, y)).toBeLessThanOrEqual(65_535);
    expect(gridParts([x, y, 1], 50).length).toBeGreaterThan(30);
  }
});

test('a divisible kernel that does not count from the first workgroup is refused', () => {
  const kernel = (body: string) =>
    defineKernel({
      ...{ name: 'test.divisible', buffers: { y: writes('f32') }, uniforms: {} },
      ...{ divisible: true, body: () => body },
    })({}, {}, threadGrid(1));
  expect(kernel(threadEntry('y[thread] = 1.0;')).wgsl()).toContain('firstWorkgroup: u32');
  expect(() => kernel('@compute @workgroup_size(1) fn main() {}').wgsl()).toThrow(
    /test\.divisible is divisible, so it must count its workgroups from firstWorkgroup\(\)/,
  );
});

test('multiply-adds that are no number are refused', () => {
  const kernel = defineKernel({
    ...{ name: 'test.multiplies', buffers: { y: writes('f32') }, uniforms: {} },
    body: () => threadEntry(''),
  });
  expect(() => kernel({}, {}, threadGrid(1), Number.NaN)).toThrow(
    /the multiply-adds of kernel test\.multiplies is NaN: it must be a number from 0/,
  );
  expect(kernel({}, {}, threadGrid(1)).multiplyAdds).toBe(0);
});
