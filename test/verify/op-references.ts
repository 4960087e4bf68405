/**
 * @file Every op that `verify` tries, in float64: its value, the gradients of its inputs, and the state that it writes.
 */

import { imageBytes, type OpName, type OptionsOf } from '../../src/verify/op-runs.ts';
import { accuracy } from '../reference/accuracy.ts';
import { type Activation, activations } from '../reference/activations.ts';
import { type Arithmetic, arithmetic } from '../reference/arithmetic.ts';
import { fromArray, map, type NdArray, reshape, sizeOf } from '../reference/array.ts';
import { augmentImages } from '../reference/augment-images.ts';
import {
  batchNormEval,
  batchNormEvalBackward,
  batchNormTrain,
  batchNormTrainBackward,
} from '../reference/batch-norm.ts';
import { concat, concatBackward } from '../reference/concat.ts';
import { convTranspose2d, convTranspose2dBackward } from '../reference/conv-transpose2d.ts';
import { conv2d, conv2dGradBias, conv2dGradInput, conv2dGradWeight } from '../reference/conv2d.ts';
import { crossEntropy, crossEntropyBackward } from '../reference/cross-entropy.ts';
import { type Mask, maskOf } from '../reference/dropout.ts';
import { add, binary, multiply, sigmoid, sigmoidBackward, sumToShape } from '../reference/elementwise.ts';
import { linear, linearBackward } from '../reference/linear.ts';
import { sigmoidCrossEntropy, sigmoidCrossEntropyBackward } from '../reference/loss.ts';
import { matmul, matmulBackward } from '../reference/matmul.ts';
import * as move from '../reference/move.ts';
import { groupNorm, layerNorm, type Norm, norm, normBackward } from '../reference/norm.ts';
import { normalizeImage } from '../reference/normalize-image.ts';
import {
  dice,
  diceBackward,
  l1,
  mse,
  type PointwiseLoss,
  pointwiseLoss,
  pointwiseLossBackward,
  smoothL1,
} from '../reference/pointwise-loss.ts';
import { type PoolOptions, pool, poolBackward } from '../reference/pool.ts';
import * as reduce from '../reference/reduce.ts';
import {
  averageTaps,
  bilinearTaps,
  nearestTaps,
  resample,
  resampleBackward,
  type Taps,
} from '../reference/resample.ts';
import { logSoftmax, logSoftmaxBackward, softmax, softmaxBackward } from '../reference/softmax.ts';

/** What an op computes. */
export interface Computed {
  readonly y: NdArray;
  /** The gradients of the inputs, in order. */
  readonly backward?: (dy: NdArray) => readonly (NdArray | undefined)[];
  /** By input, what an op has made of its state. */
  readonly state?: Readonly<Record<number, NdArray>>;
}

type Reference<Name extends OpName> = (inputs: readonly NdArray[], options: OptionsOf[Name]) => Computed;

const unary =
  ({ value, derivative }: Activation) =>
  ([x]: readonly NdArray[]): Computed => ({
    y: map(x!, value),
    backward: (dy) => [map(dy, (d, i) => d * derivative(x!.data[i]!))],
  });

const binaryOf =
  ({ value, derivatives }: Arithmetic) =>
  ([a, b]: readonly NdArray[]): Computed => {
    const gradient = (dy: NdArray, operand: NdArray, derivative: (a: number, b: number) => number) =>
      sumToShape(multiply(dy, binary(a!, b!, derivative)), operand.shape);
    return {
      y: binary(a!, b!, value),
      backward: (dy) => [gradient(dy, a!, derivatives.a), gradient(dy, b!, derivatives.b)],
    };
  };

const comparison =
  (holds: (a: number, b: number) => boolean) =>
  ([a, b]: readonly NdArray[]): Computed => ({ y: binary(a!, b!, (p, q) => Number(holds(p, q))) });

type ReduceOptions = { readonly axes: readonly number[]; readonly keepDims: boolean };
const reduction =
  <Options extends ReduceOptions>(
    value: (x: NdArray, options: Options) => NdArray,
    gradient: (x: NdArray, dy: NdArray, options: Options) => NdArray,
  ) =>
  ([x]: readonly NdArray[], options: Options): Computed => ({
    y: value(x!, options),
    backward: (dy) => [gradient(x!, dy, options)],
  });

const dropped =
  (unit: Mask['unit']) =>
  ([x]: readonly NdArray[], options: Omit<Mask, 'unit'>): Computed => {
    const factors = maskOf(x!.shape, { unit, ...options });
    return { y: multiply(x!, factors), backward: (dy) => [multiply(dy, factors)] };
  };

const normalized = (given: Norm, parameters: readonly number[]): Computed => ({
  y: norm(given),
  backward: (dy) => {
    const { dx, dweight, dbias } = normBackward(given, dy, parameters);
    return [dx, dweight, dbias];
  },
});

const pooled =
  (type: PoolOptions['type']) =>
  ([x]: readonly NdArray[], window: OptionsOf['avgPool2d']): Computed => {
    const options: PoolOptions = { type, ...window };
    return { y: pool(x!, options), backward: (dy) => [poolBackward(x!, dy, options)] };
  };

const resampled = (
  x: NdArray,
  taps: (from: number, to: number) => Taps,
  size: readonly [number, number],
): Computed => {
  const [rows, columns] = [taps(x.shape[2]!, size[0]), taps(x.shape[3]!, size[1])];
  return { y: resample(x, rows, columns), backward: (dy) => [resampleBackward(x.shape, dy, rows, columns)] };
};

const loss = (of: PointwiseLoss, [x, z]: readonly NdArray[]): Computed => ({
  y: reduce.mean(pointwiseLoss(of, x!, z!)),
  backward: (dy) => {
    const { dx, dz } = pointwiseLossBackward(of, x!, z!, reduce.meanBackward(x!.shape, dy));
    return [dx, dz];
  },
});

const rearranged = (x: NdArray, y: NdArray): Computed => ({ y, backward: (dy) => [reshape(dy, x.shape)] });

/** By name. */
export const OP_REFERENCES: { readonly [Name in OpName]: Reference<Name> } = {
  abs: unary(activations.abs),
  accuracy: ([x], { labels }) => ({ y: fromArray([1], [accuracy(x!, fromArray([labels.length], labels))]) }),
  adaptiveAvgPool2d: ([x], { size }) => resampled(x!, averageTaps, size),
  add: binaryOf(arithmetic.add),
  argMax: ([x], { axis, keepDims }) => ({ y: reduce.argMax(x!, { axes: [axis], keepDims }) }),
  augmentImages: (_, { shape, parameters }) => {
    const [batch, height, width] = shape as [number, number, number, number];
    return { y: augmentImages(imageBytes(shape), [batch, height, width], Float32Array.from(parameters)) };
  },
  avgPool2d: pooled('avg'),
  batchNorm: ([x, gamma, beta, runningMean, runningVariance, residual], options) => {
    const given = {
      x: x!,
      gamma: gamma!,
      beta: beta!,
      runningMean: runningMean!,
      runningVariance: runningVariance!,
      residual,
    };
    const take = options.training ? batchNormTrainBackward : batchNormEvalBackward;
    const backward = (dy: NdArray) => {
      const { dx, dgamma, dbeta, dresidual } = take(given, dy, options);
      return [dx, dgamma, dbeta, undefined, undefined, dresidual];
    };
    if (!options.training)
      return { y: batchNormEval(given, options), backward, state: { 3: runningMean!, 4: runningVariance! } };
    const trained = batchNormTrain(given, options);
    return { y: trained.y, backward, state: { 3: trained.runningMean, 4: trained.runningVariance } };
  },
  cast: ([x]) => ({ y: map(x!, Math.trunc) }),
  clamp: ([x], { min, max }) =>
    unary({
      value: (a) => Math.min(Math.max(a, min), max),
      derivative: (a) => Number(a >= min && a <= max),
    })([x!]),
  concat: (inputs, { axis }) => ({
    y: concat(inputs, axis),
    backward: (dy) =>
      concatBackward(
        inputs.map(({ shape }) => shape),
        dy,
        axis,
      ),
  }),
  conv2d: ([x, weight, bias], options) => ({
    y: conv2d(x!, weight!, options, bias),
    backward: (dy) => [
      conv2dGradInput(dy, weight!, x!.shape, options),
      conv2dGradWeight(dy, x!, weight!.shape, options),
      conv2dGradBias(dy),
    ],
  }),
  convBatchNorm: ([x, weight, residual, gamma, beta, runningMean, runningVariance], options) => ({
    y: batchNormEval(
      {
        x: conv2d(x!, weight!, options),
        ...{
          gamma: gamma!,
          beta: beta!,
          runningMean: runningMean!,
          runningVariance: runningVariance!,
          residual,
        },
      },
      { relu: true },
    ),
  }),
  convTranspose2d: ([x, weight, bias], options) => ({
    y: convTranspose2d(x!, weight!, options, bias),
    backward: (dy) => {
      const { dx, dw } = convTranspose2dBackward(x!, weight!, dy, options);
      return [dx, dw, conv2dGradBias(dy)];
    },
  }),
  crossEntropy: ([x], { labels, ...options }) => {
    const target = fromArray([x!.shape[0]!, ...x!.shape.slice(2)], labels);
    return {
      y: crossEntropy(x!, target, options),
      backward: (dy) => [crossEntropyBackward(x!, target, dy, options)],
    };
  },
  dice: ([x, z]) => {
    const [p, t] = [sigmoid(x!), sigmoid(z!)];
    const losses = dice(p, t);
    return {
      y: reduce.mean(losses),
      backward: (dy) => {
        const each = reduce.meanBackward(losses.shape, dy);
        return [sigmoidBackward(x!, diceBackward(p, t, each)), sigmoidBackward(z!, diceBackward(t, p, each))];
      },
    };
  },
  divide: binaryOf(arithmetic.divide),
  dropPath: dropped('sample'),
  dropout: dropped('element'),
  elu: ([x], { alpha }) =>
    unary({
      value: (a) => (a > 0 ? a : alpha * Math.expm1(a)),
      derivative: (a) => (a > 0 ? 1 : alpha * Math.exp(a)),
    })([x!]),
  equal: comparison((a, b) => a === b),
  exp: unary(activations.exp),
  flatten: ([x], { axis }) =>
    rearranged(x!, reshape(x!, [...x!.shape.slice(0, axis), sizeOf(x!.shape.slice(axis))])),
  gather: ([x], { indexes }) => ({
    y: move.gather(x!, indexes, [indexes.length]),
    backward: (dy) => [move.gatherBackward(x!.shape, dy, indexes)],
  }),
  gelu: ([x], { approximate }) =>
    unary(approximate === 'tanh' ? activations.geluTanh : activations.gelu)([x!]),
  greater: comparison((a, b) => a > b),
  greaterEqual: comparison((a, b) => a >= b),
  groupNorm: ([x, weight, bias], { groups }) =>
    normalized(groupNorm(x!, groups, { weight, bias, epsilon: 1e-5 }), weight!.shape),
  hardSigmoid: unary(activations.hardSigmoid),
  hardSwish: unary(activations.hardSwish),
  l1: (inputs) => loss(l1, inputs),
  layerNorm: ([x, weight, bias], { axes }) =>
    normalized(layerNorm(x!, axes, { weight, bias, epsilon: 1e-5 }), weight!.shape),
  leakyRelu: ([x], { negativeSlope }) =>
    unary({ value: (a) => (a > 0 ? a : negativeSlope * a), derivative: (a) => (a > 0 ? 1 : negativeSlope) })([
      x!,
    ]),
  less: comparison((a, b) => a < b),
  lessEqual: comparison((a, b) => a <= b),
  linear: ([x, weight, bias]) => ({
    y: linear(x!, weight!, bias),
    backward: (dy) => {
      const { dx, dweight, dbias } = linearBackward(x!, weight!, dy);
      return [dx, dweight, dbias];
    },
  }),
  log: unary(activations.log),
  logSoftmax: ([x], { axis }) => ({
    y: logSoftmax(x!, axis),
    backward: (dy) => [logSoftmaxBackward(x!, dy, axis)],
  }),
  logSumExp: reduction(reduce.logSumExp, reduce.logSumExpBackward),
  matmul: ([a, b]) => ({
    y: matmul(a!, b!),
    backward: (dy) => {
      const { da, db } = matmulBackward(a!, b!, dy);
      return [da, db];
    },
  }),
  max: reduction(reduce.max, reduce.maxBackward),
  maxPool2d: pooled('max'),
  maximum: binaryOf(arithmetic.maximum),
  mean: reduction(reduce.mean, ({ shape }, dy, options) => reduce.meanBackward(shape, dy, options)),
  min: reduction(reduce.min, reduce.minBackward),
  minimum: binaryOf(arithmetic.minimum),
  mse: (inputs) => loss(mse, inputs),
  multiply: binaryOf(arithmetic.multiply),
  neg: unary(activations.neg),
  normalizeImages: (_, { shape }) => {
    const [batch, height, width] = shape as [number, number, number, number];
    return { y: normalizeImage(imageBytes(shape), [batch, height, width]) };
  },
  notEqual: comparison((a, b) => a !== b),
  pad: ([x], { pads, mode, value }) => ({
    y: move.pad(x!, pads, mode, value),
    backward: (dy) => [move.padBackward(x!.shape, dy, pads, mode)],
  }),
  permute: ([x], { axes }) => ({
    y: move.permute(x!, axes),
    backward: (dy) => [move.permuteBackward(dy, axes)],
  }),
  pow: binaryOf(arithmetic.pow),
  relu: unary(activations.relu),
  reshape: ([x], { shape }) => rearranged(x!, reshape(x!, shape)),
  rsqrt: unary(activations.rsqrt),
  sigmoid: unary(activations.sigmoid),
  sigmoidCrossEntropyWithLogits: ([x, labels], options) => ({
    y: sigmoidCrossEntropy(x!, labels!, options),
    backward: (dy) => [sigmoidCrossEntropyBackward(x!, labels!, dy, options)],
  }),
  silu: unary(activations.silu),
  slice: ([x], { starts, ends, steps }) => {
    const ranges = starts.map((start, axis) => ({ start, end: ends[axis]!, step: steps[axis]! }));
    return { y: move.slice(x!, ranges), backward: (dy) => [move.sliceBackward(x!.shape, dy, ranges)] };
  },
  smoothL1: (inputs, { beta }) => loss(smoothL1(beta), inputs),
  softmax: ([x], { axis }) => ({ y: softmax(x!, axis), backward: (dy) => [softmaxBackward(x!, dy, axis)] }),
  softplus: unary(activations.softplus),
  sqrt: unary(activations.sqrt),
  stack: (inputs, { axis }) => ({
    y: move.stack(inputs, axis),
    backward: (dy) => move.stackBackward(inputs[0]!.shape, inputs.length, dy, axis),
  }),
  subtract: binaryOf(arithmetic.subtract),
  sum: reduction(reduce.sum, ({ shape }, dy, options) => reduce.sumBackward(shape, dy, options)),
  tanh: unary(activations.tanh),
  toLayout: ([x]) => rearranged(x!, x!),
  upsample: ([x], { size, mode, alignCorners = false }) =>
    resampled(
      x!,
      (from, to) => (mode === 'nearest' ? nearestTaps(from, to) : bilinearTaps(from, to, alignCorners)),
      size,
    ),
  variance: reduction(reduce.variance, reduce.varianceBackward),
  where: ([condition, a, b]) => {
    const chosen = map(condition!, (value) => Number(value !== 0));
    const other = map(chosen, (value) => 1 - value);
    return {
      y: add(multiply(chosen, a!), multiply(other, b!)),
      backward: (dy) => [
        undefined,
        sumToShape(multiply(dy, chosen), a!.shape),
        sumToShape(multiply(dy, other), b!.shape),
      ],
    };
  },
};
