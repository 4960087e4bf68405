/**
 * @file Convolution, gradient with respect to its weight, by subgroups.
 *
 * The weight in memory is a matrix of `taps · in` rows and `out` columns, and its gradient a product of matrices
 * summed over output pixels, four at a time. A lane loads four rows (one tap, four input channels) at one of the pixels,
 * all lanes multiply their own four output channels by them. The formula is that of `plain/backward-weight.ts`.
 */

import { type Conv2dGeometry, conv2dMultiplyAdds, isPointwise } from '../../../shape/conv2d.ts';
import { ceilDivide } from '../../../shape/shape.ts';
import { readsTexels, writes } from '../../buffers.ts';
import { unroll, workgroupGrid } from '../../grid.ts';
import { defineKernel } from '../../kernel.ts';
import type { KernelSequence } from '../../sequence.ts';
import { uniformsOf } from '../../uniforms.ts';
import type { BackwardWeightBuffers } from '../buffers.ts';
import { withSum } from '../split-k.ts';
import { extents, extentTypes, windowTypes, windowUniforms } from '../window.ts';
import { addProducts, declareSums, loadsOf, ROW_BLOCKS, ROWS, spreadQuads, subgroupEntry } from './tile.ts';

/** Pixels per step of the sum. */
const PIXELS = 4;
/** Subgroups that keep a software adapter's cores busy. */
const ENOUGH_SUBGROUPS = 64;
/** Fewer steps per part are not worth a pass over the scratch buffer. */
const FEWEST_STEPS = 64;

interface Variant {
  readonly lanes: number;
  readonly pointwise: boolean;
}

const kernel = defineKernel({
  name: 'conv2d.backwardWeight.subgroup',
  buffers: { x: readsTexels('x'), dy: readsTexels('dy'), dw: writes('vec4f') },
  uniforms: {
    ...uniformsOf('u32', 'rowTiles', 'columnTiles', 'rowBlocks', 'parts', 'linesPerPart'),
    ...extentTypes,
    ...windowTypes,
  },
  features: ['subgroups'],
  divisible: true,
  body,
});

/** The plans, split over lines of output pixels. Without groups. */
export function subgroupBackwardWeightSequence(
  g: Conv2dGeometry,
  lanes: number,
): KernelSequence<BackwardWeightBuffers> {
  const pointwise = isPointwise(g);
  const sizes = extents(g);
  const rowBlocks = g.kernelHeight * g.kernelWidth * sizes.inBlocks;
  const rowTiles = ceilDivide(rowBlocks, ROW_BLOCKS);
  const columnTiles = ceilDivide(sizes.outBlocks, lanes);
  const lines = linesOf(g, pointwise);
  const worthwhile = Math.max(1, Math.floor((lines.count * lines.steps) / FEWEST_STEPS));
  const wanted = Math.min(lines.count, worthwhile, ceilDivide(ENOUGH_SUBGROUPS, rowTiles * columnTiles));
  const linesPerPart = ceilDivide(lines.count, wanted);
  const parts = ceilDivide(lines.count, linesPerPart);
  const products = kernel(
    { lanes, pointwise },
    Object.assign(
      { rowTiles, columnTiles, rowBlocks, parts, linesPerPart },
      sizes,
      lines.extents,
      windowUniforms(g),
    ),
    workgroupGrid(rowTiles * columnTiles * parts, lanes),
    conv2dMultiplyAdds(g),
  );
  return withSum(g, products, parts);
}

/**
 * How the pixels lie in lines. A pointwise convolution has a single one, so that no step of four is cut off at the end of
 * a short line; there each step counts as a line of its own, of which parts are made.
 */
function linesOf({ batch, outHeight, outWidth }: Conv2dGeometry, pointwise: boolean) {
  if (!pointwise) return { count: batch * outHeight, steps: ceilDivide(outWidth, PIXELS), extents: {} };
  const pixels = batch * outHeight * outWidth;
  return {
    count: ceilDivide(pixels, PIXELS),
    steps: 1,
    extents: { batch: 1, outHeight: 1, outWidth: pixels },
  };
}

function body({ lanes, pointwise }: Variant): string {
  return subgroupEntry(
    lanes,
    `
  let part = tile / (u.rowTiles * u.columnTiles);
  if (part >= u.parts) { return; }
  let rowBlock = tile / u.columnTiles % u.rowTiles * ${ROW_BLOCKS}u;
  let column = tile % u.columnTiles * ${lanes}u + lane;
  let block = min(column, u.outBlocks - 1u);

  let own = min(rowBlock + lane % ${ROW_BLOCKS}u, u.rowBlocks - 1u);
  let ownPixel = lane / ${ROW_BLOCKS}u;
  ${declareSums('vec4f()')}
  ${pointwise ? overPixels(lanes) : overLines(lanes)}
  if (column < u.outBlocks) {
    let first = (part * u.rowBlocks + rowBlock) * 4u;
    ${unroll(ROWS, (r) => `if (rowBlock + ${Math.floor(r / 4)}u < u.rowBlocks) { dw[(first + ${r}u) * u.outBlocks + block] = sum${r}; }`)}
  }`,
  );
}

/** WGSL: the sum over a part of the one line of a pointwise convolution. */
function overPixels(lanes: number): string {
  return `
  let end = min((part + 1u) * u.linesPerPart * ${PIXELS}u, u.outWidth);
  for (var pixel = part * u.linesPerPart * ${PIXELS}u; pixel < end; pixel += ${PIXELS}u) {
    ${unroll(
      loadsOf(lanes),
      (i) => `let own${i} = pixel + ${pixelOfLoad(i, lanes)};
    let inside${i} = own${i} < end;
    ${loadInside(i, `own${i} * u.inBlocks + own`)}`,
    )}
    ${unroll(PIXELS, (p) => `let w${p} = dyAt(min(pixel + ${p}u, end - 1u) * u.outBlocks + block);`)}
    ${multiplyPixels(lanes)}
  }`;
}

/** WGSL: the sum over the lines of a part, tap by tap. */
function overLines(lanes: number): string {
  return `
  let tap = own / u.inBlocks;
  let channel = own % u.inBlocks;
  let shiftY = i32(tap / u.kernelWidth * u.dilationY) - i32(u.padTop);
  let shiftX = i32(tap % u.kernelWidth * u.dilationX) - i32(u.padLeft);
  let last = min((part + 1u) * u.linesPerPart, u.batch * u.outHeight);
  for (var line = part * u.linesPerPart; line < last; line++) {
    let row = u32(i32(line % u.outHeight * u.strideY) + shiftY);
    let inRow = row < u.inHeight;
    let start = (line / u.outHeight * u.inHeight + row) * u.inWidth;
    let gradient = line * u.outWidth;
    for (var pixel = 0u; pixel < u.outWidth; pixel += ${PIXELS}u) {
      ${unroll(
        loadsOf(lanes),
        (i) => `let own${i} = pixel + ${pixelOfLoad(i, lanes)};
      let column${i} = u32(i32(own${i} * u.strideX) + shiftX);
      let inside${i} = inRow && column${i} < u.inWidth && own${i} < u.outWidth;
      ${loadInside(i, `(start + column${i}) * u.inBlocks + channel`)}`,
      )}
      ${unroll(PIXELS, (p) => `let w${p} = dyAt((gradient + min(pixel + ${p}u, u.outWidth - 1u)) * u.outBlocks + block);`)}
      ${multiplyPixels(lanes)}
    }
  }`;
}

/** WGSL: which of the step's pixels a lane's load `i` is of. */
function pixelOfLoad(i: number, lanes: number): string {
  return `${(i * lanes) / ROW_BLOCKS}u + ownPixel`;
}

/** WGSL: `a{i}`, the element of x at `index`, or zeros where it is not `inside{i}`. */
function loadInside(i: number, index: string): string {
  return `let a${i} = select(vec4f(), xAt(select(0u, ${index}, inside${i})), inside${i});`;
}

/** WGSL: adds the products of a step: place `4 p + q` of the loads is vec4 `q` of the rows at pixel `p`. */
function multiplyPixels(lanes: number): string {
  return `${spreadQuads(lanes)}
    ${unroll(ROW_BLOCKS, (q) => {
      const values = (i: number) => Array.from({ length: PIXELS }, (_, p) => `b${p}[${i}]`);
      return `{ ${unroll(PIXELS, (p) => `let b${p} = quadBroadcast(quad${p}, ${q}u);`)}
      ${unroll(4, (i) => addProducts(q * 4 + i, values(i)))} }`;
    })}`;
}
