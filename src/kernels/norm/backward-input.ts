/**
 * @file The gradient of layer norm and group norm with respect to the input. With `g = dy · weight`, x̂ as in the forward
 * pass and sums over a group of m elements (J. Ba et al., "Layer normalization", 2016, differentiated):
 *
 *     dx = (g − Σg/m − x̂ · Σ(g·x̂)/m) / √(variance + ε)
 */

import { type BuffersOf, reads, writes } from '../buffers.ts';
import { defineKernel } from '../kernel.ts';
import type { KernelPlan } from '../plan.ts';
import { NORMALIZED } from './forward.ts';
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

const backwardInput = /* @__PURE__ */ defineKernel({
  name: 'norm.backward.input',
  buffers: ({ form, weight }: { form: GroupForm; weight: boolean }) => ({
    dy: reads('vec4f'),
    x: reads('vec4f'),
    statistics: reads('vec4f'),
    ...(weight && { weight: reads('vec4f') }),
    dx: writes(storedElement(form)),
  }),
  uniforms: groupUniforms,
  divisible: true,
  uses: [NORMALIZED, ADD_UP],
  body: ({ form, weight }) => {
    const operands = `
    let g = select(vec4f(), dy[i]${weight ? ' * weight[block]' : ''}, inGroup);
    let n = select(vec4f(), normalized(x[i], found), inGroup);`;
    return groupEntry(`
  let found = statistics[u.firstGroup + group];
  var first = vec4f();
  var second = vec4f();${forEachBlock(
    form,
    `${operands}
    first += g;
    second = fma(g, n, second);`,
  )}
  let means = addUp(vec2f(dot(first, vec4f(1.0)), dot(second, vec4f(1.0))), localIndex) * u.share;${forEachBlock(
    form,
    `${operands}
    let value = found.z * ((g - means.x) - n * means.y);
    ${storeBlock(form, 'dx')}`,
  )}`);
  },
});

/** dx; `weight` says whether there was one. */
export function normBackwardInputPlan(
  size: NormSize,
  { weight }: { readonly weight: boolean },
  target: NormTarget,
): KernelPlan<BuffersOf<'dy' | 'x' | 'statistics' | 'dx', 'weight'>> {
  return backwardInput({ form: groupForm(size), weight }, groupValues(size, target), groupGrid(size, target));
}
