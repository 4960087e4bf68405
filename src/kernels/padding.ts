/**
 * @file Which elements of a tensor in memory are padding, for kernels that would write something else than zero there.
 *
 * Memory is a list of rows of `blocks` vec4s each, in which the first `innerExtent` elements are real. A `filter` is padded
 * along its second innermost axis too: of each `paddedRows` rows only the first `rows` are real.
 */

import { CHANNEL_BLOCK, type Layout, memoryAxes, memorySize } from '../shape/layout.ts';
import { type Shape, sizeOf } from '../shape/shape.ts';
import { piece } from './wgsl.ts';

/** A tensor as kernels see it. */
export interface Operand {
  readonly shape: Shape;
  readonly layout: Layout;
}

/** The uniforms that {@link IS_ELEMENT} reads. */
export const PADDING_UNIFORMS = {
  innerExtent: 'u32',
  blocks: 'u32',
  rows: 'u32',
  paddedRows: 'u32',
} as const;

/** WGSL: which components of a vec4 of memory are elements and not padding. */
export const IS_ELEMENT = /* @__PURE__ */ piece(`
fn isElement(block: u32) -> vec4<bool> {
  let row = block / u.blocks;
  let inner = (block % u.blocks) * ${CHANNEL_BLOCK}u + vec4u(0u, 1u, 2u, 3u);
  return (inner < vec4u(u.innerExtent)) & vec4<bool>(row % u.paddedRows < u.rows);
}`);

/** Whether a tensor has elements that must stay zero. The tail of a row-major one may hold anything. */
export function hasPadding({ shape, layout }: Operand): boolean {
  return memorySize(shape, layout) !== sizeOf(shape);
}

/** The values of {@link PADDING_UNIFORMS}. */
export function paddingUniforms(operand: Operand): Readonly<Record<keyof typeof PADDING_UNIFORMS, number>> {
  if (!hasPadding(operand)) return { innerExtent: CHANNEL_BLOCK, blocks: 1, rows: 1, paddedRows: 1 };
  const [second, innermost] = memoryAxes(operand.shape, operand.layout).slice(-2);
  return {
    innerExtent: innermost!.extent,
    blocks: innermost!.padded / CHANNEL_BLOCK,
    rows: second!.extent,
    paddedRows: second!.padded,
  };
}
