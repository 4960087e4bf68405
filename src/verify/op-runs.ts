/**
 * @file How each op is called on the tensors of a case, and with which options.
 */

import * as ops from '../autograd/ops.ts';
import type { Device } from '../device/device.ts';
import { Random } from '../random.ts';
import type { Layout } from '../shape/layout.ts';
import type { Shape } from '../shape/shape.ts';
import { tensor } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** The name of an op. */
export type OpName = keyof typeof ops;

type Numbers = readonly number[];
type Pair = readonly [number, number];
type Sides = readonly [top: number, bottom: number, left: number, right: number];
type Reduced = { readonly axes: Numbers; readonly keepDims: boolean };
type Window = {
  readonly stride: Pair;
  readonly padding: Sides;
  readonly dilation: Pair;
  readonly groups: number;
};
type PoolWindow = {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Sides;
  readonly ceilMode?: boolean;
  readonly exclusive?: boolean;
};
type Mask = { readonly probability: number; readonly seed: number };

/** What an op is given beside tensors, where that is anything. All of it is written out, so that a reference has no defaults to know. */
interface GivenOptions {
  clamp: { readonly min: number; readonly max: number };
  leakyRelu: { readonly negativeSlope: number };
  elu: { readonly alpha: number };
  gelu: { readonly approximate: 'none' | 'tanh' };
  sum: Reduced;
  mean: Reduced;
  max: Reduced;
  min: Reduced;
  logSumExp: Reduced;
  variance: Reduced & { readonly unbiased: boolean };
  argMax: { readonly axis: number; readonly keepDims: boolean };
  softmax: { readonly axis: number };
  logSoftmax: { readonly axis: number };
  reshape: { readonly shape: Shape };
  flatten: { readonly axis: number };
  permute: { readonly axes: Numbers };
  concat: { readonly axis: number };
  stack: { readonly axis: number };
  toLayout: { readonly layout: Layout };
  slice: { readonly starts: Numbers; readonly ends: Numbers; readonly steps: Numbers };
  pad: {
    readonly pads: readonly Pair[];
    readonly mode: 'constant' | 'reflect' | 'replicate';
    readonly value: number;
  };
  gather: { readonly indexes: Numbers };
  conv2d: Window;
  convBatchNorm: Window;
  convTranspose2d: Window & { readonly outputPadding: Pair };
  batchNorm: { readonly training: boolean; readonly relu: boolean };
  layerNorm: { readonly axes: Numbers };
  groupNorm: { readonly groups: number };
  dropout: Mask;
  dropPath: Mask;
  maxPool2d: PoolWindow;
  avgPool2d: PoolWindow;
  upsample: { readonly size: Pair; readonly mode: 'nearest' | 'bilinear'; readonly alignCorners?: boolean };
  adaptiveAvgPool2d: { readonly size: Pair };
  crossEntropy: {
    readonly labels: Numbers;
    readonly labelSmoothing: number;
    readonly reduction: 'mean' | 'none';
  };
  sigmoidCrossEntropyWithLogits: { readonly normalize: boolean; readonly positiveWeight: number };
  accuracy: { readonly labels: Numbers };
  smoothL1: { readonly beta: number };
  normalizeImages: { readonly shape: Shape };
  augmentImages: { readonly shape: Shape; readonly parameters: Numbers };
}

/** The options of each op. */
export type OptionsOf = {
  readonly [Name in OpName]: Name extends keyof GivenOptions ? GivenOptions[Name] : Record<never, never>;
};

/** Calls an op on the tensors of a case. */
type Run<Name extends OpName> = (
  inputs: readonly Tensor[],
  options: OptionsOf[Name],
  device: Device,
) => Tensor;

const unary =
  (op: (x: Tensor) => Tensor) =>
  ([x]: readonly Tensor[]): Tensor =>
    op(x!);
const binary =
  (op: (a: Tensor, b: Tensor) => Tensor) =>
  ([a, b]: readonly Tensor[]): Tensor =>
    op(a!, b!);
const withOptions =
  <Options>(op: (x: Tensor, options: Options) => Tensor) =>
  ([x]: readonly Tensor[], options: Options): Tensor =>
    op(x!, options);

const norm = ([weight, bias, runningMean, runningVariance]: readonly Tensor[]) => ({
  weight: weight!,
  bias: bias!,
  runningMean: runningMean!,
  runningVariance: runningVariance!,
});
const whole = (device: Device, values: Numbers) => tensor(device, Int32Array.from(values));

/** By name. */
export const OP_RUNS: { readonly [Name in OpName]: Run<Name> } = {
  abs: unary(ops.abs),
  accuracy: ([x], { labels }, device) => ops.accuracy(x!, whole(device, labels)),
  adaptiveAvgPool2d: ([x], { size }) => ops.adaptiveAvgPool2d(x!, size),
  add: binary(ops.add),
  argMax: ([x], options) => ops.cast(ops.argMax(x!, options), 'f32'),
  augmentImages: (_, { shape, parameters }, device) =>
    ops.augmentImages(bytes(device, shape), tensor(device, Float32Array.from(parameters), [shape[0]!, 24])),
  avgPool2d: withOptions(ops.avgPool2d),
  batchNorm: ([x, weight, bias, runningMean, runningVariance, residual], options) =>
    ops.batchNorm(x!, norm([weight!, bias!, runningMean!, runningVariance!]), { ...options, residual }),
  cast: ([x]) => ops.cast(ops.cast(x!, 'i32'), 'f32'),
  clamp: withOptions(ops.clamp),
  concat: (inputs, { axis }) => ops.concat(inputs, axis),
  conv2d: ([x, weight, bias], window) => ops.conv2d(x!, weight!, { ...window, bias }),
  convBatchNorm: ([x, weight, residual, ...statistics], window) =>
    ops.convBatchNorm(x!, weight!, norm(statistics), { ...window, residual, relu: true }),
  convTranspose2d: ([x, weight, bias], window) => ops.convTranspose2d(x!, weight!, { ...window, bias }),
  crossEntropy: ([x], { labels, ...options }, device) => {
    const [batch, , ...places] = x!.shape;
    return ops.crossEntropy(x!, ops.reshape(whole(device, labels), [batch!, ...places]), options);
  },
  dice: ([x, z]) => ops.dice(ops.sigmoid(x!), ops.sigmoid(z!)),
  divide: binary(ops.divide),
  dropPath: ([x], { seed, ...options }) => ops.dropPath(x!, { ...options, random: new Random(seed) }),
  dropout: ([x], { seed, ...options }) => ops.dropout(x!, { ...options, random: new Random(seed) }),
  elu: withOptions(ops.elu),
  equal: binary(ops.equal),
  exp: unary(ops.exp),
  flatten: ([x], { axis }) => ops.flatten(x!, axis),
  gather: ([x], { indexes }, device) => ops.gather(x!, whole(device, indexes)),
  gelu: withOptions(ops.gelu),
  greater: binary(ops.greater),
  greaterEqual: binary(ops.greaterEqual),
  groupNorm: ([x, weight, bias], { groups }) => ops.groupNorm(x!, groups, { weight, bias }),
  hardSigmoid: unary(ops.hardSigmoid),
  hardSwish: unary(ops.hardSwish),
  l1: binary(ops.l1),
  layerNorm: ([x, weight, bias], { axes }) => ops.layerNorm(x!, { axes, weight, bias }),
  leakyRelu: withOptions(ops.leakyRelu),
  less: binary(ops.less),
  lessEqual: binary(ops.lessEqual),
  linear: ([x, weight, bias]) => ops.linear(x!, weight!, bias),
  log: unary(ops.log),
  logSoftmax: withOptions(ops.logSoftmax),
  logSumExp: withOptions(ops.logSumExp),
  matmul: binary(ops.matmul),
  max: withOptions(ops.max),
  maxPool2d: withOptions(ops.maxPool2d),
  maximum: binary(ops.maximum),
  mean: withOptions(ops.mean),
  min: withOptions(ops.min),
  minimum: binary(ops.minimum),
  mse: binary(ops.mse),
  multiply: binary(ops.multiply),
  neg: unary(ops.neg),
  normalizeImages: (_, { shape }, device) => ops.normalizeImages(bytes(device, shape)),
  notEqual: binary(ops.notEqual),
  pad: ([x], { pads, ...options }) => ops.pad(x!, pads, options),
  permute: ([x], { axes }) => ops.permute(x!, axes),
  pow: binary(ops.pow),
  relu: unary(ops.relu),
  reshape: ([x], { shape }) => ops.reshape(x!, shape),
  rsqrt: unary(ops.rsqrt),
  sigmoid: unary(ops.sigmoid),
  sigmoidCrossEntropyWithLogits: ([x, labels], options) =>
    ops.sigmoidCrossEntropyWithLogits(x!, labels!, options),
  silu: unary(ops.silu),
  slice: withOptions(ops.slice),
  smoothL1: ([x, z], options) => ops.smoothL1(x!, z!, options),
  softmax: withOptions(ops.softmax),
  softplus: unary(ops.softplus),
  sqrt: unary(ops.sqrt),
  stack: (inputs, { axis }) => ops.stack(inputs, axis),
  subtract: binary(ops.subtract),
  sum: withOptions(ops.sum),
  tanh: unary(ops.tanh),
  toLayout: ([x], { layout }) => ops.toLayout(x!, layout),
  upsample: withOptions(ops.upsample),
  variance: withOptions(ops.variance),
  where: ([condition, a, b]) => ops.where(condition!, a!, b!),
};

/** Bytes of images `[N, H, W, 3]`, of every value. */
export const imageBytes = (shape: Shape): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => (i * 89 + (i >> 8)) % 256);

const bytes = (device: Device, shape: Shape) =>
  tensor(device, imageBytes(shape), shape, { layout: 'row-major' });
