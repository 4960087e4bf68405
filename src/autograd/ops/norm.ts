/**
 * @file Layer norm and group norm: each normalizes groups of elements of one image or row by their own mean and deviation.
 */

import {
  ARRAY,
  atLeast,
  checkArgument,
  checkOptions,
  type OptionRules,
  type Rule,
  whole,
} from '../../arguments.ts';
import { check } from '../../errors.ts';
import { batchNormPartialsSize } from '../../kernels/batch-norm/channel-sums.ts';
import { normBackwardInputPlan } from '../../kernels/norm/backward-input.ts';
import {
  normBackwardPartialsPlan,
  normBackwardSumsPlan,
  normStripeCount,
} from '../../kernels/norm/backward-parameters.ts';
import { normForwardPlan, STATISTICS_PER_GROUP } from '../../kernels/norm/forward.ts';
import type { NormSize } from '../../kernels/norm/groups.ts';
import { formatShape, normalizeAxis, type Shape, sizeOf } from '../../shape/shape.ts';
import { checkTensor, TENSOR } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { batchChunks, type Chunk, run, runOverBatch, whole as wholeTensor } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import type { BackwardContext } from '../graph.ts';
import { checkFloat, checkShapeIs } from './operands.ts';
import { reshape, toLayout } from './shape.ts';

interface Attributes {
  /** Groups per image, or 'pixels' where each pixel is a group. */
  readonly groups: number | 'pixels';
  readonly epsilon: number;
  readonly weight: boolean;
  readonly bias: boolean;
}

interface Saved extends Readonly<Record<string, unknown>> {
  readonly x: Tensor;
  readonly weight: Tensor | undefined;
  readonly statistics: Tensor;
}

/** The size of x, or of some of its images. */
function normSize(x: Tensor, { groups }: Attributes, chunk?: Chunk): NormSize {
  const { first, images } = chunk ?? { first: 0, images: x.shape[0]! };
  const [, channels, height, width] = x.shape as [number, number, number, number];
  const pixels = height * width;
  return groups === 'pixels'
    ? { images: images * pixels, pixels: 1, channels, groups: 1, firstGroup: first * pixels }
    : { images, pixels, channels, groups, firstGroup: first * groups };
}

/** x is channels-last; weight and bias, those that there are, follow it. */
const normOp = defineOp<Attributes, Saved>({
  name: 'norm',
  forward: ([x, ...parameters], attributes) => {
    const { device, shape } = x!;
    const weight = attributes.weight ? parameters[0] : undefined;
    const bias = attributes.bias ? parameters.at(-1) : undefined;
    const { images, groups } = normSize(x!, attributes);
    const batch = shape[0]!;
    const y = empty(device, shape);
    const statistics = empty(device, [images * groups, STATISTICS_PER_GROUP]);
    const makePlan = (chunk: Chunk) =>
      normForwardPlan(normSize(x!, attributes, chunk), attributes, attributes.epsilon, device.target);
    const operands = { x: x!, weight: weight && wholeTensor(weight), bias: bias && wholeTensor(bias) };
    runOverBatch(batch, makePlan, { ...operands, y, statistics: wholeTensor(statistics) });
    return { output: y, saved: { x: x!, weight, statistics } };
  },
  backward: (dy, context, attributes) => [
    context.needs[0] ? inputGradient(dy, context.saved, attributes) : undefined,
    ...parameterGradients(dy, context, attributes),
  ],
});

function inputGradient(dy: Tensor, { x, weight, statistics }: Saved, attributes: Attributes): Tensor {
  const dx = empty(dy.device, x.shape);
  const makePlan = (chunk: Chunk) =>
    normBackwardInputPlan(normSize(x, attributes, chunk), { weight: weight !== undefined }, dy.device.target);
  const parameters = { statistics: wholeTensor(statistics), weight: weight && wholeTensor(weight) };
  runOverBatch(x.shape[0]!, makePlan, { dy, x, ...parameters, dx });
  return dx;
}

/** The gradients with respect to weight and bias, in the order in which they are inputs. */
function parameterGradients(
  dy: Tensor,
  { saved: { x, statistics }, needs, into }: BackwardContext<Saved>,
  attributes: Attributes,
): (Tensor | undefined)[] {
  const { device, shape } = x;
  const [batch, channels] = shape as [number, number];
  const biasInput = attributes.weight ? 2 : 1;
  const gradientOf = (input: number) =>
    needs[input] ? (into[input] ?? empty(device, [channels])) : undefined;
  const dweight = attributes.weight ? gradientOf(1) : undefined;
  const dbias = attributes.bias ? gradientOf(biasInput) : undefined;
  if (dweight || dbias) {
    const chunks = batchChunks(batch, [dy, x]);
    const stripesOf = (chunk: Chunk) => normStripeCount(normSize(x, attributes, chunk));
    const stripes = chunks.reduce((sum, chunk) => sum + stripesOf(chunk), 0);
    const partials = empty(device, [batchNormPartialsSize(channels, stripes)]);
    // All chunks but the last are of one size.
    const before = ({ first }: Chunk) => (first / chunks[0]!.images) * stripesOf(chunks[0]!);
    const makePlan = (chunk: Chunk) =>
      normBackwardPartialsPlan(normSize(x, attributes, chunk), before(chunk));
    const operands = { dy, x, statistics: wholeTensor(statistics), partials: wholeTensor(partials) };
    runOverBatch(batch, makePlan, operands);
    const wanted = { weight: dweight !== undefined, bias: dbias !== undefined };
    run(normBackwardSumsPlan(channels, wanted, stripes), { partials, dweight, dbias });
    partials.dispose();
  }
  return [...(attributes.weight ? [dweight] : []), ...(attributes.bias ? [dbias] : [])];
}

/** What layer norm and group norm may be given. */
export interface NormOptions {
  /** What the result is multiplied by; nothing by default. */
  readonly weight?: Tensor | undefined;
  /** What is added to the result after that; nothing by default. */
  readonly bias?: Tensor | undefined;
  /** Added to the variance, 1e-5 by default. */
  readonly epsilon?: number;
}

/** How a layer norm works. */
export interface LayerNormAttributes extends NormOptions {
  /**
   * The axes that are normalized together: the channels of images, `[1]`, or the last axes of any tensor. By default the
   * channels of a tensor of rank 4, the last axis of another.
   */
  readonly axes?: readonly number[];
}

/** How a group norm works. */
export type GroupNormAttributes = NormOptions;

/** The rule of an epsilon. */
export const EPSILON: Rule = atLeast(0);

const GROUP_NORM_OPTIONS: OptionRules<GroupNormAttributes> = {
  weight: TENSOR,
  bias: TENSOR,
  epsilon: EPSILON,
};
const LAYER_NORM_OPTIONS: OptionRules<LayerNormAttributes> = { ...GROUP_NORM_OPTIONS, axes: ARRAY };
const GROUPS: Rule = whole(1);

/** x `[N, C, H, W]` normalized; weight and bias are `[C]`. */
function normalizeGroups(
  x: Tensor,
  groups: Attributes['groups'],
  { weight, bias, epsilon = 1e-5 }: NormOptions,
): Tensor {
  const inputs = [toLayout(x, 'channels-last'), ...(weight ? [weight] : []), ...(bias ? [bias] : [])];
  return normOp(inputs, { groups, epsilon, weight: weight !== undefined, bias: bias !== undefined });
}

/** Checks x and what it is scaled and shifted by, which must be of `shape`. */
function checkOperands(op: string, x: Tensor, { weight, bias }: NormOptions, shape: Shape): void {
  checkFloat(op, x, ...(weight ? [weight] : []), ...(bias ? [bias] : []));
  if (weight) checkShapeIs(op, 'weight', weight, shape);
  if (bias) checkShapeIs(op, 'bias', bias, shape);
}

/**
 * Normalizes over `axes` by mean and biased variance, `y = (x − mean) / √(variance + ε) · weight + bias`, where weight and
 * bias have the shape of those axes. J. Ba et al., "Layer normalization", 2016.
 *
 *     layerNorm(image, { weight, bias })                  // [N, C, H, W] over C at each pixel, as ConvNeXt does
 *     layerNorm(rows, { weight, bias })                   // [N, F] over F
 *     layerNorm(image, { axes: [1, 2, 3] })               // over all of each image
 *
 * Throws 'shape-mismatch' where weight or bias have another shape, 'unsupported' for axes that are neither the channels of
 * images nor the last ones.
 */
export function layerNorm(x: Tensor, options: LayerNormAttributes = {}): Tensor {
  checkTensor('layerNorm', 'x', x);
  checkOptions('layerNorm', options, LAYER_NORM_OPTIONS);
  const rank = x.shape.length;
  check(rank > 0, 'shape-mismatch', () => 'layerNorm takes a tensor of rank 1 or more, got a scalar');
  const { axes = [rank === 4 ? 1 : rank - 1], weight, bias, ...rest } = options;
  const normalized = Array.from(axes, (axis) => normalizeAxis(axis, rank)).sort((a, b) => a - b);
  const shape = normalized.map((axis) => x.shape[axis]!);
  const areChannels = rank === 4 && normalized.length === 1 && normalized[0] === 1;
  const areLast =
    normalized.length > 0 && normalized.every((axis, i) => axis === rank - normalized.length + i);
  check(areChannels || areLast, 'unsupported', () => {
    const words = `layerNorm over the axes ${formatShape(axes)} of a tensor of rank ${rank}`;
    return `${words}: it takes [1], the channels of images, or the last axes, such as [${rank - 1}]`;
  });
  checkOperands('layerNorm', x, options, shape);
  if (areChannels) return normalizeGroups(x, 'pixels', options);
  // A row is a pixel with a channel for each of its elements.
  const features = sizeOf(shape);
  const rows = reshape(x, [x.size / features, features, 1, 1]);
  const flat = { weight: weight && reshape(weight, [features]), bias: bias && reshape(bias, [features]) };
  return reshape(normalizeGroups(rows, 'pixels', { ...flat, ...rest }), x.shape);
}

/**
 * Divides the channels of `x` `[N, C, H, W]`, or `[N, C]`, into so many groups of neighbours and normalizes each group of
 * each image by its mean and biased variance, `y = (x − mean) / √(variance + ε) · weight + bias`, where weight and bias are
 * `[C]`. Y. Wu and K. He, "Group normalization", 2018. As many groups as channels are instance norm.
 *
 * Throws 'invalid-argument' where the groups do not divide the channels, 'shape-mismatch' for other shapes.
 */
export function groupNorm(x: Tensor, groups: number, options: GroupNormAttributes = {}): Tensor {
  checkTensor('groupNorm', 'x', x);
  checkArgument('the groups of groupNorm', groups, GROUPS);
  checkOptions('groupNorm', options, GROUP_NORM_OPTIONS);
  const [batch, channels] = x.shape;
  check(
    x.shape.length === 4 || x.shape.length === 2,
    'shape-mismatch',
    () => `groupNorm takes [N, C, H, W] or [N, C], got ${formatShape(x.shape)}`,
  );
  check(
    channels! % groups === 0,
    'invalid-argument',
    () => `groupNorm: ${channels} channels cannot be divided into ${groups} groups of one size`,
  );
  checkOperands('groupNorm', x, options, [channels!]);
  if (x.shape.length === 4) return normalizeGroups(x, groups, options);
  return reshape(normalizeGroups(reshape(x, [batch!, channels!, 1, 1]), groups, options), x.shape);
}
