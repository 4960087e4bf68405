/**
 * @file Kernels that take channels-last maps of one size to maps of another: their uniforms, indexes and grids, with a thread for
 * each block of four channels of each pixel.
 */

import { check } from '../errors.ts';
import { CHANNEL_BLOCK, channelBlocks } from '../shape/layout.ts';
import type { MapSizes } from '../shape/maps.ts';
import { ceilDivide, checkIndexable } from '../shape/shape.ts';
import { MAX_WORKGROUPS, WORKGROUP, workgroupEntry } from './grid.ts';
import { uniformsOf } from './uniforms.ts';
import { piece } from './wgsl.ts';

/** The uniforms that {@link MAP_INDEXES} and {@link mapEntry} read. */
export const mapUniforms = {
  ...uniformsOf('u32', 'blocks'),
  ...uniformsOf('i32', 'inHeight', 'inWidth', 'outHeight', 'outWidth'),
};

/** Their values. Throws 'unsupported' where a map has too many elements; `what` is the kernels' name in messages. */
export function mapValues(what: string, g: MapSizes): Record<keyof typeof mapUniforms, number> {
  const { batch, inHeight, inWidth, outHeight, outWidth } = g;
  const blocks = channelBlocks(g.channels);
  checkIndexable(batch * inHeight * inWidth * blocks * CHANNEL_BLOCK, `the input of ${what}`);
  checkIndexable(batch * outHeight * outWidth * blocks * CHANNEL_BLOCK, `the output of ${what}`);
  return { blocks, inHeight, inWidth, outHeight, outWidth };
}

/** WGSL: where a channel block of a pixel lies in the input and in the output, and the sizes of both as (x, y). */
export const MAP_INDEXES = /* @__PURE__ */ piece(`
fn inIndex(image: i32, y: i32, x: i32, block: u32) -> u32 {
  return u32((image * u.inHeight + y) * u.inWidth + x) * u.blocks + block;
}
fn outIndex(image: i32, y: i32, x: i32, block: u32) -> u32 {
  return u32((image * u.outHeight + y) * u.outWidth + x) * u.blocks + block;
}
fn inSize() -> vec2i { return vec2i(u.inWidth, u.inHeight); }
fn outSize() -> vec2i { return vec2i(u.outWidth, u.outHeight); }`);

/** A grid with a thread for each channel block of each output. */
export function outputGrid(what: string, g: MapSizes): readonly [number, number, number] {
  return rowGrid(what, g, g.outHeight, g.outWidth);
}

/** A grid with a thread for each channel block of each input. */
export function inputGrid(what: string, g: MapSizes): readonly [number, number, number] {
  return rowGrid(what, g, g.inHeight, g.inWidth);
}

/** Workgroups along the rows of a map, which spare the threads most of the division into coordinates. */
function rowGrid(what: string, { batch, channels }: MapSizes, height: number, width: number) {
  const grid = [ceilDivide(width * channelBlocks(channels), WORKGROUP), height, batch] as const;
  check(
    grid.every((workgroups) => workgroups <= MAX_WORKGROUPS),
    'unsupported',
    () =>
      `${what}: ${batch} maps of ${height}×${width} need ${grid.join('×')} workgroups, an axis has ${MAX_WORKGROUPS}`,
  );
  return grid;
}

/**
 * The entry point on {@link outputGrid} or {@link inputGrid}: `body` sees the channel block `block`, the output or input
 * `at` (x, y), and `image`, the number of its image.
 */
export function mapEntry(map: 'out' | 'in', body: string): string {
  return workgroupEntry(
    WORKGROUP,
    `
  let perRow = (u32(u.${map}Width) * u.blocks + ${WORKGROUP - 1}u) / ${WORKGROUP}u;
  let row = workgroupIndex / perRow;
  let thread = (workgroupIndex - row * perRow) * ${WORKGROUP}u + localIndex;
  let column = thread / u.blocks;
  let block = thread - column * u.blocks;
  let at = vec2i(vec2u(column, row));
  let image = i32(workgroup.z);
  if (at.x >= u.${map}Width) { return; }
${body}`,
  );
}
