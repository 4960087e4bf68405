/**
 * @file Batch normalization, with the sum and the ReLU that follow it in residual networks.
 */

import { BOOLEAN, between, checkOptions, type OptionRules, required } from '../../arguments.ts';
import { check } from '../../errors.ts';
import { batchNormBackwardReadsOutput } from '../../kernels/batch-norm/backward.ts';
import { formatShape } from '../../shape/shape.ts';
import { checkTensor, TENSOR } from '../../tensor/check-tensor.ts';
import {
  BATCH_NORM_PARAMETERS,
  type BatchNormParameters,
  type NormalizeAttributes,
  type NormalizeSaved,
  normalize,
  normalizeBackward,
} from '../../tensor/normalize.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import { checkFloat, checkShapeIs, checkVectors } from './operands.ts';
import { toLayout } from './shape.ts';

/** How a batch norm works. */
export interface BatchNormAttributes {
  /** Whether to normalize by the batch's statistics and update the running ones, or by the running ones. */
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

/** The rules of {@link BatchNormAttributes}. */
export const BATCH_NORM_OPTIONS: OptionRules<BatchNormAttributes> = {
  training: required(BOOLEAN),
  momentum: between(0, 1),
  epsilon: between(0, 1e-3),
  unbiased: BOOLEAN,
  relu: BOOLEAN,
  residual: TENSOR,
};

const batchNormOp = defineOp<NormalizeAttributes, NormalizeSaved>({
  name: 'batchNorm',
  forward: ([x, weight, bias, residual], attributes) => {
    const { y, statistics } = normalize([x!, weight!, bias!, residual], attributes);
    const readsOutput = batchNormBackwardReadsOutput({
      residual: residual !== undefined,
      relu: attributes.relu,
    });
    return { output: y, saved: { x: x!, statistics, y: readsOutput ? y : undefined } };
  },
  backward: normalizeBackward,
});

/**
 * Normalizes each channel of `x` `[N, C, H, W]`: `y = γ · (x − mean) / √(variance + ε) + β`, then adds `residual`,
 * then ReLU, where asked for; all in one pass. In training mean and biased variance are those of the batch, and
 * `running = running · momentum + batch · (1 − momentum)`. With one element per channel, training gives y = x and
 * leaves the running statistics alone, as the original does.
 *
 * Throws 'shape-mismatch' where the shapes do not fit, 'invalid-argument' for ε outside `[0, 1e-3]`.
 */
export function batchNorm(x: Tensor, parameters: BatchNormParameters, options: BatchNormAttributes): Tensor {
  checkTensor('batchNorm', 'x', x);
  checkOptions('batchNorm', parameters, BATCH_NORM_PARAMETERS);
  checkOptions('batchNorm', options, BATCH_NORM_OPTIONS);
  const { weight, bias, runningMean, runningVariance } = parameters;
  const { training, momentum = 0.9, epsilon = 1e-5, unbiased = false, relu = false, residual } = options;
  check(
    x.shape.length === 4,
    'shape-mismatch',
    () => `batchNorm takes [N, C, H, W], got ${formatShape(x.shape)}`,
  );
  const channels = x.shape[1]!;
  checkVectors('batchNorm', { weight, bias, runningMean, runningVariance }, channels);
  if (residual) checkShapeIs('batchNorm', 'residual', residual, x.shape);
  checkFloat('batchNorm', x, weight, bias, runningMean, runningVariance, ...(residual ? [residual] : []));
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
