/**
 * @file Convolution, gradient with respect to its weight, by tiles in workgroup memory: rows are taps and input channels as they
 * lie in the weight, columns output channels, the sum goes over output pixels and is split (split-k.ts). The formula is
 * that of `plain/backward-weight.ts`.
 */

import { type Conv2dGeometry, conv2dMultiplyAdds } from '../../../shape/conv2d.ts';
import { ceilDivide } from '../../../shape/shape.ts';
import { reads, writes } from '../../buffers.ts';
import { unroll, workgroupGrid } from '../../grid.ts';
import { defineKernel } from '../../kernel.ts';
import type { KernelSequence } from '../../sequence.ts';
import { uniformsOf } from '../../uniforms.ts';
import type { BackwardWeightBuffers } from '../buffers.ts';
import { splitPixels, withSum } from '../split-k.ts';
import { extents, extentTypes, outputPixels, type WindowConstants, windowConstants } from '../window.ts';
import { sumLoop, threadLoads, tiledEntry, tileK } from './tile.ts';
import {
  countTiles,
  threadColumns,
  threadRows,
  tileThreads,
  type WorkgroupTile,
  weightRows,
} from './tile-size.ts';

type Variant = WindowConstants & WorkgroupTile;

const kernel = defineKernel({
  name: 'conv2d.backwardWeight.tiled',
  buffers: { x: reads('vec4f'), dy: reads('vec4f'), dw: writes('vec4f') },
  uniforms: {
    ...uniformsOf('u32', 'pixels', 'parts', 'pixelsPerPart', 'rowTiles', 'columnTiles', 'rowBlocks'),
    ...extentTypes,
  },
  divisible: true,
  body,
});

/** The plans. Without groups. */
export function tiledBackwardWeightSequence(
  g: Conv2dGeometry,
  tile: WorkgroupTile,
): KernelSequence<BackwardWeightBuffers> {
  const sizes = extents(g);
  const pixels = outputPixels(g);
  const rowBlocks = weightRows(g) / 4;
  const tiles = countTiles(tile, rowBlocks * 4, g.outChannels);
  const threads = tileThreads(tile);
  const { parts, pixelsPerPart } = splitPixels(pixels, tiles * threads);
  const products = kernel(
    { ...windowConstants(g), ...tile },
    {
      pixels,
      parts,
      pixelsPerPart,
      rowTiles: ceilDivide(rowBlocks * 4, tile.rows),
      columnTiles: ceilDivide(g.outChannels, tile.columns),
      rowBlocks,
      ...sizes,
    },
    workgroupGrid(tiles * parts, threads),
    conv2dMultiplyAdds(g),
  );
  return withSum(g, products, parts);
}

function body(v: Variant): string {
  const threads = tileThreads(v);
  const rowBlocks = v.rows / 4;
  const columnBlocks = v.columns / 4;
  const loads = threadLoads(v);
  const pixelOfA = (i: number) => `first + localIndex / ${rowBlocks}u + ${(i * threads) / rowBlocks}u`;
  const pixelOfB = (i: number) => `first + localIndex / ${columnBlocks}u + ${(i * threads) / columnBlocks}u`;
  return tiledEntry(
    v,
    `
  let part = tile / (u.rowTiles * u.columnTiles);
  if (part >= u.parts) { return; }
  let firstRowBlock = tile / u.columnTiles % u.rowTiles * ${rowBlocks}u;
  let firstBlock = tile % u.columnTiles * ${columnBlocks}u;
  let first = part * u.pixelsPerPart;
  let last = min(first + u.pixelsPerPart, u.pixels);

  let ownRowBlock = min(firstRowBlock + localIndex % ${rowBlocks}u, u.rowBlocks - 1u);
  ${v.pointwise ? '' : tapOfRow(v)}
  ${unroll(loads.a, (i) => `var pixel${i} = ${pixelOfA(i)};\n${pixelOrigin(v, i)}`)}
  let ownColumn = min(firstBlock + localIndex % ${columnBlocks}u, u.outBlocks - 1u);
  ${unroll(loads.b, (i) => `var from${i} = (${pixelOfB(i)}) * u.outBlocks + ownColumn;`)}
  let lastFrom = (last - 1u) * u.outBlocks + ownColumn;

  ${unroll(v.rowsPerThread, (i) => unroll(v.columnsPerThread / 4, (j) => `var sum${i}_${j} = vec4f();`))}
  ${sumLoop(v, {
    steps: '(last - first)',
    stepLength: tileK(v),
    load: `${unroll(loads.a, (i) => `let a${i} = ${loadPixel(v, i)}; ${nextPixel(v, i)}`)}
    ${unroll(loads.b, (i) => `let b${i} = dy[min(from${i}, lastFrom)]; from${i} += ${tileK(v)}u * u.outBlocks;`)}`,
    store: `${unroll(loads.a, (i) => `tileA[localIndex + ${i * threads}u] = a${i};`)}
    ${unroll(loads.b, (i) => `tileB[localIndex + ${i * threads}u] = b${i};`)}`,
    multiply: unroll(tileK(v), (k) => multiply(v, k)),
    forEachResult: (use) => forEachResult(v, use),
    results: 'dw',
    clear: unroll(v.rowsPerThread, (i) => unroll(v.columnsPerThread / 4, (j) => `sum${i}_${j} = vec4f();`)),
  })}`,
  );
}

/** WGSL: `use(sum, index)` of every result that the part's weight has. */
function forEachResult(v: Variant, use: (sum: string, index: string) => string): string {
  return unroll(
    v.columnsPerThread / 4,
    (j) => `if (firstBlock + threadX + ${j * threadColumns(v)}u < u.outBlocks) {
    let block = firstBlock + threadX + ${j * threadColumns(v)}u;
    ${unroll(
      v.rowsPerThread / 4,
      (i) => `if (firstRowBlock + threadY + ${i * threadRows(v)}u < u.rowBlocks) {
      let row = (part * u.rowBlocks + firstRowBlock + threadY + ${i * threadRows(v)}u) * 4u;
      ${unroll(4, (k) => `{ ${use(`sum${i * 4 + k}_${j}`, `(row + ${k}u) * u.outBlocks + block`)} }`)}
    }`,
    )}
  }`,
  );
}

/**
 * WGSL: the tap and channels that the thread loads. Its pixels advance by {@link tileK}, in coordinates as digits of a
 * number would: a step for each, and what a carry from columns to lines, from lines to images adds to an address.
 */
function tapOfRow(v: Variant): string {
  return `let tap = ownRowBlock / u.inBlocks;
  let channel = ownRowBlock % u.inBlocks;
  let shiftY = i32(tap / ${v.kernelWidth}u) * ${v.dilationY} - ${v.padTop};
  let shiftX = i32(tap % ${v.kernelWidth}u) * ${v.dilationX} - ${v.padLeft};
  let height = i32(u.outHeight * ${v.strideY}u);
  let width = i32(u.outWidth * ${v.strideX}u);
  let stepX = ${tileK(v)}u % u.outWidth * ${v.strideX}u;
  let stepY = ${tileK(v)}u / u.outWidth % u.outHeight * ${v.strideY}u;
  let stepImage = ${tileK(v)}u / (u.outWidth * u.outHeight) * u.inHeight;
  let stepAt = ((stepImage + stepY) * u.inWidth + stepX) * u.inBlocks;
  let lineAt = (${v.strideY}u * u.inWidth - u32(width)) * u.inBlocks;
  let imageAt = (u.inHeight - u32(height)) * u.inWidth * u.inBlocks;`;
}

/** WGSL: the place in the image, and the address, that the tap leads to from the thread's first pixels. */
function pixelOrigin(v: Variant, i: number): string {
  if (v.pointwise) return `var at${i} = pixel${i} * u.inBlocks + ownRowBlock;`;
  return `
  var row${i} = i32(pixel${i} / u.outWidth % u.outHeight * ${v.strideY}u) + shiftY;
  var column${i} = i32(pixel${i} % u.outWidth * ${v.strideX}u) + shiftX;
  var at${i} = ((pixel${i} / (u.outHeight * u.outWidth) * u.inHeight + u32(row${i})) * u.inWidth + u32(column${i})) * u.inBlocks + channel;`;
}

/** WGSL: advances by {@link tileK} pixels. */
function nextPixel(v: Variant, i: number): string {
  if (v.pointwise) return `pixel${i} += ${tileK(v)}u; at${i} += ${tileK(v)}u * u.inBlocks;`;
  return `pixel${i} += ${tileK(v)}u;
    column${i} += i32(stepX);
    row${i} += i32(stepY);
    at${i} += stepAt;
    if (column${i} >= width + shiftX) { column${i} -= width; row${i} += ${v.strideY}; at${i} += lineAt; }
    if (row${i} >= height + shiftY) { row${i} -= height; at${i} += imageAt; }`;
}

/** WGSL: the pixel's channel block; zeros outside of the image and beyond the part. */
function loadPixel(v: Variant, i: number): string {
  if (v.pointwise) return `select(vec4f(), x[at${i}], pixel${i} < last)`;
  return `select(vec4f(), x[at${i}], u32(row${i}) < u.inHeight && u32(column${i}) < u.inWidth && pixel${i} < last)`;
}

/** WGSL: multiplies step `k`: vec4s along rows and columns. */
function multiply(v: Variant, k: number): string {
  return `{
      ${unroll(v.rowsPerThread / 4, (i) => `let a${i} = tileA[threadY + ${k * (v.rows / 4) + i * threadRows(v)}u];`)}
      ${unroll(v.columnsPerThread / 4, (j) => `let b${j} = tileB[threadX + ${k * (v.columns / 4) + j * threadColumns(v)}u];`)}
      ${unroll(v.rowsPerThread, (i) => unroll(v.columnsPerThread / 4, (j) => `sum${i}_${j} = fma(vec4f(a${Math.floor(i / 4)}[${i % 4}]), b${j}, sum${i}_${j});`))}
    }`;
}
