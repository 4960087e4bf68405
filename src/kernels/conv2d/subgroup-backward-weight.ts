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
  const loads = Math.max(1, ROW_QUADS / lanes);
  const pixels = Math.max(1, lanes / ROW_QUADS);
  return subgroupEntry(
    lanes,
    `
  let part = tile / (u.rowTiles * u.columnTiles);
  if (part >= u.parts) { return; }
  let rowQuad = tile / u.columnTiles % u.rowTiles * ${ROW_QUADS}u;
  let column = tile % u.columnTiles * ${lanes}u + lane;
  let quad = min(column, u.outQuads - 1u);

  let ownPixel = lane / ${ROW_QUADS}u;
  ${unroll(loads, (i) => ownQuad(i, `rowQuad + ${i * lanes}u + lane % ${ROW_QUADS}u`))}

  ${declareSums(ROWS, 'vec4f()')}
  let last = min((part + 1u) * u.linesAPart, u.batch * u.outHeight);
  for (var line = part * u.linesAPart; line < last; line++) {
    ${unroll(loads, ownRow)}
    var gradient = line * u.outWidth * u.outQuads + quad;
    for (var pixel = 0u; pixel < u.outWidth; pixel += ${pixels}u) {
      ${unroll(loads, loadOwn)}
      ${unroll(pixels, (p) => addPixel(p, lanes))}
      gradient += ${pixels}u * u.outQuads;
    }
  }
  if (column < u.outQuads) {
    let first = (part * u.rowQuads + rowQuad) * 4u;
    ${unroll(ROWS, (r) => `if (rowQuad + ${Math.floor(r / 4)}u < u.rowQuads) { dw[(first + ${r}u) * u.outQuads + quad] = sum${r}; }`)}
  }`,
  );
}

/** WGSL: the tap and the input channels of the lane's `i`th quad of rows. */
function ownQuad(i: number, number: string): string {
  return `let own${i} = min(${number}, u.rowQuads - 1u);
  let tap${i} = own${i} / u.inQuads;
  let channel${i} = own${i} % u.inQuads;
  let shiftY${i} = i32(tap${i} / u.kernelWidth * u.dilationY) - i32(u.padTop);
  let shiftX${i} = i32(tap${i} % u.kernelWidth * u.dilationX + ownPixel * u.strideX) - i32(u.padLeft);`;
}

/** WGSL: where the input row lies that the `i`th quad meets in an output line. */
function ownRow(i: number): string {
  return `let row${i} = u32(i32(line % u.outHeight * u.strideY) + shiftY${i});
    let inRow${i} = row${i} < u.inHeight;
    let start${i} = (line / u.outHeight * u.inHeight + row${i}) * u.inWidth;`;
}

/** WGSL: `a{i}`, the values of the `i`th quad at the lane's pixel, zeros beyond the image or the line. */
function loadOwn(i: number): string {
  return `let x${i} = u32(i32(pixel * u.strideX) + shiftX${i});
      let inside${i} = inRow${i} && x${i} < u.inWidth && pixel + ownPixel < u.outWidth;
      let a${i} = select(vec4f(), x[select(0u, (start${i} + x${i}) * u.inQuads + channel${i}, inside${i})], inside${i});`;
}

/** WGSL: adds the products of one pixel. */
function addPixel(pixel: number, lanes: number): string {
  return `{
        let d = dy[gradient${pixel === 0 ? '' : ` + min(${pixel}u, u.outWidth - 1u - pixel) * u.outQuads`}];
        ${unroll(ROW_QUADS, (q) => {
          const lane = pixel * ROW_QUADS + q;
          return `{ let b = subgroupBroadcast(a${Math.floor(lane / lanes)}, ${lane % lanes}u);
          ${unroll(4, (i) => `sum${q * 4 + i} = fma(vec4f(b[${i}]), d, sum${q * 4 + i});`)} }`;
        })}
      }`;
}
