/**
 * @file The gradients of layer norm and group norm with respect to weight and bias, `dweight = Σ dy·x̂` and `dbias = Σ dy`
 * over all pixels of all images: partial sums, and their sums.
 */

import { CHANNEL_BLOCK } from '../../shape/layout.ts';
import {
  PER_CHANNEL,
  stripeCount,
  stripeEntry,
  stripeGrid,
  stripeUniforms,
  stripeValues,
  sumsEntry,
  sumsGrid,
  WORKGROUP_SUMS,
} from '../batch-norm/channel-sums.ts';
import { type BuffersOf, reads, writes } from '../buffers.ts';
import { defineKernel } from '../kernel.ts';
import type { KernelPlan } from '../plan.ts';
import { uniformsOf } from '../uniforms.ts';
import { piece } from '../wgsl.ts';
import { NORMALIZED, type NormParameters } from './forward.ts';
import { type GroupForm, groupForm, type NormSize } from './groups.ts';

/** All pixels, as channel sums see them. */
const mapOf = ({ images, pixels, channels }: NormSize) => ({ pixels: images * pixels, channels });

/** How many partial sums there are of each channel. */
export const normStripeCount = (size: NormSize): number => stripeCount(mapOf(size));

/** WGSL of x̂ at index `i`, by the form of a group. */
const VALUE: Record<GroupForm, string> = {
  row: 'normalized(x[i], statistics[u.firstGroup + i / u.blocks])',
  blocks: 'normalized(x[i], statistics[firstGroup(i) + groups.x])',
  channels: 'mixed(x[i], firstGroup(i), groups)',
};

/** WGSL: the first group of the image that vec4 `i` is of, and x̂ where a vec4 has components of several groups. */
const FIRST_GROUP = /* @__PURE__ */ piece(`
fn firstGroup(i: u32) -> u32 { return u.firstGroup + i / (u.imagePixels * u.blocks) * u.groups; }
fn mixed(x: vec4f, first: u32, groups: vec4u) -> vec4f {
  let a = statistics[first + groups.x];
  let b = statistics[first + groups.y];
  let c = statistics[first + groups.z];
  let d = statistics[first + groups.w];
  return ((x - vec4f(a.x, b.x, c.x, d.x)) - vec4f(a.y, b.y, c.y, d.y)) * vec4f(a.z, b.z, c.z, d.z);
}`);

const partials = /* @__PURE__ */ defineKernel({
  name: 'norm.backward.partials',
  buffers: (_: { form: GroupForm }) => ({
    dy: reads('vec4f'),
    x: reads('vec4f'),
    statistics: reads('vec4f'),
    partials: writes('vec4f'),
  }),
  uniforms: { ...stripeUniforms, ...uniformsOf('u32', 'imagePixels', 'groups', 'width', 'firstGroup') },
  divisible: true,
  uses: [NORMALIZED, FIRST_GROUP],
  body: ({ form }) =>
    stripeEntry(
      `  let groups = min((${CHANNEL_BLOCK}u * block + vec4u(0u, 1u, 2u, 3u)) / u.width, vec4u(u.groups - 1u));`,
      (index) => `{
    let i = ${index};
    let g = dy[i];
    first += g;
    second = fma(g, ${VALUE[form]}, second);
  }`,
    ),
});

/** Partial sums of dy and dy·x̂, from stripe `firstStripe` on. */
export function normBackwardPartialsPlan(
  size: NormSize,
  firstStripe = 0,
): KernelPlan<BuffersOf<'dy' | 'x' | 'statistics' | 'partials'>> {
  const { pixels, channels, groups, firstGroup = 0 } = size;
  const map = mapOf(size);
  const uniforms = {
    ...stripeValues(map, { firstStripe }),
    imagePixels: pixels,
    groups,
    width: channels / groups,
    firstGroup,
  };
  return partials({ form: groupForm(size) }, uniforms, stripeGrid(map));
}

const sums = /* @__PURE__ */ defineKernel({
  name: 'norm.backward.sums',
  buffers: ({ weight, bias }: { weight: boolean; bias: boolean }) => ({
    partials: reads('vec4f'),
    ...(weight && { dweight: writes('vec4f') }),
    ...(bias && { dbias: writes('vec4f') }),
  }),
  uniforms: stripeUniforms,
  divisible: true,
  uses: [PER_CHANNEL, WORKGROUP_SUMS],
  body: ({ weight, bias }) =>
    sumsEntry(`
  ${weight ? 'dweight[block] = perChannel(block, second);' : ''}
  ${bias ? 'dbias[block] = perChannel(block, first);' : ''}`),
});

/** dweight and dbias, those that are wanted, of `stripes` partial sums. */
export function normBackwardSumsPlan(
  channels: number,
  { weight, bias }: NormParameters,
  stripes: number,
): KernelPlan<BuffersOf<'partials', 'dweight' | 'dbias'>> {
  const map = { pixels: stripes, channels };
  return sums({ weight, bias }, stripeValues(map, { stripes }), sumsGrid(map));
}
