/**
 * @file Batch normalisation, with the sum and the ReLU that follow it in residual networks.
 */

import { check } from '../../errors.ts';
import { batchNormApplyPlan } from '../../kernels/batch-norm/apply.ts';
import {
  batchNormBackwardInputPlan,
  batchNormBackwardPartialsPlan,
  batchNormBackwardReadsOutput,
  batchNormBackwardSumsPlan,
  batchNormCoefficientsSize,
  type StatisticsSource,
} from '../../kernels/batch-norm/backward.ts';
import {
  batchNormBackwardPlan,
  batchNormFitsColumns,
  batchNormForwardPlan,
} from '../../kernels/batch-norm/columns.ts';
import {
  batchNormBatchStatisticsPlan,
  batchNormPartialsPlan,
  batchNormRunningStatisticsPlan,
  batchNormStatisticsSize,
} from '../../kernels/batch-norm/statistics.ts';
import {
  type BatchNormFusion,
  batchNormPartialsSize,
  stripeCount,
} from '../../kernels/batch-norm/stripes.ts';
import { memorySize } from '../../shape/layout.ts';
import { formatShape } from '../../shape/shape.ts';
import { empty } from '../../tensor/create.ts';
import { batchChunks, type Chunk, run, runOverBatch, whole } from '../../tensor/run.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import type { BackwardContext } from '../graph.ts';
import { checkFloat, checkShapeIs, checkVectors } from './operands.ts';
import { toLayout } from './shape.ts';

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

/** How a batch norm works. */
export interface BatchNormOptions {
  /** Whether to normalise by the batch's statistics and update the running ones, or by the running ones. */
  readonly training: boolean;
  /** The share of the old value that a running statistic keeps, 0.9 by default. */
  readonly momentum?: number;
  /** Added to the variance, 1e-5 by default, at most 1e-3. */
  readonly epsilon?: number;
  /** Whether the running variance takes the batch's variance × m / (m − 1), as PyTorch does; false by default. */
  readonly unbiased?: boolean;
  /** Whether ReLU follows; false by default. */
  readonly relu?: boolean;
  /** A tensor of x's shape that is added before ReLU. */
  readonly residual?: Tensor | undefined;
}

type Attributes = Required<Omit<BatchNormOptions, 'residual'>> &
  Pick<BatchNormParameters, 'runningMean' | 'runningVariance'>;

interface Saved extends Readonly<Record<string, unknown>> {
  readonly x: Tensor;
  readonly statistics: Tensor;
  readonly y: Tensor | undefined;
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
  run(plan, runningMean, runningVariance, weight, bias, statistics);
  return statistics;
}

/** Whether one dispatch takes the map, by the batch's statistics. */
function fitsColumns(x: Tensor): boolean {
  const { bytes } = x.slice;
  return batchNormFitsColumns(sizeOfMap(x)) && bytes <= x.device.info.limits.maxStorageBufferBindingSize;
}

/** Mean, 1 / deviation, scale and shift of each channel, by the batch's statistics. */
function batchStatistics(x: Tensor, weight: Tensor, bias: Tensor, attributes: Attributes): Tensor {
  const { epsilon, momentum, unbiased, runningMean, runningVariance } = attributes;
  const size = sizeOfMap(x);
  const statistics = empty(x.device, [batchNormStatisticsSize(size.channels)]);
  const stripes = stripesOf(x, batchChunks(x.shape[0]!, [x]));
  const partials = empty(x.device, [batchNormPartialsSize(size.channels, stripes.total)]);
  const origin = firstPixel(x);
  runOverBatch(
    x.shape[0]!,
    (chunk) => batchNormPartialsPlan(sizeOfMap(x, chunk.images), stripes.before(chunk)),
    x,
    whole(origin),
    whole(partials),
  );
  const plan = batchNormBatchStatisticsPlan(size, epsilon, { momentum, unbiased }, stripes.total);
  run(plan, partials, origin, weight, bias, runningMean, runningVariance, statistics);
  origin.dispose();
  partials.dispose();
  return statistics;
}

/** y, and the statistics that it was normalised by. */
function forward(
  [x, weight, bias, residual]: readonly [Tensor, Tensor, Tensor, Tensor | undefined],
  attributes: Attributes,
): { y: Tensor; statistics: Tensor } {
  const { training, relu, epsilon, runningMean, runningVariance } = attributes;
  const fusion = { residual: residual !== undefined, relu };
  const added = residual ? [residual] : [];
  if (training && fitsColumns(x)) {
    const statistics = empty(x.device, [batchNormStatisticsSize(x.shape[1]!)]);
    const y = empty(x.device, x.shape);
    const plan = batchNormForwardPlan(sizeOfMap(x), fusion, epsilon, attributes);
    run(plan, x, weight, bias, runningMean, runningVariance, statistics, ...added, y);
    return { y, statistics };
  }
  const statistics = training
    ? batchStatistics(x, weight, bias, attributes)
    : runningStatistics({ weight, bias, runningMean, runningVariance }, epsilon);
  const y = empty(x.device, x.shape);
  runOverBatch(
    x.shape[0]!,
    (chunk) => batchNormApplyPlan(sizeOfMap(x, chunk.images), fusion),
    x,
    whole(statistics),
    ...added,
    y,
  );
  return { y, statistics };
}

function backward(dy: Tensor, context: BackwardContext<Saved>, { training, relu }: Attributes) {
  const { needs, saved } = context;
  const fusion = { relu, residual: needs.length > 3 };
  const output = saved.y && batchNormBackwardReadsOutput(fusion) ? [saved.y] : [];
  const pass = { dy, output, fusion, source: training ? 'batch' : 'running' } as const;
  const oneDispatch = training && needs[0] && needs[1] && needs[2] && fitsColumns(dy);
  return oneDispatch ? backwardByColumns(pass, context) : backwardByPasses(pass, context);
}

/** What both ways of the backward pass take. */
interface BackwardPass {
  readonly dy: Tensor;
  /** The forward pass's y, where it is read. */
  readonly output: readonly Tensor[];
  readonly fusion: BatchNormFusion;
  readonly source: StatisticsSource;
}

function backwardByColumns(
  { dy, output, fusion }: BackwardPass,
  { saved: { x, statistics }, needs, into }: BackwardContext<Saved>,
) {
  const { device, shape } = x;
  const dgamma = into[1] ?? empty(device, [shape[1]!]);
  const dbeta = into[2] ?? empty(device, [shape[1]!]);
  const dx = empty(device, shape);
  const dresidual = needs[3] ? [empty(device, shape)] : [];
  const plan = batchNormBackwardPlan(sizeOfMap(x), fusion, needs[3] ?? false);
  run(plan, dy, x, statistics, ...output, dgamma, dbeta, dx, ...dresidual);
  return [dx, dgamma, dbeta, dresidual[0]];
}

function backwardByPasses(
  { dy, output, fusion, source }: BackwardPass,
  { saved: { x, statistics }, needs, into }: BackwardContext<Saved>,
) {
  const { device } = dy;
  const batch = x.shape[0]!;
  const size = sizeOfMap(x);
  const wantsParameters = (needs[1] || needs[2]) ?? false;
  const wantsCoefficients = needs[0]! && source === 'batch';
  const dgamma = into[1] ?? empty(device, [size.channels]);
  const dbeta = into[2] ?? empty(device, [size.channels]);
  const coefficients = wantsCoefficients ? [empty(device, [batchNormCoefficientsSize(size.channels)])] : [];
  if (wantsParameters || wantsCoefficients) {
    const stripes = stripesOf(x, batchChunks(batch, [dy, x, ...output]));
    const partials = empty(device, [batchNormPartialsSize(size.channels, stripes.total)]);
    runOverBatch(
      batch,
      (chunk) => batchNormBackwardPartialsPlan(sizeOfMap(x, chunk.images), fusion, stripes.before(chunk)),
      dy,
      x,
      whole(statistics),
      ...output,
      whole(partials),
    );
    const wanted = {
      statistics: source,
      parameters: wantsParameters,
      coefficients: wantsCoefficients,
    } as const;
    const sums = batchNormBackwardSumsPlan(size, wanted, stripes.total);
    run(sums, partials, statistics, ...(wantsParameters ? [dgamma, dbeta] : []), ...coefficients);
  }
  const dx = needs[0] ? [empty(device, x.shape)] : [];
  const dresidual = needs[3] ? [empty(device, x.shape)] : [];
  if (needs[0] || needs[3]) {
    const wanted = { statistics: source, input: needs[0]!, residualInput: needs[3] ?? false } as const;
    runOverBatch(
      batch,
      (chunk) => batchNormBackwardInputPlan(sizeOfMap(x, chunk.images), fusion, wanted),
      dy,
      x,
      whole(statistics),
      ...output,
      ...coefficients.map(whole),
      ...dx,
      ...dresidual,
    );
  }
  return [dx[0], needs[1] ? dgamma : undefined, needs[2] ? dbeta : undefined, dresidual[0]];
}

const batchNormOp = defineOp<Attributes, Saved>({
  name: 'batchNorm',
  forward: ([x, weight, bias, residual], attributes) => {
    const { y, statistics } = forward([x!, weight!, bias!, residual], attributes);
    const readsOutput = batchNormBackwardReadsOutput({
      residual: residual !== undefined,
      relu: attributes.relu,
    });
    return { output: y, saved: { x: x!, statistics, y: readsOutput ? y : undefined } };
  },
  backward,
});

/**
 * Normalises each channel of `x` `[N, C, H, W]`: `y = γ · (x − mean) / √(variance + ε) + β`, then adds `residual`,
 * then ReLU, where asked for; all in one pass. In training mean and biased variance are those of the batch, and
 * `running = running · momentum + batch · (1 − momentum)`. With one element a channel, training gives y = x and
 * leaves the running statistics alone, as the original does.
 *
 * Throws 'shape-mismatch' where the shapes do not fit, 'invalid-argument' for ε outside `[0, 1e-3]`.
 */
export function batchNorm(
  x: Tensor,
  { weight, bias, runningMean, runningVariance }: BatchNormParameters,
  options: BatchNormOptions,
): Tensor {
  const { training, momentum = 0.9, epsilon = 1e-5, unbiased = false, relu = false, residual } = options;
  check(
    x.shape.length === 4,
    'shape-mismatch',
    () => `batchNorm takes [N, C, H, W], got ${formatShape(x.shape)}`,
  );
  const channels = x.shape[1]!;
  const parameters = { weight, bias, runningMean, runningVariance };
  checkVectors('batchNorm', parameters, channels);
  if (residual) checkShapeIs('batchNorm', 'residual', residual, x.shape);
  checkFloat('batchNorm', x, weight, bias, runningMean, runningVariance, ...(residual ? [residual] : []));
  check(
    epsilon >= 0 && epsilon <= 1e-3,
    'invalid-argument',
    () => `batchNorm: epsilon is ${epsilon}, it must lie between 0 and 1e-3`,
  );
  const maps = [x, ...(residual ? [residual] : [])].map((map) => toLayout(map, 'channels-last'));
  return batchNormOp([maps[0]!, weight, bias, ...maps.slice(1)], {
    training,
    momentum,
    epsilon,
    unbiased,
    relu,
    runningMean,
    runningVariance,
  });
}
