/**
 * @file What becomes of the results of kernels that are not fovea's own: their padding is cleared, or they are inspected.
 */

import { CHANNEL_BLOCK, memorySize } from '../shape/layout.ts';
import { ceilDivide } from '../shape/shape.ts';
import { reads, writes } from './buffers.ts';
import { threadEntry, threadGrid } from './grid.ts';
import { defineKernel } from './kernel.ts';
import { IS_ELEMENT, type Operand, PADDING_UNIFORMS, paddingUniforms } from './padding.ts';
import type { KernelPlan } from './plan.ts';
import { piece } from './wgsl.ts';

/** What fresh memory of a checked device holds: the bits of a NaN that no arithmetic makes. */
export const POISON = 0x7fe1de57;

/** What the four elements of a channel block are: floats, integers, or the bytes of a word. */
export type ElementKind = 'floats' | 'integers' | 'bytes';

const elementOf = (kind: ElementKind): string => (kind === 'bytes' ? 'u32' : 'vec4u');

const poison = defineKernel({
  name: 'results.poison',
  buffers: { memory: writes('vec4u') },
  uniforms: { blocks: 'u32' },
  body: () => threadEntry(`if (thread < u.blocks) { memory[thread] = vec4u(${POISON}u); }`),
});

/** Fills so many bytes, a multiple of 16, with {@link POISON}. */
export function poisonPlan(bytes: number): KernelPlan {
  const blocks = bytes / 16;
  return poison({}, { blocks }, threadGrid(blocks));
}

const clearPadding = defineKernel({
  name: 'results.clearPadding',
  buffers: ({ kind }: { kind: ElementKind }) => ({ memory: writes(elementOf(kind)) }),
  uniforms: { ...PADDING_UNIFORMS, elements: 'u32' },
  uses: [IS_ELEMENT],
  body: ({ kind }) =>
    threadEntry(`
  if (thread * ${CHANNEL_BLOCK}u >= u.elements) { return; }
  let element = isElement(thread);
  if (all(element)) { return; }
  let value = memory[thread];
  memory[thread] = ${kind === 'bytes' ? 'value & dot(select(vec4u(), vec4u(0xffu, 0xff00u, 0xff0000u, 0xff000000u), element), vec4u(1u))' : 'select(vec4u(), value, element)'};`),
});

/** Writes zeros into the padding of a tensor, and leaves its elements. */
export function clearPaddingPlan(operand: Operand, kind: ElementKind): KernelPlan {
  return plan(clearPadding, operand, kind);
}

/** WGSL: the bits of an element that are zero where it is; a float may be −0. */
const SIGNIFICANT: Record<ElementKind, string> = {
  floats: 'vec4u(0x7fffffffu)',
  integers: 'vec4u(0xffffffffu)',
  bytes: 'vec4u(0xffu)',
};

/** WGSL: adds the number of `which` elements to one of the counts. */
const COUNT = piece(`fn count(which: u32, elements: vec4<bool>) {
  if (any(elements)) { atomicAdd(&counts[which], dot(vec4u(elements), vec4u(1u))); }
}`);

const inspect = defineKernel({
  name: 'results.inspect',
  buffers: ({ kind }: { kind: ElementKind }) => ({
    memory: reads(elementOf(kind)),
    counts: writes('atomic<u32>'),
  }),
  uniforms: { ...PADDING_UNIFORMS, elements: 'u32' },
  uses: [IS_ELEMENT, COUNT],
  body: ({ kind }) =>
    threadEntry(`
  if (thread * ${CHANNEL_BLOCK}u >= u.elements) { return; }
  // The tail of a row-major tensor is neither element nor padding.
  let exists = thread * ${CHANNEL_BLOCK}u + vec4u(0u, 1u, 2u, 3u) < vec4u(u.elements);
  let element = isElement(thread) & exists;
  let padding = !isElement(thread) & exists;
  let poisoned = vec4<bool>(memory[thread] == ${kind === 'bytes' ? '' : 'vec4u'}(${POISON}u));
  let value = ${kind === 'bytes' ? 'vec4u(memory[thread]) >> vec4u(0u, 8u, 16u, 24u)' : 'memory[thread]'};
  let zero = (value & ${SIGNIFICANT[kind]}) == vec4u();
  count(0u, element & poisoned);
  count(1u, padding & poisoned);
  count(2u, padding & !poisoned & !zero);`),
});

/** What {@link inspectPlan} counts, a u32 each. */
export interface Inspection {
  readonly unwrittenElements: number;
  readonly unwrittenPadding: number;
  /** ElementKind of padding that were written, and are not zero. */
  readonly wrongPadding: number;
}

/** Bytes of the buffer that {@link inspectPlan} counts in; zero before. */
export const INSPECTION_BYTES = 16;

/** Counts the elements of a tensor that still hold {@link POISON}, and those of its padding that hold what they should not. */
export function inspectPlan(operand: Operand, kind: ElementKind): KernelPlan {
  return plan(inspect, operand, kind);
}

/** What an inspection counted. */
export function inspectionOf(counts: ArrayBuffer): Inspection {
  const [unwrittenElements, unwrittenPadding, wrongPadding] = new Uint32Array(counts) as unknown as number[];
  return {
    unwrittenElements: unwrittenElements!,
    unwrittenPadding: unwrittenPadding!,
    wrongPadding: wrongPadding!,
  };
}

function plan(make: typeof inspect | typeof clearPadding, operand: Operand, kind: ElementKind): KernelPlan {
  const elements = memorySize(operand.shape, operand.layout);
  const uniforms = { ...paddingUniforms(operand), elements };
  return make({ kind }, uniforms, threadGrid(ceilDivide(elements, CHANNEL_BLOCK)));
}
