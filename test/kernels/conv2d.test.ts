import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conv2dBackwardInputPlan } from '../../src/kernels/conv2d/backward-input.ts';
import { conv2dBackwardWeightPlans } from '../../src/kernels/conv2d/backward-weight.ts';
import { biasEpilogue, type Epilogue } from '../../src/kernels/conv2d/epilogue.ts';
import { conv2dForwardPlan } from '../../src/kernels/conv2d/forward.ts';
import {
  groupedBackwardInputPlan,
  groupedBackwardWeightPlans,
  groupedForwardPlan,
} from '../../src/kernels/conv2d/grouped.ts';
import type { BackwardWeightPlans } from '../../src/kernels/conv2d/split.ts';
import { subgroupTileFits } from '../../src/kernels/conv2d/subgroup.ts';
import { subgroupBackwardInputPlan } from '../../src/kernels/conv2d/subgroup-backward-input.ts';
import {
  subgroupBackwardWeightFits,
  subgroupBackwardWeightPlans,
} from '../../src/kernels/conv2d/subgroup-backward-weight.ts';
import { subgroupForwardPlan } from '../../src/kernels/conv2d/subgroup-forward.ts';
import type { KernelPlan } from '../../src/kernels/kernel.ts';
import {
  type Conv2dGeometry,
  conv2dGeometry,
  conv2dInputShape,
  conv2dOutputShape,
  conv2dWeightShape,
  groupsAreAligned,
} from '../../src/shape/conv2d.ts';
import { type Layout, memorySize, pack, unpack } from '../../src/shape/layout.ts';
import type { Shape } from '../../src/shape/shape.ts';
import { fromArray, type NdArray, randomNormal, relativeError, xorshift } from '../reference/array.ts';
import * as reference from '../reference/conv2d.ts';
import { arbitraryConvolution, awkwardConvolutions, type Conv2dCase } from '../support/conv2d-cases.ts';
import { testDevice } from '../support/device.ts';
import { runKernel } from '../support/run-kernel.ts';

interface Kernels {
  readonly supports: (g: Conv2dGeometry) => boolean;
  readonly forward: (g: Conv2dGeometry, epilogue: Epilogue) => KernelPlan;
  readonly backwardInput: (g: Conv2dGeometry) => KernelPlan;
  readonly backwardWeight: (g: Conv2dGeometry) => BackwardWeightPlans;
}

const families: Record<string, Kernels> = {
  plain: {
    supports: groupsAreAligned,
    forward: conv2dForwardPlan,
    backwardInput: conv2dBackwardInputPlan,
    backwardWeight: conv2dBackwardWeightPlans,
  },
  grouped: {
    supports: () => true,
    forward: groupedForwardPlan,
    backwardInput: groupedBackwardInputPlan,
    backwardWeight: groupedBackwardWeightPlans,
  },
};

/** The families that this device can run. */
const device = await testDevice();
const lanes = device.target.subgroupLanes;
if (subgroupTileFits(lanes)) {
  families.subgroup = {
    supports: (g) => g.groups === 1,
    forward: (g, epilogue) => subgroupForwardPlan(g, lanes, epilogue),
    backwardInput: (g) => subgroupBackwardInputPlan(g, lanes),
    backwardWeight: (g) =>
      subgroupBackwardWeightFits(lanes)
        ? subgroupBackwardWeightPlans(g, lanes)
        : conv2dBackwardWeightPlans(g),
  };
}

const TOLERANCE = 2e-6;
const GARBAGE = 1e30;

const garbage = (shape: Shape, layout: Layout) => new Float32Array(memorySize(shape, layout)).fill(GARBAGE);
const packed = ({ shape, data }: NdArray, layout: Layout) => pack(Float32Array.from(data), shape, layout);

/** The error of a result in memory order, which must have zeros for padding. */
function errorOf(values: Float32Array, expected: NdArray, layout: Layout): number {
  const logical = unpack(values, expected.shape, layout);
  expect(pack(logical, expected.shape, layout)).toEqual(values);
  return relativeError(fromArray(expected.shape, logical), expected);
}

async function checkConvolution(kernels: Kernels, { input, weight, options }: Conv2dCase, seed: number) {
  const g = conv2dGeometry(input, weight, options);
  const full = {
    stride: [g.strideY, g.strideX] as const,
    padding: paddingOf(options),
    dilation: [g.dilationY, g.dilationX] as const,
    groups: g.groups,
  };
  const next = xorshift(seed + 1);
  const x = randomNormal(conv2dInputShape(g), next);
  const w = randomNormal(conv2dWeightShape(g), next);
  const b = randomNormal([g.outChannels], next);
  const dy = randomNormal(conv2dOutputShape(g), next);

  const biased = seed % 2 === 1;
  const bias = new Float32Array(Math.ceil(g.outChannels / 4) * 4).fill(GARBAGE);
  bias.set(b.data);
  const results = await runKernel(kernels.forward(g, biasEpilogue(biased)), [
    packed(x, 'channels-last'),
    packed(w, 'filter'),
    ...(biased ? [bias] : []),
    garbage(dy.shape, 'channels-last'),
  ]);
  const y = reference.conv2d(x, w, full, biased ? b : undefined);
  expect(errorOf(results.at(-1)!, y, 'channels-last')).toBeLessThan(TOLERANCE);

  const [, , dx] = await runKernel(kernels.backwardInput(g), [
    packed(dy, 'channels-last'),
    packed(w, 'filter'),
    garbage(x.shape, 'channels-last'),
  ]);
  expect(errorOf(dx, reference.conv2dGradInput(dy, w, x.shape, full), 'channels-last')).toBeLessThan(
    TOLERANCE,
  );

  const { products, sum, scratchBytes } = kernels.backwardWeight(g);
  const scratch = sum ? new Float32Array(scratchBytes / 4).fill(GARBAGE) : garbage(w.shape, 'filter');
  const [, , parts] = await runKernel(products, [
    packed(x, 'channels-last'),
    packed(dy, 'channels-last'),
    scratch,
  ]);
  const dw = sum ? (await runKernel(sum, [parts, garbage(w.shape, 'filter')]))[1] : parts;
  expect(errorOf(dw, reference.conv2dGradWeight(dy, x, w.shape, full), 'filter')).toBeLessThan(TOLERANCE);
}

function paddingOf({ padding = 0 }: Conv2dCase['options']): readonly [number, number, number, number] {
  if (typeof padding === 'number') return [padding, padding, padding, padding];
  return padding.length === 2 ? [padding[0], padding[0], padding[1], padding[1]] : padding;
}

describe.each(Object.entries(families))('the %s kernels', (_, kernels) => {
  const supported = Object.entries(awkwardConvolutions).filter(([, c]) =>
    kernels.supports(conv2dGeometry(c.input, c.weight, c.options)),
  );
  test.each(supported)('agree with float64: %s', async (name, c) => {
    await checkConvolution(kernels, c, name.length);
  });

  test('agree with float64 on random convolutions', async () => {
    const arbitrary = arbitraryConvolution.filter((c) =>
      kernels.supports(conv2dGeometry(c.input, c.weight, c.options)),
    );
    await fc.assert(
      fc.asyncProperty(arbitrary, fc.nat(1000), (c, seed) => checkConvolution(kernels, c, seed)),
      { numRuns: 6 },
    );
  });
});
