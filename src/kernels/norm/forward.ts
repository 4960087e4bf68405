/**
 * @file Layer norm and group norm forward: `y = x̂ · weight + bias` with `x̂ = (x − mean) / √(variance + ε)`, mean and biased
 * variance being those of a group of m elements.
 *
 * Sums are those of x − origin, the origin being the group's first element, so that a mean much larger than the deviation
 * costs no digits; and the variance is summed up in a pass of its own:
 *
 *     offset = Σ(x − origin)/m,   variance = Σ(x − origin − offset)²/m
 *
 * NaN in a group makes all of its results NaN.
 */

import { type BuffersOf, reads, writes } from '../buffers.ts';
import { defineKernel } from '../kernel.ts';
import type { KernelPlan } from '../plan.ts';
import { piece } from '../wgsl.ts';
import {
  ADD_UP,
  forEachBlock,
  type GroupForm,
  groupEntry,
  groupForm,
  groupGrid,
  groupUniforms,
  groupValues,
  type NormSize,
  type NormTarget,
  storeBlock,
  storedElement,
} from './groups.ts';

/** Which of weight and bias there are, each `[C]`. */
export interface NormParameters {
  readonly weight: boolean;
  readonly bias: boolean;
}

/** Floats per group of the buffer of statistics: origin, offset, 1 / √(variance + ε), 0. */
export const STATISTICS_PER_GROUP = 4;

/** WGSL: x̂ of a group with these statistics. */
export const NORMALIZED = /* @__PURE__ */ piece(`
fn normalized(x: vec4f, statistics: vec4f) -> vec4f { return ((x - statistics.x) - statistics.y) * statistics.z; }`);

const forward = /* @__PURE__ */ defineKernel({
  name: 'norm.forward',
  buffers: ({ form, weight, bias }: { form: GroupForm; weight: boolean; bias: boolean }) => ({
    x: reads('vec4f'),
    ...(weight && { weight: reads('vec4f') }),
    ...(bias && { bias: reads('vec4f') }),
    y: writes(storedElement(form)),
    statistics: writes('vec4f'),
  }),
  uniforms: { ...groupUniforms, epsilon: 'f32' },
  divisible: true,
  uses: [NORMALIZED, ADD_UP],
  body: ({ form, weight, bias }) =>
    groupEntry(`
  let origin = x[base][firstChannel % 4u];
  var sum = vec4f();${forEachBlock(form, 'sum += select(vec4f(), x[i] - origin, inGroup);')}
  let offset = addUp(vec2f(dot(sum, vec4f(1.0)), 0.0), localIndex).x * u.share;
  var squares = vec4f();${forEachBlock(
    form,
    `let d = select(vec4f(), (x[i] - origin) - offset, inGroup);
    squares = fma(d, d, squares);`,
  )}
  let variance = addUp(vec2f(dot(squares, vec4f(1.0)), 0.0), localIndex).x * u.share;
  let found = vec4f(origin, offset, inverseSqrt(variance + u.epsilon), 0.0);
  if (isFirst) { statistics[u.firstGroup + group] = found; }${forEachBlock(
    form,
    `let value = normalized(x[i], found)${weight ? ' * weight[block]' : ''}${bias ? ' + bias[block]' : ''};
    ${storeBlock(form, 'y')}`,
  )}`),
});

/** y, and the statistics of each group for backward. */
export function normForwardPlan(
  size: NormSize,
  { weight, bias }: NormParameters,
  epsilon: number,
  target: NormTarget,
): KernelPlan<BuffersOf<'x' | 'y' | 'statistics', 'weight' | 'bias'>> {
  return forward(
    { form: groupForm(size), weight, bias },
    { ...groupValues(size, target), epsilon },
    groupGrid(size, target),
  );
}
