/**
 * @file Cross entropy: the loss of classification and of segmentation.
 */

import { between, checkOptions, type OptionRules, whole } from '../../arguments.ts';
import { check, FoveaError } from '../../errors.ts';
import {
  type CrossEntropyTerms,
  crossEntropyBackwardPlan,
  crossEntropyPlan,
} from '../../kernels/cross-entropy.ts';
import { reduceSequence, sumSequence } from '../../kernels/reduce.ts';
import { formatShape, type Shape, sizeOf } from '../../shape/shape.ts';
import { checkOneDevice, checkTensor, TENSOR } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { runOverBatch, runSequence, whole as wholeOf } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import { LOSS_REDUCTION, type LossReduction } from './loss-reduction.ts';
import { checkFloat, checkShapeIs } from './operands.ts';
import { toLayout } from './shape.ts';

/** How {@link crossEntropy} weighs, leaves out, smoothes and reduces. */
export interface CrossEntropyOptions {
  /** A weight for each class, `[C]`; all are 1 by default. */
  readonly classWeights?: Tensor;
  /** The class index of what is left out, −100 by default; not with probabilities. */
  readonly ignoreIndex?: number;
  /** The share of the target, from 0 to 1, that is spread over all classes; 0 by default. */
  readonly labelSmoothing?: number;
  /** 'mean' by default. */
  readonly reduction?: LossReduction;
}

const OPTIONS: OptionRules<CrossEntropyOptions> = {
  classWeights: TENSOR,
  ignoreIndex: /* @__PURE__ */ whole(-(2 ** 31) + 1, 2 ** 31 - 1),
  labelSmoothing: /* @__PURE__ */ between(0, 1),
  reduction: LOSS_REDUCTION,
};

const IGNORE_INDEX = -100;

/** Class indexes, or probabilities. */
type Target = Tensor<'f32' | 'i32'>;

interface Attributes {
  readonly target: Target;
  readonly classWeights: Tensor | undefined;
  readonly terms: CrossEntropyTerms;
  readonly reduction: LossReduction;
}

interface Saved extends Readonly<Record<string, unknown>> {
  readonly x: Tensor;
  readonly target: Target;
  readonly classWeights: Tensor | undefined;
  /** The sum of the weights of all that counts. */
  readonly total: Tensor | undefined;
}

const crossEntropyOp = /* @__PURE__ */ defineOp<Attributes, Saved>({
  name: 'crossEntropy',
  forward: ([x], { target, classWeights, terms, reduction }, recording) => {
    const { device } = x!;
    const rows = withoutClasses(x!.shape);
    const losses = empty(device, rows, { layout: 'row-major' });
    const weights = terms.probabilities ? undefined : empty(device, rows, { layout: 'row-major' });
    runOverBatch(rows[0]!, ({ images }) => crossEntropyPlan(part(x!, images), terms), {
      ...{ x: x!, targets: target, losses, weights },
      classWeights: classWeights && wholeOf(classWeights),
    });
    const saved = { x: x!, target, classWeights, total: undefined };
    if (reduction === 'none') {
      weights?.dispose();
      return { output: losses, saved };
    }
    const y = empty(device, [1]);
    const total = weights && reduction === 'mean' ? empty(device, [1]) : undefined;
    if (total) runSequence(sumSequence(weights!, total), { x: weights!, y: total });
    runSequence(reduceSequence(total ? 'quotient' : 'sum', losses, y, factorOf(reduction, terms, rows)), {
      ...{ x: losses, known: total, y },
    });
    losses.dispose();
    weights?.dispose();
    if (!recording) total?.dispose();
    return { output: y, saved: { ...saved, total } };
  },
  backward: (dy, { saved: { x, target, classWeights, total } }, { terms, reduction }) => {
    const dx = empty(x.device, x.shape, { layout: x.layout });
    const rows = withoutClasses(x.shape);
    const reduced = reduction !== 'none';
    const options = { reduced, divided: total !== undefined, factor: factorOf(reduction, terms, rows) };
    runOverBatch(rows[0]!, ({ images }) => crossEntropyBackwardPlan(part(x, images), terms, options), {
      ...{ x, targets: target, dx },
      dy: reduced ? wholeOf(dy) : dy,
      total: total && wholeOf(total),
      classWeights: classWeights && wholeOf(classWeights),
    });
    return [dx];
  },
});

/** What the sum of the losses is multiplied by, beside the division by the weights of what counts. */
const factorOf = (reduction: LossReduction, { probabilities }: CrossEntropyTerms, rows: Shape): number =>
  reduction === 'mean' && probabilities ? 1 / sizeOf(rows) : 1;

const withoutClasses = ([batch, , ...rest]: Shape): Shape => [batch!, ...rest];

const part = ({ shape, layout }: Tensor, images: number) => ({ shape: [images, ...shape.slice(1)], layout });

/**
 * The cross entropy of logits `[N, C, …]`, such as `[N, C]` or `[N, C, H, W]`, and targets: class indexes of type i32,
 * `[N, …]`, or probabilities of type f32 in the logits' shape. Equal to PyTorch's `cross_entropy`:
 *
 *     loss = Σ_c w_c · ((1 − ε) · t_c + ε / C) · −log softmax(x)_c
 *
 * with `classWeights` w, `labelSmoothing` ε and t the probabilities, or 1 at the class index and 0 elsewhere. The mean is
 * over what is not ignored, each weighted by the weight of its target's class; of nothing it is NaN. With probabilities it
 * is over all. With 'none' the result is `[N, …]`. Targets and weights get no gradient.
 *
 * An index that is no class, and not `ignoreIndex`, makes the loss NaN, its gradient too, since it is on the device when it is
 * found; on a device with `checked` the next read rejects with 'invalid-argument' and names it.
 *
 * Throws 'shape-mismatch' or 'dtype-mismatch' where the targets fit neither way.
 */
export function crossEntropy(
  logits: Tensor,
  target: Tensor<'f32' | 'i32'>,
  options: CrossEntropyOptions = {},
): Tensor {
  checkTensor('crossEntropy', 'the logits', logits);
  checkTensor('crossEntropy', 'the target', target);
  checkOptions('crossEntropy', options, OPTIONS);
  checkFloat('crossEntropy', logits);
  checkOneDevice('crossEntropy', [logits, target]);
  const { classWeights, ignoreIndex = IGNORE_INDEX, labelSmoothing = 0, reduction = 'mean' } = options;
  check(
    logits.shape.length >= 2,
    'shape-mismatch',
    () => `crossEntropy takes logits [N, C, …], got ${formatShape(logits.shape)}: reshape() them first`,
  );
  const classes = logits.shape[1]!;
  const probabilities = checkTarget(logits, target, options);
  if (classWeights) {
    checkFloat('crossEntropy', logits, classWeights);
    checkShapeIs('crossEntropy', 'class weights', classWeights, [classes]);
  }
  const x = logits.layout === 'filter' ? toLayout(logits, 'channels-last') : logits;
  const laidOut = toLayout(target, probabilities ? x.layout : 'row-major');
  if (!probabilities && logits.device.checked) checkIndexes(laidOut, classes, ignoreIndex);
  const terms = {
    ...{ probabilities, weighted: classWeights !== undefined },
    ...{ ignoreIndex, smoothing: labelSmoothing },
  };
  return crossEntropyOp([x], { target: laidOut, classWeights, terms, reduction });
}

/** Whether the target is probabilities, and not class indexes. Throws where it is neither. */
function checkTarget(logits: Tensor, target: Target, options: CrossEntropyOptions): boolean {
  const probabilities = target.dtype === 'f32';
  check(
    probabilities || target.dtype === 'i32',
    'dtype-mismatch',
    () =>
      `crossEntropy takes targets of type i32 (indexes) or f32 (probabilities), got ${target.dtype}: cast() them`,
  );
  const shape = probabilities ? logits.shape : withoutClasses(logits.shape);
  const what = probabilities ? 'target of type f32, probabilities,' : 'target of type i32, class indexes,';
  checkShapeIs('crossEntropy', what, target, shape);
  check(
    !probabilities || options.ignoreIndex === undefined,
    'invalid-argument',
    () => 'crossEntropy: ignoreIndex is for class indexes, and the target is probabilities: leave it out',
  );
  return probabilities;
}

/** Has the next read say which index is no class, if one is. */
function checkIndexes({ device, slice, size }: Target, classes: number, ignore: number): void {
  device.verify(slice, (bytes) => {
    const indexes = new Int32Array(bytes, 0, size);
    const i = indexes.findIndex((index) => index !== ignore && (index < 0 || index >= classes));
    if (i < 0) return undefined;
    const words = `crossEntropy: target ${i} is ${indexes[i]}: it must be a class from 0 to ${classes - 1}, or ignoreIndex, ${ignore}`;
    return new FoveaError('invalid-argument', words);
  });
}
