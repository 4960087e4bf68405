/**
 * @file Rows of a tensor by their indexes, and the gradient, which adds up the rows that one index was asked for.
 *
 * For the gradient each position of the list is linked to the next one of the same index; the first of them then adds along the links,
 * so that every row is written by one thread, in the order of the list. Finding the links compares each index with the others.
 */

import { CHANNEL_BLOCK, memorySize } from '../shape/layout.ts';
import { checkIndexable } from '../shape/shape.ts';
import { type BuffersOf, reads, writes } from './buffers.ts';
import { threadEntry, threadGrid } from './grid.ts';
import { defineKernel } from './kernel.ts';
import { IS_ELEMENT, type Operand, PADDING_UNIFORMS, paddingUniforms } from './padding.ts';
import type { KernelPlan } from './plan.ts';
import { type KernelSequence, sequenceOf } from './sequence.ts';
import { uniformsOf } from './uniforms.ts';
import { piece } from './wgsl.ts';

/** Whether rows are made of vec4s. */
type RowVariant = { readonly vector: boolean };

/** The uniforms of all: vec4s or elements of a row of memory, and how many rows there are to choose from. */
const rowUniforms = uniformsOf('u32', 'size', 'rowSize', 'rowCount');

const forward = /* @__PURE__ */ defineKernel({
  name: 'gather.forward',
  buffers: ({ vector }: RowVariant) => ({
    x: reads(vector ? 'vec4u' : 'u32'),
    indexes: reads('i32'),
    y: writes(vector ? 'vec4u' : 'u32'),
  }),
  uniforms: { ...rowUniforms, ...PADDING_UNIFORMS },
  divisible: true,
  uses: [IS_ELEMENT],
  body: ({ vector }) =>
    threadEntry(`
  if (thread >= u.size) { return; }
  let row = u32(indexes[thread / u.rowSize]);
  let value = x[min(row, u.rowCount - 1u) * u.rowSize + thread % u.rowSize];
  // NaN by its bits: a compiler may assume that there is none.
  let missing = ${vector ? 'select(vec4u(), vec4u(0x7fc00000u), isElement(thread))' : '0x7fc00000u'};
  y[thread] = select(missing, value, row < u.rowCount);`),
});

/** The highest bit of a link: whether its position is the first of its index. */
const LINK = /* @__PURE__ */ piece(`
const FIRST = 0x80000000u;`);

const findLinks = /* @__PURE__ */ defineKernel({
  name: 'gather.links',
  buffers: { indexes: reads('i32'), links: writes('u32') },
  uniforms: uniformsOf('u32', 'count'),
  divisible: true,
  uses: [LINK],
  body: () =>
    threadEntry(`
  if (thread >= u.count) { return; }
  let index = indexes[thread];
  var before = 0u;
  while (before < thread && indexes[before] != index) { before++; }
  var next = thread + 1u;
  while (next < u.count && indexes[next] != index) { next++; }
  links[thread] = next | select(0u, FIRST, before == thread);`),
});

const backward = /* @__PURE__ */ defineKernel({
  name: 'gather.backward',
  buffers: ({ vector }: RowVariant) => ({
    dy: reads(vector ? 'vec4f' : 'f32'),
    indexes: reads('i32'),
    links: reads('u32'),
    dx: writes(vector ? 'vec4f' : 'f32'),
  }),
  uniforms: { ...rowUniforms, ...uniformsOf('u32', 'count') },
  divisible: true,
  uses: [LINK],
  body: () =>
    threadEntry(`
  if (thread >= u.size) { return; }
  var position = thread / u.rowSize;
  let at = thread % u.rowSize;
  let row = u32(indexes[position]);
  if (row >= u.rowCount || (links[position] & FIRST) == 0u) { return; }
  var sum = dy[position * u.rowSize + at];
  position = links[position] & ~FIRST;
  while (position < u.count) {
    sum += dy[position * u.rowSize + at];
    position = links[position] & ~FIRST;
  }
  dx[row * u.rowSize + at] = sum;`),
});

/** The variant and the uniforms of a list of `count` rows of `x`, whose rows lie in memory one after the other. */
function rowsOf(x: Operand, count: number) {
  const rowCount = x.shape[0]!;
  const elements = memorySize(x.shape, x.layout) / rowCount;
  checkIndexable(elements * count, 'the result of gather');
  const vector = elements % CHANNEL_BLOCK === 0;
  const rowSize = vector ? elements / CHANNEL_BLOCK : elements;
  return { variant: { vector }, uniforms: { size: count * rowSize, rowSize, rowCount } };
}

/** The rows of `x` by `count` indexes; those of no row become NaN. y is as x, with other rows. */
export function gatherPlan(x: Operand, count: number): KernelPlan<BuffersOf<'x' | 'indexes' | 'y'>> {
  const { variant, uniforms } = rowsOf(x, count);
  return forward(variant, { ...uniforms, ...paddingUniforms(x) }, threadGrid(uniforms.size));
}

/** dx of {@link gatherPlan}, which must be zero before: only the rows that an index names are written. */
export function gatherBackwardSequence(
  x: Operand,
  count: number,
): KernelSequence<BuffersOf<'dy' | 'indexes' | 'dx'>> {
  const { variant, uniforms } = rowsOf(x, count);
  return sequenceOf({ links: count }, [
    { plan: findLinks({}, { count }, threadGrid(count)) },
    { plan: backward(variant, { ...uniforms, count }, threadGrid(uniforms.size)) },
  ]);
}
