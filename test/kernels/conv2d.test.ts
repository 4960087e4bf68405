import { describe, expect, test } from 'vitest';
import type { Algorithm } from '../../src/kernels/conv2d/algorithm.ts';
import { ALL_ALGORITHMS } from '../../src/kernels/conv2d/all-algorithms.ts';
import { PASSES } from '../../src/kernels/conv2d/passes.ts';
import {
  conv2dGeometry,
  conv2dInputShape,
  conv2dOutputShape,
  conv2dWeightShape,
  groupsAreAligned,
} from '../../src/shape/conv2d.ts';
import { type Layout, memorySize, pack, unpack } from '../../src/shape/layout.ts';
import type { Shape } from '../../src/shape/shape.ts';
import { convolve, convolveBackwardInput, convolveBackwardWeight } from '../../src/tensor/convolve.ts';
import { empty, tensor } from '../../src/tensor/create.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { fromArray, type NdArray, randomNormal, relativeError, xorshift } from '../reference/array.ts';
import * as reference from '../reference/conv2d.ts';
import {
  arbitraryConvolution,
  awkwardConvolutions,
  type Conv2dCase,
  referenceOptions,
} from '../support/conv2d-cases.ts';
import { testDevice } from '../support/device.ts';
import fc from '../support/fast-check.ts';
import { thoroughly } from '../support/thorough.ts';

const TOLERANCE = 2e-6;
const GARBAGE = 1e30;

const device = await testDevice();

const geometry = ({ input, weight, options }: Conv2dCase) => conv2dGeometry(input, weight, options);

/** The passes that an algorithm has kernels for, here. */
const passesOf = (algorithm: Algorithm, c: Conv2dCase) =>
  PASSES.filter((pass) => algorithm.supports(pass, geometry(c), device.target));

const upload = ({ shape, data }: NdArray, layout: Layout): Tensor =>
  tensor(device, Float32Array.from(data), shape, { layout });

/** A tensor that holds garbage, padding included. */
function unwritten(shape: Shape, layout: Layout): Tensor {
  const result = empty(device, shape, { layout });
  device.upload(result.slice, new Float32Array(memorySize(shape, layout)).fill(GARBAGE));
  return result;
}

/** The error of a result, which must have zeros for padding. */
async function errorOf(actual: Tensor, expected: NdArray): Promise<number> {
  const [bytes] = await device.read([actual.slice]);
  const values = new Float32Array(bytes!, 0, memorySize(actual.shape, actual.layout));
  const logical = unpack(values, expected.shape, actual.layout);
  expect(pack(logical, expected.shape, actual.layout)).toEqual(values);
  return relativeError(fromArray(expected.shape, logical), expected);
}

/** Compares passes, all that `algorithm` has kernels for unless told, with float64; with a bias where `seed` is odd. */
async function checkConvolution(
  algorithm: Algorithm,
  c: Conv2dCase,
  seed: number,
  passes = passesOf(algorithm, c),
) {
  const g = geometry(c);
  const full = referenceOptions(c);
  const next = xorshift(seed + 1);
  const arrays = {
    x: randomNormal(conv2dInputShape(g), next),
    w: randomNormal(conv2dWeightShape(g), next),
    b: randomNormal([g.outChannels], next),
    dy: randomNormal(conv2dOutputShape(g), next),
  };
  const { x, w, b, dy } = arrays;
  const biased = seed % 2 === 1;
  const results = {
    forward: unwritten(dy.shape, 'channels-last'),
    backwardInput: unwritten(x.shape, 'channels-last'),
    backwardWeight: unwritten(w.shape, 'filter'),
  };
  const expected = {
    forward: () => reference.conv2d(x, w, full, biased ? b : undefined),
    backwardInput: () => reference.conv2dGradInput(dy, w, x.shape, full),
    backwardWeight: () => reference.conv2dGradWeight(dy, x, w.shape, full),
  };
  scope(device, () => {
    const [image, filter, gradient] = [
      upload(x, 'channels-last'),
      upload(w, 'filter'),
      upload(dy, 'channels-last'),
    ];
    const bias = biased ? upload(b, 'row-major') : undefined;
    const run = {
      forward: () => convolve(g, image, filter, results.forward, { bias }, false, algorithm),
      backwardInput: () => convolveBackwardInput(g, gradient, filter, results.backwardInput, algorithm),
      backwardWeight: () => convolveBackwardWeight(g, image, gradient, results.backwardWeight, algorithm),
    };
    for (const pass of passes) run[pass]();
  });
  for (const pass of passes) {
    expect(await errorOf(results[pass], expected[pass]()), pass).toBeLessThan(TOLERANCE);
  }
  for (const result of Object.values(results)) result.dispose();
}

const tileSizes = ALL_ALGORITHMS.filter(({ name }) => name.startsWith('tiled '));
const smallest = tileSizes.at(-1)!;
const isLarge = ({ name }: Algorithm) => name.endsWith('/8×8');
const thorough = thoroughly(1, 0) === 1;

/**
 * All tiles are one code, and lavapipe compiles a large one for 3 s: the smallest tries all convolutions, each of the others one
 * (`tiled.test.ts` has more), large ones a single pass of it. In thorough runs the convolutions are dealt out to the others too.
 */
const isTileTried = (algorithm: Algorithm, name: string, i: number) =>
  algorithm === smallest ||
  name === 'many channels' ||
  (thorough && i % (tileSizes.length - 1) === tileSizes.indexOf(algorithm));

/** The grouped kernels are for groups that share a vec4: of all else they try a quarter, unless tests are thorough. */
const isGroupedTried = (c: Conv2dCase, i: number) =>
  thorough || i % 4 === 0 || !groupsAreAligned(geometry(c));

function isTried(algorithm: Algorithm, name: string, c: Conv2dCase, i: number): boolean {
  if (tileSizes.includes(algorithm)) return isTileTried(algorithm, name, i);
  return algorithm.name !== 'grouped' || isGroupedTried(c, i);
}

const passesTried = (algorithm: Algorithm, c: Conv2dCase) => {
  const passes = passesOf(algorithm, c);
  return isLarge(algorithm) && !thorough ? [passes[tileSizes.indexOf(algorithm) % passes.length]!] : passes;
};

const tried = ALL_ALGORITHMS.filter(({ name }) => name !== 'tiled').filter((algorithm) =>
  Object.values(awkwardConvolutions).some((c) => passesOf(algorithm, c).length > 0),
);

describe.each(tried)('the $name kernels', (algorithm) => {
  const supported = Object.entries(awkwardConvolutions).filter(
    ([name, c], i) => passesOf(algorithm, c).length > 0 && isTried(algorithm, name, c, i),
  );
  test.each(supported)('agree with float64: %s', async (name, c) => {
    await checkConvolution(algorithm, c, name.length, passesTried(algorithm, c));
  });

  const runs = tileSizes.includes(algorithm) ? thoroughly(1, 0) : thoroughly(6, 2);
  test.skipIf(runs === 0)('agree with float64 on random convolutions', async () => {
    const arbitrary = arbitraryConvolution.filter((c) => passesOf(algorithm, c).length > 0);
    await fc.assert(
      fc.asyncProperty(arbitrary, fc.nat(1000), (c, seed) => checkConvolution(algorithm, c, seed)),
      { numRuns: runs },
    );
  });
});
