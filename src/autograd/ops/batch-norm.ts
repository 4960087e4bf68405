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
} from '../../kernels/batch-norm/backward.ts';
import {
  batchNormBatchStatisticsPlan,
  batchNormPartialsPlan,
  batchNormRunningStatisticsPlan,
  batchNormStatisticsSize,
} from '../../kernels/batch-norm/statistics.ts';
import { batchNormPartialsSize } from '../../kernels/batch-norm/stripes.ts';
import { formatShape } from '../../shape/shape.ts';
import { empty } from '../../tensor/create.ts';
import { run } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import type { BackwardContext } from '../graph.ts';
import { checkFloat, checkShapeIs } from './operands.ts';
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

const sizeOfMap = (x: Tensor) => ({ pixels: x.shape[0]! * x.shape[2]! * x.shape[3]!, channels: x.shape[1]! });

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

/** Mean, 1 / deviation, scale and shift of each channel. */
function statisticsOf(x: Tensor, weight: Tensor, bias: Tensor, attributes: Attributes): Tensor {
  const { training, epsilon, momentum, unbiased, runningMean, runningVariance } = attributes;
  const size = sizeOfMap(x);
  if (!training) return runningStatistics({ weight, bias, runningMean, runningVariance }, epsilon);
  const statistics = empty(x.device, [batchNormStatisticsSize(size.channels)]);
  const partials = empty(x.device, [batchNormPartialsSize(size)]);
  run(batchNormPartialsPlan(size), x, partials);
  const plan = batchNormBatchStatisticsPlan(size, epsilon, { momentum, unbiased });
  run(plan, partials, x, weight, bias, runningMean, runningVariance, statistics);
  partials.dispose();
  return statistics;
}

function backward(
  dy: Tensor,
  { saved, needs, into }: BackwardContext<Saved>,
  { training, relu }: Attributes,
) {
  const { x, statistics, y } = saved;
  const { device } = dy;
  const size = sizeOfMap(x);
  const source = training ? 'batch' : 'running';
  const fusion = { relu, residual: needs.length > 3 };
  const output = y && batchNormBackwardReadsOutput(fusion) ? [y] : [];
  const wantsParameters = needs[1] || needs[2];
  const wantsCoefficients = needs[0]! && training;
  const dgamma = into[1] ?? empty(device, [size.channels]);
  const dbeta = into[2] ?? empty(device, [size.channels]);
  const coefficients = wantsCoefficients ? [empty(device, [batchNormCoefficientsSize(size.channels)])] : [];
  if (wantsParameters || wantsCoefficients) {
    const partials = empty(device, [batchNormPartialsSize(size)]);
    run(batchNormBackwardPartialsPlan(size, fusion), dy, x, statistics, ...output, partials);
    const sums = batchNormBackwardSumsPlan(size, {
      statistics: source,
      parameters: wantsParameters ? 'write' : 'none',
      coefficients: wantsCoefficients,
    });
    run(sums, partials, statistics, ...(wantsParameters ? [dgamma, dbeta] : []), ...coefficients);
  }
  const dx = needs[0] ? [empty(device, x.shape)] : [];
  const dresidual = needs[3] ? [empty(device, x.shape)] : [];
  if (needs[0] || needs[3]) {
    const plan = batchNormBackwardInputPlan(size, fusion, {
      statistics: source,
      input: needs[0]!,
      residualInput: needs[3] ?? false,
    });
    run(plan, dy, x, statistics, ...output, ...coefficients, ...dx, ...dresidual);
  }
  return [dx[0], needs[1] ? dgamma : undefined, needs[2] ? dbeta : undefined, dresidual[0]];
}

const batchNormOp = defineOp<Attributes, Saved>({
  name: 'batchNorm',
  forward: ([x, weight, bias, residual], attributes) => {
    const statistics = statisticsOf(x!, weight!, bias!, attributes);
    const fusion = { residual: residual !== undefined, relu: attributes.relu };
    const y = empty(x!.device, x!.shape);
    run(batchNormApplyPlan(sizeOfMap(x!), fusion), x!, statistics, ...(residual ? [residual] : []), y);
    return {
      output: y,
      saved: { x: x!, statistics, y: batchNormBackwardReadsOutput(fusion) ? y : undefined },
    };
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
  for (const [name, tensor] of Object.entries(parameters))
    checkShapeIs('batchNorm', `the ${name}`, tensor, [channels]);
  if (residual) checkShapeIs('batchNorm', 'the residual', residual, x.shape);
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
