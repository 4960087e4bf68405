/**
 * @file Conversions between the element types.
 *
 * f32 to an integer truncates toward zero, saturates, and takes NaN for 0. Integers round to the nearest f32;
 * between i32 and u32 the bits stay, as in NumPy.
 */

import { CHANNEL_BLOCK, memorySize } from '../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../shape/shape.ts';
import { reads, writes } from './buffers.ts';
import { IS_NAN } from './float-bits.ts';
import { threadEntry, threadGrid } from './grid.ts';
import { defineKernel } from './kernel.ts';
import type { Operand } from './padding.ts';

/** The types of a tensor's elements. */
export type ElementType = 'f32' | 'i32' | 'u32';

/** What an integer type makes of floats: its bounds, and the greatest float below its upper bound. */
const INTEGERS = {
  i32: { vector: 'vec4i', least: '-2147483648.0', greatestFloat: '2147483520.0', most: '2147483647' },
  u32: { vector: 'vec4u', least: '0.0', greatestFloat: '4294967040.0', most: '4294967295u' },
} as const;

const VECTORS = { f32: 'vec4f', i32: 'vec4i', u32: 'vec4u' } as const;

const kernel = defineKernel({
  name: 'cast',
  buffers: ({ from, to }: { from: ElementType; to: ElementType }) => ({
    x: reads(VECTORS[from]),
    y: writes(VECTORS[to]),
  }),
  uniforms: { size: 'u32' },
  divisible: true,
  uses: [IS_NAN],
  body: ({ from, to }) => `
${convert(from, to)}
${threadEntry(`
  if (thread >= u.size) { return; }
  y[thread] = convert(x[thread]);`)}`,
});

function convert(from: ElementType, to: ElementType): string {
  const signature = `fn convert(x: ${VECTORS[from]}) -> ${VECTORS[to]}`;
  if (to === 'f32') return `${signature} { return vec4f(x); }`;
  if (from !== 'f32') return `${signature} { return bitcast<${VECTORS[to]}>(x); }`;
  const { vector, least, greatestFloat, most } = INTEGERS[to];
  return `${signature} {
  let whole = ${vector}(clamp(x, vec4f(${least}), vec4f(${greatestFloat})));
  let saturated = select(whole, ${vector}(${most}), x > vec4f(${greatestFloat}));
  return select(saturated, ${vector}(), isNan(x));
}`;
}

/** Converts the elements of a tensor x, of type `from`, into y, of type `to`. */
export function castPlan(from: ElementType, to: ElementType, { shape, layout }: Operand) {
  const elements = memorySize(shape, layout);
  checkIndexable(elements, 'cast');
  const size = ceilDivide(elements, CHANNEL_BLOCK);
  return kernel({ from, to }, { size }, threadGrid(size));
}
