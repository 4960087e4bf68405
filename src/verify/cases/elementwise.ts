/**
 * @file Ops on elements: alone, alike and broadcast.
 */

import { EXACT, rounded, summed, withinUlp } from '../bounds.ts';
import type { OpName, OptionsOf } from '../op-runs.ts';
import { type AnyOpCase, type CaseInput, constant, MAP, NONE, of, x } from './case.ts';

/** Of one operand: padded channels, whose padding a kernel passes over, and a length that is no multiple of 4. */
function unary<Name extends OpName>(
  op: Name,
  options: OptionsOf[Name],
  bound: number,
  values?: 'positive',
): AnyOpCase[] {
  const more = values ? { values } : {};
  return [
    of(op, 'padded channels', [x(MAP, more)], options, bound),
    of(op, 'an odd length', [x([3, 89], more)], options, bound),
  ];
}

/** Of two operands: alike, broadcast over pixels in another layout, and a row that the first one is broadcast along. */
function binary(op: OpName, bound: number, more: Omit<CaseInput, 'shape'> = {}): AnyOpCase[] {
  return [
    of(op, 'alike', [x(MAP, more), x(MAP, more)], NONE, bound),
    of(op, 'broadcast channels', [x(MAP, more), x([5, 1, 1], more)], NONE, Math.max(bound, summed(42))),
    of(op, 'broadcast both ways', [x([3, 1], more), x([1, 7], more)], NONE, Math.max(bound, summed(7))),
  ];
}

const comparison = (op: OpName): AnyOpCase[] =>
  binary(op, EXACT, { values: 'whole', role: 'constant' }).map((found) => ({ ...found, bound: EXACT }));

/** All of them. */
export const ELEMENTWISE: readonly AnyOpCase[] = [
  ...unary('abs', NONE, EXACT),
  ...unary('neg', NONE, EXACT),
  ...unary('relu', NONE, EXACT),
  ...unary('clamp', { min: -1, max: 0.75 }, EXACT),
  ...unary('leakyRelu', { negativeSlope: 0.25 }, EXACT),
  // What is an exponential of up to 4, by WGSL's rules, and a few operations around it.
  ...unary('exp', NONE, withinUlp(8)),
  ...unary('sigmoid', NONE, withinUlp(16)),
  ...unary('tanh', NONE, withinUlp(24)),
  ...unary('silu', NONE, withinUlp(24)),
  ...unary('softplus', NONE, withinUlp(16)),
  ...unary('elu', { alpha: 0.75 }, withinUlp(24)),
  ...unary('gelu', { approximate: 'none' }, withinUlp(24)),
  of('gelu', 'by tanh', [x(MAP)], { approximate: 'tanh' }, withinUlp(24)),
  ...unary('hardSigmoid', NONE, withinUlp(4)),
  ...unary('hardSwish', NONE, withinUlp(4)),
  ...unary('log', NONE, withinUlp(8), 'positive'),
  ...unary('sqrt', NONE, withinUlp(8), 'positive'),
  ...unary('rsqrt', NONE, withinUlp(16), 'positive'),
  ...binary('add', rounded(2)),
  ...binary('subtract', rounded(2)),
  ...binary('multiply', rounded(2)),
  ...binary('divide', withinUlp(8), { values: 'positive' }),
  ...binary('pow', withinUlp(32), { values: 'positive' }),
  ...binary('maximum', rounded(1), { values: 'whole' }),
  ...binary('minimum', rounded(1), { values: 'whole' }),
  ...comparison('equal'),
  ...comparison('notEqual'),
  ...comparison('greater'),
  ...comparison('greaterEqual'),
  ...comparison('less'),
  ...comparison('lessEqual'),
  of('where', 'alike', [constant(MAP, { values: 'whole' }), x(MAP), x(MAP)], NONE, EXACT),
  of(
    'where',
    'all broadcast',
    [constant([2, 1, 3, 7], { values: 'whole' }), x([5, 1, 1]), x(MAP)],
    NONE,
    summed(42),
  ),
  of('cast', 'to whole numbers and back', [constant([3, 89])], NONE, EXACT),
  of('cast', 'padded channels', [constant(MAP)], NONE, EXACT),
  of('dropout', 'padded channels', [x(MAP)], { probability: 0.375, seed: 5 }, rounded(2)),
  of('dropout', 'an odd length', [x([3, 89])], { probability: 0.375, seed: 6 }, rounded(2)),
  of('dropPath', 'padded channels', [x([5, 5, 3, 7])], { probability: 0.5, seed: 7 }, rounded(2)),
];
