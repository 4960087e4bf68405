/**
 * @file Convolution, gradient by its weight, by subgroups.
 *
 * The weight in memory is a matrix of `taps · in` rows and `out` columns, and its gradient a product of matrices
 * summed over output pixels. A lane loads four rows (one tap, four input channels) of the pixel, all lanes multiply
 * their own four output channels by them. The formula is that of `backward-weight.ts`.
 */

import { type Conv2dGeometry, conv2dWeightShape } from '../../shape/conv2d.ts';
import { memorySize } from '../../shape/layout.ts';
import { ceilDivide } from '../../shape/shape.ts';
import { unroll, workgroupGrid } from '../grid.ts';
import { defineKernel, reads, writes } from '../kernel.ts';
import { type BackwardWeightPlans, withSum } from './split.ts';
import { declareSums, ROWS, subgroupEntry } from './subgroup.ts';
import { extents, extentTypes, windowTypes, windowUniforms } from './window.ts';

/** Quads of rows a tile. */
const ROW_QUADS = ROWS / 4;
/** Subgroups that keep a software adapter's cores busy. */
const ENOUGH_SUBGROUPS = 64;

const kernel = defineKernel({
  name: 'conv2d.backwardWeight.subgroup',
  buffers: { x: reads('vec4f'), dy: reads('vec4f'), dw: writes('vec4f') },
  uniforms: {
    rowTiles: 'u32',
    columnTiles: 'u32',
    rowQuads: 'u32',
    parts: 'u32',
    linesAPart: 'u32',
    ...extentTypes,
    ...windowTypes,
  },
  features: ['subgroups'],
  body,
});

/** Whether a subgroup of this size can load the rows of a tile: a lane holds one quad of one pixel. */
export function subgroupBackwardWeightFits(lanes: number): boolean {
  return lanes >= ROW_QUADS && lanes % ROW_QUADS === 0 && lanes <= ROWS;
}

/** The plans, split over lines of output pixels. Without groups. */
export function subgroupBackwardWeightPlans(g: Conv2dGeometry, lanes: number): BackwardWeightPlans {
  const sizes = extents(g);
  const rowQuads = g.kernelHeight * g.kernelWidth * sizes.inQuads;
  const rowTiles = ceilDivide(rowQuads, ROW_QUADS);
  const columnTiles = ceilDivide(sizes.outQuads, lanes);
  const lines = g.batch * g.outHeight;
  const linesAPart = ceilDivide(lines, Math.min(lines, ceilDivide(ENOUGH_SUBGROUPS, rowTiles * columnTiles)));
  const parts = ceilDivide(lines, linesAPart);
  const products = kernel(
    { lanes },
    { rowTiles, columnTiles, rowQuads, parts, linesAPart, ...sizes, ...windowUniforms(g) },
    workgroupGrid(rowTiles * columnTiles * parts, lanes),
  );
  return withSum(products, parts, memorySize(conv2dWeightShape(g), 'filter') / 4);
}

function body({ lanes }: { lanes: number }): string {
  const pixels = lanes / ROW_QUADS;
  return subgroupEntry(
    lanes,
    `
  let part = tile / (u.rowTiles * u.columnTiles);
  if (part >= u.parts) { return; }
  let rowQuad = tile / u.columnTiles % u.rowTiles * ${ROW_QUADS}u;
  let column = tile % u.columnTiles * ${lanes}u + lane;
  let quad = min(column, u.outQuads - 1u);

  let own = min(rowQuad + lane % ${ROW_QUADS}u, u.rowQuads - 1u);
  let ownPixel = lane / ${ROW_QUADS}u;
  let tap = own / u.inQuads;
  let channel = own % u.inQuads;
  let shiftY = i32(tap / u.kernelWidth * u.dilationY) - i32(u.padTop);
  let shiftX = i32(tap % u.kernelWidth * u.dilationX + ownPixel * u.strideX) - i32(u.padLeft);

  ${declareSums('vec4f()')}
  let last = min((part + 1u) * u.linesAPart, u.batch * u.outHeight);
  for (var line = part * u.linesAPart; line < last; line++) {
    let row = u32(i32(line % u.outHeight * u.strideY) + shiftY);
    let inRow = row < u.inHeight;
    let start = (line / u.outHeight * u.inHeight + row) * u.inWidth;
    var gradient = line * u.outWidth * u.outQuads + quad;
    for (var pixel = 0u; pixel < u.outWidth; pixel += ${pixels}u) {
      let x0 = u32(i32(pixel * u.strideX) + shiftX);
      let inside = inRow && x0 < u.inWidth && pixel + ownPixel < u.outWidth;
      let a = select(vec4f(), x[select(0u, (start + x0) * u.inQuads + channel, inside)], inside);
      ${unroll(pixels, (p) => addPixel(p))}
      gradient += ${pixels}u * u.outQuads;
    }
  }
  if (column < u.outQuads) {
    let first = (part * u.rowQuads + rowQuad) * 4u;
    ${unroll(ROWS, (r) => `if (rowQuad + ${Math.floor(r / 4)}u < u.rowQuads) { dw[(first + ${r}u) * u.outQuads + quad] = sum${r}; }`)}
  }`,
  );
}

/** WGSL: adds the products of one pixel; `a` holds zeros for pixels beyond the line. */
function addPixel(pixel: number): string {
  return `{
        let d = dy[gradient${pixel === 0 ? '' : ` + min(${pixel}u, u.outWidth - 1u - pixel) * u.outQuads`}];
        ${unroll(ROW_QUADS, (q) => {
          const lane = pixel * ROW_QUADS + q;
          return `{ let b = subgroupBroadcast(a, ${lane}u);
          ${unroll(4, (i) => `sum${q * 4 + i} = fma(vec4f(b[${i}]), d, sum${q * 4 + i});`)} }`;
        })}
      }`;
}
