/**
 * @file Dropout of elements and of samples.
 */

import { between, checkOptions, type OptionRules, required } from '../../arguments.ts';
import { check } from '../../errors.ts';
import { dropoutPlan, type Mask } from '../../kernels/dropout.ts';
import { RANDOM, type Random } from '../../random.ts';
import { memorySize } from '../../shape/layout.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { drawingFrom } from '../../tensor/generator.ts';
import { runOverBatch } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import { checkFloat } from './operands.ts';
import { toLayout } from './shape.ts';

/** What {@link dropout} may be given. */
export interface DropoutAttributes {
  /** The chance of each element to become zero, 0.5 by default; PyTorch's p. */
  readonly probability?: number;
  /** What the mask is drawn from, the device's generator by default: see `manualSeed`. */
  readonly random?: Random | undefined;
}

/** What {@link dropPath} may be given. */
export interface DropPathAttributes {
  /** The chance of each sample to become zero. */
  readonly probability: number;
  /** What the mask is drawn from, the device's generator by default: see `manualSeed`. */
  readonly random?: Random | undefined;
}

/** The rules of {@link DropoutAttributes}. */
export const DROPOUT_OPTIONS: OptionRules<DropoutAttributes> = {
  probability: between(0, 1),
  random: RANDOM,
};

/** The rules of {@link DropPathAttributes}. */
export const DROP_PATH_OPTIONS: OptionRules<DropPathAttributes> = {
  probability: required(between(0, 1)),
  random: RANDOM,
};

function applyMask(x: Tensor, mask: Mask): Tensor {
  const { device, shape, layout } = x;
  const y = empty(device, shape, { layout });
  const batch = shape[0] ?? 1;
  const length = memorySize(shape, layout) / batch;
  runOverBatch(batch, ({ first, images }) => dropoutPlan({ samples: images, length, first }, mask), { x, y });
  return y;
}

const dropoutOp = /* @__PURE__ */ defineOp<Mask, Record<string, never>>({
  name: 'dropout',
  forward: ([x], mask) => ({ output: applyMask(x!, mask), saved: {} }),
  backward: (dy, _, mask) => [applyMask(dy, mask)],
});

function drop(
  unit: Mask['unit'],
  x: Tensor,
  { probability, random }: { readonly probability: number; readonly random?: Random | undefined },
): Tensor {
  const generator = drawingFrom(x.device, random);
  const key = [generator.integer(2 ** 31), generator.integer(2 ** 31)] as const;
  // Elements are numbered as they lie in memory, so that a mask depends on the shape alone.
  const laidOut = x.shape.length === 4 ? toLayout(x, 'channels-last') : x;
  return dropoutOp([laidOut], { unit, probability, key });
}

/**
 * Each element is set to zero with the given probability, the others become `x / (1 − probability)`. N. Srivastava et al.,
 * "Dropout: a simple way to prevent neural networks from overfitting", 2014. Twice calls two masks, which follow from the
 * generator's state and the tensor's shape alone; `backward` computes the mask again, which is not stored.
 *
 * Throws 'invalid-argument' for a probability outside [0, 1].
 */
export function dropout(x: Tensor, options: DropoutAttributes = {}): Tensor {
  checkTensor('dropout', 'x', x);
  checkOptions('dropout', options, DROPOUT_OPTIONS);
  checkFloat('dropout', x);
  const { probability = 0.5, random } = options;
  return drop('element', x, { probability, random });
}

/**
 * Each sample of `x` `[N, …]` is set to zero with the given probability, the others become `x / (1 − probability)`: a block
 * of a residual network is left out. G. Huang et al., "Deep networks with stochastic depth", 2016. Masks are drawn as those
 * of {@link dropout}.
 *
 * Throws 'invalid-argument' for a probability outside [0, 1], 'shape-mismatch' for a tensor without axes.
 */
export function dropPath(x: Tensor, options: DropPathAttributes): Tensor {
  checkTensor('dropPath', 'x', x);
  checkOptions('dropPath', options, DROP_PATH_OPTIONS);
  checkFloat('dropPath', x);
  check(x.shape.length > 0, 'shape-mismatch', () => 'dropPath takes [N, …], got a tensor without axes');
  return drop('sample', x, options);
}
