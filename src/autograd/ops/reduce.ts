/**
 * @file Sums and means.
 */

import { ARRAY, BOOLEAN, checkOptions, type OptionRules } from '../../arguments.ts';
import { check } from '../../errors.ts';
import { sumSequence } from '../../kernels/reduce.ts';
import { defaultLayout, type Layout } from '../../shape/layout.ts';
import { formatShape, normalizeAxis, type Shape, sizeOf } from '../../shape/shape.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { runSequence } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import { expand } from './elementwise.ts';
import { checkFloat } from './operands.ts';
import { reshape } from './shape.ts';

/** Which axes to reduce, and whether to keep them with extent 1. */
export interface ReduceOptions {
  /** All by default; negative ones count from the end. */
  readonly axes?: readonly number[];
  /** false by default. */
  readonly keepDims?: boolean;
}

const OPTIONS: OptionRules<ReduceOptions> = { axes: ARRAY, keepDims: BOOLEAN };

const sumOp = defineOp<
  { shape: Shape; layout: Layout; factor: number },
  { input: Pick<Tensor, 'shape' | 'layout'> }
>({
  name: 'sum',
  forward: ([x], { shape, layout, factor }) => {
    checkFloat('sum', x!);
    const y = empty(x!.device, shape, { layout });
    runSequence(sumSequence(x!, y, factor), { x: x!, y });
    return { output: y, saved: { input: { shape: x!.shape, layout: x!.layout } } };
  },
  backward: (dy, { saved }, { factor }) => [expand(dy, saved.input, factor)],
});

function reduce(x: Tensor, options: ReduceOptions, mean: boolean): Tensor {
  const name = mean ? 'mean' : 'sum';
  checkTensor(name, 'x', x);
  checkOptions(name, options, OPTIONS);
  const { axes = x.shape.map((_, axis) => axis), keepDims = false } = options;
  const rank = x.shape.length;
  const reduced = new Set(Array.from(axes, (axis) => normalizeAxis(axis, rank)));
  check(
    reduced.size === axes.length,
    'invalid-argument',
    () => `${name}: the axes ${formatShape(axes)} of a tensor of rank ${rank} name one twice: name each once`,
  );
  const shape = x.shape.map((extent, axis) => (reduced.has(axis) ? 1 : extent));
  const layout = keepDims ? defaultLayout(shape) : 'row-major';
  const y = sumOp([x], { shape, layout, factor: mean ? sizeOf(shape) / x.size : 1 });
  if (keepDims) return y;
  const kept = shape.filter((_, axis) => !reduced.has(axis));
  return reshape(y, kept.length > 0 ? kept : [1]);
}

/** The sum over `axes`, each named once; over all of them a tensor of shape `[1]`. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce(x, options, false);
}

/** The mean over `axes`, each named once; over all of them a tensor of shape `[1]`. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce(x, options, true);
}
