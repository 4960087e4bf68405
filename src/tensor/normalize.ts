/**
 * @file Runs a batch norm forward, and its gradients, on channels-last maps: in one dispatch where the map is small, else
 * pass by pass, in parts where it is larger than an adapter can bind.
 */

import { type OptionRules, required } from '../arguments.ts';
import { batchNormApplyPlan } from '../kernels/batch-norm/apply.ts';
import {
  batchNormBackwardInputPlan,
  batchNormBackwardPartialsPlan,
  batchNormBackwardSumsPlan,
  batchNormCoefficientsSize,
  type StatisticsSource,
} from '../kernels/batch-norm/backward.ts';
import {
  type BatchNormFusion,
  batchNormPartialsSize,
  stripeCount,
} from '../kernels/batch-norm/channel-sums.ts';
import {
  batchNormSingleBackwardPlan,
  batchNormSingleForwardPlan,
  fitsBatchNormSingleDispatch,
} from '../kernels/batch-norm/single-dispatch.ts';
import {
  batchNormBatchStatisticsPlan,
  batchNormPartialsPlan,
  batchNormRunningStatisticsPlan,
  batchNormStatisticsSize,
} from '../kernels/batch-norm/statistics.ts';
import { memorySize } from '../shape/layout.ts';
import { TENSOR } from './check-tensor.ts';
import { empty } from './create.ts';
import { batchChunks, type Chunk, run, runOverBatch, whole } from './run.ts';
import { Tensor } from './tensor.ts';

/** The tensors of a batch norm, each of shape `[C]`. */
export interface BatchNormParameters {
  /** γ */
  readonly weight: Tensor;
  /** β */
  readonly bias: Tensor;
  /** Updated in training. */
  readonly runningMean: Tensor;
  /** Updated in training. */
  readonly runningVariance: Tensor;
}

/** The rules of {@link BatchNormParameters}. */
export const BATCH_NORM_PARAMETERS: OptionRules<BatchNormParameters> = {
  weight: required(TENSOR),
  bias: required(TENSOR),
  runningMean: required(TENSOR),
  runningVariance: required(TENSOR),
};

/** How a batch norm is run; see `BatchNormAttributes`. */
export interface NormalizeAttributes extends Pick<BatchNormParameters, 'runningMean' | 'runningVariance'> {
  readonly training: boolean;
  readonly momentum: number;
  readonly epsilon: number;
  readonly unbiased: boolean;
  readonly relu: boolean;
}

/** What {@link normalizeBackward} needs of the forward pass: y only where it is read. */
export interface NormalizeSaved extends Readonly<Record<string, unknown>> {
  readonly x: Tensor;
  readonly statistics: Tensor;
  readonly y: Tensor | undefined;
}

/** What a backward pass is given; a `BackwardContext` of autograd is one. */
interface NormalizeBackwardContext {
  readonly saved: NormalizeSaved;
  /** Which of x, γ, β and the residual want a gradient. */
  readonly needs: readonly boolean[];
  /** Where gradients are to lie, for those that have a place. */
  readonly into: readonly (Tensor | undefined)[];
}

/** The size of a map, or of so many images of it. */
const sizeOfMap = (x: Tensor, images = x.shape[0]!) => ({
  pixels: images * x.shape[2]! * x.shape[3]!,
  channels: x.shape[1]!,
});

/** The stripes of a map that is taken in parts: how many there are in all, and before each part. */
function stripesOf(x: Tensor, chunks: readonly Chunk[]) {
  const counts = chunks.map(({ images }) => stripeCount(sizeOfMap(x, images)));
  const sum = (parts: readonly number[]) => parts.reduce((a, b) => a + b, 0);
  return {
    total: sum(counts),
    before: ({ first }: Chunk) => sum(counts.filter((_, i) => chunks[i]!.first < first)),
  };
}

/** The first pixel of a map: a value near each channel's mean. */
function firstPixel(x: Tensor): Tensor {
  const shape = [1, x.shape[1]!, 1, 1];
  const bytes = memorySize(shape, 'channels-last') * 4;
  return Tensor.on(x.device, { shape, layout: 'channels-last', dtype: 'f32' }, { ...x.slice, bytes });
}

/** Mean, 1 / deviation, scale and shift of each channel, by the running statistics. */
export function runningStatistics(
  { weight, bias, runningMean, runningVariance }: BatchNormParameters,
  epsilon: number,
): Tensor {
  const channels = weight.size;
  const statistics = empty(weight.device, [batchNormStatisticsSize(channels)]);
  const plan = batchNormRunningStatisticsPlan(channels, epsilon);
  run(plan, { runningMean, runningVariance, gamma: weight, beta: bias, statistics });
  return statistics;
}

/** Whether one dispatch takes the map, by the batch's statistics. */
function fitsSingleDispatch(x: Tensor): boolean {
  const { bytes } = x.slice;
  return (
    fitsBatchNormSingleDispatch(sizeOfMap(x)) && bytes <= x.device.info.limits.maxStorageBufferBindingSize
  );
}

/** Mean, 1 / deviation, scale and shift of each channel, by the batch's statistics. */
function batchStatistics(x: Tensor, weight: Tensor, bias: Tensor, attributes: NormalizeAttributes): Tensor {
  const { epsilon, momentum, unbiased, runningMean, runningVariance } = attributes;
  const size = sizeOfMap(x);
  const statistics = empty(x.device, [batchNormStatisticsSize(size.channels)]);
  const stripes = stripesOf(x, batchChunks(x.shape[0]!, [x]));
  const partials = empty(x.device, [batchNormPartialsSize(size.channels, stripes.total)]);
  const origin = firstPixel(x);
  runOverBatch(
    x.shape[0]!,
    (chunk) => batchNormPartialsPlan(sizeOfMap(x, chunk.images), stripes.before(chunk)),
    { x, origin: whole(origin), partials: whole(partials) },
  );
  const plan = batchNormBatchStatisticsPlan(size, epsilon, { momentum, unbiased }, stripes.total);
  run(plan, { partials, origin, gamma: weight, beta: bias, runningMean, runningVariance, statistics });
  origin.dispose();
  partials.dispose();
  return statistics;
}

/** What a forward pass takes: x, γ, β and what is added before ReLU. */
type NormalizeInputs = readonly [Tensor, Tensor, Tensor, Tensor | undefined];

/** y, and the statistics that it was normalized by. */
interface Normalized {
  readonly y: Tensor;
  readonly statistics: Tensor;
}

/** Normalizes x: see `batchNorm`. */
export function normalize(inputs: NormalizeInputs, attributes: NormalizeAttributes): Normalized {
  const byColumns = attributes.training && fitsSingleDispatch(inputs[0]);
  return byColumns ? normalizeInSingleDispatch(inputs, attributes) : normalizeByPasses(inputs, attributes);
}

function normalizeInSingleDispatch(
  [x, weight, bias, residual]: NormalizeInputs,
  { relu, epsilon, momentum, unbiased, runningMean, runningVariance }: NormalizeAttributes,
): Normalized {
  const statistics = empty(x.device, [batchNormStatisticsSize(x.shape[1]!)]);
  const y = empty(x.device, x.shape);
  const fusion = { residual: residual !== undefined, relu };
  const plan = batchNormSingleForwardPlan(sizeOfMap(x), fusion, epsilon, { momentum, unbiased });
  run(plan, { x, gamma: weight, beta: bias, runningMean, runningVariance, statistics, residual, y });
  return { y, statistics };
}

function normalizeByPasses(
  [x, weight, bias, residual]: NormalizeInputs,
  attributes: NormalizeAttributes,
): Normalized {
  const { training, relu, epsilon, runningMean, runningVariance } = attributes;
  const statistics = training
    ? batchStatistics(x, weight, bias, attributes)
    : runningStatistics({ weight, bias, runningMean, runningVariance }, epsilon);
  const y = empty(x.device, x.shape);
  const fusion = { residual: residual !== undefined, relu };
  runOverBatch(x.shape[0]!, (chunk) => batchNormApplyPlan(sizeOfMap(x, chunk.images), fusion), {
    x,
    statistics: whole(statistics),
    residual,
    y,
  });
  return { y, statistics };
}

/** The gradients with respect to x, γ, β and the residual, those that are needed. */
export function normalizeBackward(
  dy: Tensor,
  context: NormalizeBackwardContext,
  { training, relu }: NormalizeAttributes,
): (Tensor | undefined)[] {
  const { needs, saved } = context;
  const fusion = { relu, residual: needs.length > 3 };
  const pass = { dy, y: saved.y, fusion, source: training ? 'batch' : 'running' } as const;
  const oneDispatch = training && needs[0] && needs[1] && needs[2] && fitsSingleDispatch(dy);
  return oneDispatch ? backwardInSingleDispatch(pass, context) : backwardByPasses(pass, context);
}

/** What both ways of the backward pass take. */
interface BackwardPass {
  readonly dy: Tensor;
  /** The forward pass's y, where it is read. */
  readonly y: Tensor | undefined;
  readonly fusion: BatchNormFusion;
  readonly source: StatisticsSource;
}

function backwardInSingleDispatch(
  { dy, y, fusion }: BackwardPass,
  { saved: { x, statistics }, needs, into }: NormalizeBackwardContext,
) {
  const { device, shape } = x;
  const dgamma = into[1] ?? empty(device, [shape[1]!]);
  const dbeta = into[2] ?? empty(device, [shape[1]!]);
  const dx = empty(device, shape);
  const dresidual = needs[3] ? empty(device, shape) : undefined;
  const plan = batchNormSingleBackwardPlan(sizeOfMap(x), fusion, needs[3] ?? false);
  run(plan, { dy, x, statistics, y, dgamma, dbeta, dx, dresidual });
  return [dx, dgamma, dbeta, dresidual];
}

function backwardByPasses(
  { dy, y, fusion, source }: BackwardPass,
  { saved: { x, statistics }, needs, into }: NormalizeBackwardContext,
) {
  const { device } = dy;
  const batch = x.shape[0]!;
  const size = sizeOfMap(x);
  const wantsParameters = (needs[1] || needs[2]) ?? false;
  const wantsCoefficients = needs[0]! && source === 'batch';
  const dgamma = into[1] ?? empty(device, [size.channels]);
  const dbeta = into[2] ?? empty(device, [size.channels]);
  const coefficients = wantsCoefficients
    ? empty(device, [batchNormCoefficientsSize(size.channels)])
    : undefined;
  if (wantsParameters || wantsCoefficients) {
    const stripes = stripesOf(x, batchChunks(batch, y ? [dy, x, y] : [dy, x]));
    const partials = empty(device, [batchNormPartialsSize(size.channels, stripes.total)]);
    runOverBatch(
      batch,
      (chunk) => batchNormBackwardPartialsPlan(sizeOfMap(x, chunk.images), fusion, stripes.before(chunk)),
      { dy, x, statistics: whole(statistics), y, partials: whole(partials) },
    );
    const wanted = {
      statistics: source,
      parameters: wantsParameters,
      coefficients: wantsCoefficients,
    } as const;
    const sums = batchNormBackwardSumsPlan(size, wanted, stripes.total);
    const gradients = wantsParameters ? { dgamma, dbeta } : { dgamma: undefined, dbeta: undefined };
    run(sums, { partials, statistics, ...gradients, coefficients });
  }
  const dx = needs[0] ? empty(device, x.shape) : undefined;
  const dresidual = needs[3] ? empty(device, x.shape) : undefined;
  if (needs[0] || needs[3]) {
    const wanted = { statistics: source, input: needs[0]!, residualInput: needs[3] ?? false } as const;
    runOverBatch(batch, (chunk) => batchNormBackwardInputPlan(sizeOfMap(x, chunk.images), fusion, wanted), {
      dy,
      x,
      statistics: whole(statistics),
      y,
      coefficients: coefficients && whole(coefficients),
      dx,
      dresidual,
    });
  }
  return [dx, needs[1] ? dgamma : undefined, needs[2] ? dbeta : undefined, dresidual];
}
