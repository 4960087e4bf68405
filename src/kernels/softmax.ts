/**
 * @file Softmax and its logarithm along one axis, each a single dispatch forward and backward.
 *
 *     softmax:    y = e^(x − m) / s,        dx = y · (dy − Σ dy·y)
 *     logSoftmax: y = x − m − log(s),       dx = dy − e^y · Σ dy
 *
 * with m = max x and s = Σ e^(x − m). Where m is infinite or NaN the whole row is NaN, as in PyTorch.
 */

import { memorySize } from '../shape/layout.ts';
import { checkIndexable } from '../shape/shape.ts';
import { type BuffersOf, reads, writes } from './buffers.ts';
import { defineKernel } from './kernel.ts';
import { LOG_AT_LEAST_1 } from './logarithm.ts';
import type { Operand } from './padding.ts';
import type { KernelPlan } from './plan.ts';
import { eachOfRow, ROW_UNIFORMS, type RowVariant, rowEntry, rowPieces, rowsAlong } from './rows.ts';

const FORMULAS = {
  softmax: {
    value: 'exp(x[at] - greatest) / sum',
    term: 'dy[at] * y[at]',
    slope: 'y[at] * (dy[at] - sum)',
  },
  logSoftmax: {
    value: 'x[at] - greatest - logAtLeast1(sum)',
    term: 'dy[at]',
    slope: 'dy[at] - select(exp(y[at]), y[at], isNanScalar(y[at])) * sum',
  },
} as const;

/** One of the two. */
export type SoftmaxOp = keyof typeof FORMULAS;

interface SoftmaxVariant extends RowVariant {
  readonly op: SoftmaxOp;
}

const forward = /* @__PURE__ */ defineKernel({
  name: 'softmax.forward',
  buffers: { x: reads('f32'), y: writes('f32') },
  uniforms: ROW_UNIFORMS,
  writesPadding: true,
  divisible: true,
  uses: (v: SoftmaxVariant) => [...rowPieces(v), LOG_AT_LEAST_1],
  body: (v: SoftmaxVariant) =>
    rowEntry(
      v,
      `
  var greatest = infinity(0x80000000u);
  ${eachOfRow(v, 'greatest = greater(greatest, x[at]);')}
  greatest = rowMax(localIndex, greatest);
  var sum = 0.0;
  ${eachOfRow(v, 'sum += exp(x[at] - greatest);')}
  sum = rowSum(localIndex, sum);
  ${eachOfRow(
    v,
    `
    var value = 0.0;
    if (exists(i, at)) { value = select(notANumber(), ${FORMULAS[v.op].value}, isFinite(greatest)); }
    y[at] = value;`,
    'u.paddedLength',
  )}`,
    ),
});

const backward = /* @__PURE__ */ defineKernel({
  name: 'softmax.backward',
  buffers: { y: reads('f32'), dy: reads('f32'), dx: writes('f32') },
  uniforms: ROW_UNIFORMS,
  writesPadding: true,
  divisible: true,
  uses: rowPieces,
  body: (v: SoftmaxVariant) =>
    rowEntry(
      v,
      `
  var sum = 0.0;
  ${eachOfRow(v, `sum += ${FORMULAS[v.op].term};`)}
  sum = rowSum(localIndex, sum);
  ${eachOfRow(
    v,
    `
    var value = 0.0;
    if (exists(i, at)) { value = ${FORMULAS[v.op].slope}; }
    dx[at] = value;`,
    'u.paddedLength',
  )}`,
    ),
});

/** `y` of x along `axis`, both lying as `operand` does. y's padding becomes zero. */
export function softmaxPlan(op: SoftmaxOp, operand: Operand, axis: number): KernelPlan<BuffersOf<'x' | 'y'>> {
  checkIndexable(memorySize(operand.shape, operand.layout), op);
  const { variant, uniforms, workgroups } = rowsAlong(operand, axis);
  return forward({ op, ...variant }, uniforms, workgroups);
}

/** The gradient of {@link softmaxPlan} with respect to x, of its result y and dy. dx's padding becomes zero. */
export function softmaxBackwardPlan(
  op: SoftmaxOp,
  operand: Operand,
  axis: number,
): KernelPlan<BuffersOf<'y' | 'dy' | 'dx'>> {
  checkIndexable(memorySize(operand.shape, operand.layout), op);
  const { variant, uniforms, workgroups } = rowsAlong(operand, axis);
  return backward({ op, ...variant }, uniforms, workgroups);
}
