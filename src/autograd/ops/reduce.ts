/**
 * @file Reductions: sums, means, extremes and their places, variances, logarithms of sums of exponentials.
 */

import { ARRAY, BOOLEAN, checkOptions, type OptionRules, whole } from '../../arguments.ts';
import { check } from '../../errors.ts';
import { reduceAfterMaxSequence, reduceSequence } from '../../kernels/reduce.ts';
import { type ReduceGradient, reduceBackwardPlan } from '../../kernels/reduce-backward.ts';
import type { ReductionName } from '../../kernels/reductions.ts';
import { defaultLayout, type Layout } from '../../shape/layout.ts';
import { formatShape, normalizeAxis, type Shape, sizeOf } from '../../shape/shape.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { run, runSequence } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import { expand } from './elementwise.ts';
import { checkFloat } from './operands.ts';
import { reshape, toLayout } from './shape.ts';

/** Which axes to reduce, and whether to keep them with extent 1. */
export interface ReduceOptions {
  /** All by default; negative ones count from the end. */
  readonly axes?: readonly number[];
  /** false by default. */
  readonly keepDims?: boolean;
}

/** How {@link variance} divides, and what {@link ReduceOptions} say. */
export interface VarianceOptions extends ReduceOptions {
  /** Whether to divide by `m − 1`, as PyTorch does, and not by `m`; true by default. */
  readonly unbiased?: boolean;
}

/** Along which axis {@link argMax} looks, and whether to keep it with extent 1. */
export interface ArgMaxOptions {
  /** All by default; negative ones count from the end. */
  readonly axis?: number;
  /** false by default. */
  readonly keepDims?: boolean;
}

const OPTIONS: OptionRules<ReduceOptions> = { axes: ARRAY, keepDims: BOOLEAN };
const VARIANCE_OPTIONS: OptionRules<VarianceOptions> = { ...OPTIONS, unbiased: BOOLEAN };
const ARG_MAX_OPTIONS: OptionRules<ArgMaxOptions> = {
  axis: whole(Number.NEGATIVE_INFINITY),
  keepDims: BOOLEAN,
};

type Described = Pick<Tensor, 'shape' | 'layout'>;

/** What is left of a tensor: its shape, with 1 for each reduced axis, and layout. */
interface Attributes {
  readonly shape: Shape;
  readonly layout: Layout;
}

/** A reduction of `x` to the shape and layout of a target; `known` is what a first pass has found. */
function reduced(
  reduction: ReductionName,
  x: Tensor,
  { shape, layout }: Described,
  { known, factor = 1 }: { known?: Tensor; factor?: number } = {},
): Tensor {
  const y = empty(x.device, shape, { layout });
  runSequence(reduceSequence(reduction, x, y, factor), { x, known, y });
  return y;
}

const sumOp = defineOp<Attributes & { factor: number }, { input: Described }>({
  name: 'sum',
  forward: ([x], { factor, ...target }) => ({
    output: reduced('sum', x!, target, { factor }),
    saved: { input: { shape: x!.shape, layout: x!.layout } },
  }),
  backward: (dy, { saved }, { factor }) => [expand(dy, saved.input, factor)],
});

/** `dx` where it differs from element to element. */
function gradientOf(
  gradient: ReduceGradient,
  x: Tensor,
  { factor, ...perResult }: { known: Tensor; dy: Tensor; ties?: Tensor; factor?: number },
): Tensor {
  const dx = empty(x.device, x.shape, { layout: x.layout });
  run(reduceBackwardPlan(gradient, x, perResult.known, factor), { x, ...perResult, dx });
  return dx;
}

const extremeOp = (name: 'max' | 'min') =>
  defineOp<Attributes, { x: Tensor; y: Tensor }>({
    name,
    forward: ([x], target) => {
      const y = reduced(name, x!, target);
      return { output: y, saved: { x: x!, y } };
    },
    backward: (dy, { saved: { x, y } }) => {
      const ties = reduced('count', x, y, { known: y });
      return [gradientOf('extreme', x, { known: y, dy, ties })];
    },
  });

const maxOp = /* @__PURE__ */ extremeOp('max');
const minOp = /* @__PURE__ */ extremeOp('min');

const varianceOp = /* @__PURE__ */ defineOp<
  Attributes & { readonly elements: number; readonly divisor: number },
  { x: Tensor; mean: Tensor }
>({
  name: 'variance',
  forward: ([x], { elements, divisor, ...target }, recording) => {
    const mean = reduced('sum', x!, target, { factor: 1 / elements });
    const y = reduced('squaredDifferences', x!, target, { known: mean, factor: 1 / divisor });
    if (!recording) mean.dispose();
    return { output: y, saved: { x: x!, mean } };
  },
  backward: (dy, { saved: { x, mean } }, { divisor }) => [
    gradientOf('variance', x, { known: mean, dy, factor: 2 / divisor }),
  ],
});

const logSumExpOp = /* @__PURE__ */ defineOp<Attributes, { x: Tensor; y: Tensor }>({
  name: 'logSumExp',
  forward: ([x], { shape, layout }) => {
    const y = empty(x!.device, shape, { layout });
    runSequence(reduceAfterMaxSequence('logSumExp', x!, y), { x: x!, y });
    return { output: y, saved: { x: x!, y } };
  },
  backward: (dy, { saved: { x, y } }) => [gradientOf('logSumExp', x, { known: y, dy })],
});

/** Which axes a reduction called `name` is over; all if none are named. */
function reducedAxes(name: string, { shape }: Tensor, axes: readonly number[] | undefined): Set<number> {
  if (axes === undefined) return new Set(shape.keys());
  const reduced = new Set(Array.from(axes, (axis) => normalizeAxis(axis, shape.length)));
  check(
    reduced.size === axes.length,
    'invalid-argument',
    () =>
      `${name}: the axes ${formatShape(axes)} of a tensor of rank ${shape.length} name one twice: name each once`,
  );
  return reduced;
}

/** Checks the operands of the reduction `name`, and gives `x` to `work` with what is left of it, in the shape that is asked for. */
function reduce<O extends ReduceOptions>(
  name: string,
  x: Tensor,
  options: O,
  rules: OptionRules<O>,
  work: (target: Attributes) => Tensor,
): Tensor {
  checkTensor(name, 'x', x);
  checkOptions(name, options, rules);
  checkFloat(name, x);
  const { axes, keepDims = false } = options;
  const reduced = reducedAxes(name, x, axes);
  const shape = x.shape.map((extent, axis) => (reduced.has(axis) ? 1 : extent));
  if (keepDims) return work({ shape, layout: defaultLayout(shape) });
  const kept = shape.filter((_, axis) => !reduced.has(axis));
  return reshape(work({ shape, layout: 'row-major' }), kept.length > 0 ? kept : [1]);
}

/** The sum over `axes`, each named once; over all of them a tensor of shape `[1]`. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('sum', x, options, OPTIONS, (target) => sumOp([x], { ...target, factor: 1 }));
}

/** The mean over `axes`, each named once; over all of them a tensor of shape `[1]`. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('mean', x, options, OPTIONS, (target) =>
    sumOp([x], { ...target, factor: sizeOf(target.shape) / x.size }),
  );
}

/**
 * The greatest element over `axes`, each named once; over all of them a tensor of shape `[1]`. NaN where one is. Elements
 * that are equally great share the gradient evenly, as in PyTorch's `amax`.
 */
export function max(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('max', x, options, OPTIONS, (target) => maxOp([x], target));
}

/** The least element, as {@link max} has the greatest. */
export function min(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('min', x, options, OPTIONS, (target) => minOp([x], target));
}

/**
 * `Σ (x − mean)² / (m − 1)` over `axes`, each named once, m being the number of elements of each result; over all axes a
 * tensor of shape `[1]`. With `unbiased: false` it is divided by m. Taken in two passes, so that a large mean costs no
 * precision. Throws 'invalid-argument' for the unbiased variance of single elements, which there is not.
 */
export function variance(x: Tensor, options: VarianceOptions = {}): Tensor {
  return reduce('variance', x, options, VARIANCE_OPTIONS, (target) => {
    const { unbiased = true } = options;
    const elements = x.size / sizeOf(target.shape);
    check(
      elements > 1 || !unbiased,
      'invalid-argument',
      () =>
        `variance: of ${formatShape(x.shape)} each result has one element, and no unbiased variance: ` +
        'pass { unbiased: false } or more axes',
    );
    return varianceOp([x], { ...target, elements, divisor: unbiased ? elements - 1 : elements });
  });
}

/**
 * `log Σ eˣ` over `axes`, each named once; over all of them a tensor of shape `[1]`. The maximum is taken out before, so
 * that nothing overflows: infinite only where the maximum is, NaN where an element is.
 */
export function logSumExp(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('logSumExp', x, options, OPTIONS, (target) => logSumExpOp([x], target));
}

/**
 * The place along `axis` of the greatest element, as i32, without gradient; by default the place among all elements in
 * row-major order, of shape `[1]`. Of equal ones the first counts; NaN is greater than any number.
 */
export function argMax(x: Tensor, options: ArgMaxOptions = {}): Tensor<'i32'> {
  checkTensor('argMax', 'x', x);
  checkOptions('argMax', options, ARG_MAX_OPTIONS);
  checkFloat('argMax', x);
  const { axis, keepDims = false } = options;
  const along = axis === undefined ? undefined : normalizeAxis(axis, x.shape.length);
  const shape = x.shape.map((extent, i) => (along === undefined || i === along ? 1 : extent));
  const layout = keepDims ? defaultLayout(shape) : 'row-major';
  const places = empty(x.device, shape, { layout, dtype: 'i32' });
  const ordered = along === undefined ? toLayout(x, 'row-major') : x;
  runSequence(reduceAfterMaxSequence('place', ordered, places), { x: ordered, y: places });
  if (ordered !== x) ordered.dispose();
  if (keepDims) return places;
  const kept = shape.filter((_, i) => along !== undefined && i !== along);
  const y = reshape(places, kept.length > 0 ? kept : [1]);
  places.dispose();
  return y;
}
