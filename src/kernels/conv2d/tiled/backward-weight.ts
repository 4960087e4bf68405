/**
 * @file Convolution, gradient with respect to its weight, by tiles in workgroup memory: rows are taps and input channels as they
 * lie in the weight, columns output channels, the sum goes over output pixels and is split (split-k.ts). The formula is
 * that of `plain/backward-weight.ts`.
 */

import { type Conv2dGeometry, conv2dWeightShape } from '../../../shape/conv2d.ts';
import { memorySize } from '../../../shape/layout.ts';
import { ceilDivide } from '../../../shape/shape.ts';
import { unroll, workgroupGrid } from '../../grid.ts';
import { defineKernel, reads, writes } from '../../kernel.ts';
import type { KernelSequence } from '../../sequence.ts';
import type { BackwardWeightBuffers } from '../buffers.ts';
import { splitPixels, withSum } from '../split-k.ts';
import { extents, extentTypes, type WindowConstants, windowConstants } from '../window.ts';
import {
  countTiles,
  DEPTH,
  fullTile,
  SIDE,
  sumLoop,
  type Tile,
  threadColumns,
  threadLoads,
  threadRows,
  tiledEntry,
  tileThreads,
  weightRows,
} from './tile.ts';

type Variant = WindowConstants & Tile;

const kernel = defineKernel({
  name: 'conv2d.backwardWeight.tiled',
  buffers: { x: reads('vec4f'), dy: reads('vec4f'), dw: writes('vec4f') },
  uniforms: {
    pixels: 'u32',
    parts: 'u32',
    pixelsPerPart: 'u32',
    rowTiles: 'u32',
    columnTiles: 'u32',
    rowBlocks: 'u32',
    ...extentTypes,
  },
  body,
});

/** The plans. Without groups. */
export function tiledBackwardWeightSequence(
  g: Conv2dGeometry,
  tile = fullTile(weightRows(g), g.outChannels),
): KernelSequence<BackwardWeightBuffers> {
  const sizes = extents(g);
  const pixels = g.batch * g.outHeight * g.outWidth;
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
  );
  return withSum(products, parts, memorySize(conv2dWeightShape(g), 'filter') / 4);
}

function body(v: Variant): string {
  const threads = tileThreads(v);
  const rowBlocks = v.rows / 4;
  const columnBlocks = v.columns / 4;
  const loads = threadLoads(v);
  const leftPixel = (i: number) => `first + localIndex / ${rowBlocks}u + ${(i * threads) / rowBlocks}u`;
  const rightPixel = (i: number) =>
    `first + localIndex / ${columnBlocks}u + ${(i * threads) / columnBlocks}u`;
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
  ${unroll(loads.left, (i) => `var pixel${i} = ${leftPixel(i)};\n${pixelOrigin(v, i)}`)}
  let ownColumn = min(firstBlock + localIndex % ${columnBlocks}u, u.outBlocks - 1u);
  ${unroll(loads.right, (i) => `var from${i} = (${rightPixel(i)}) * u.outBlocks + ownColumn;`)}
  let lastFrom = (last - 1u) * u.outBlocks + ownColumn;

  ${unroll(SIDE, (i) => unroll(2, (j) => `var sum${i}_${j} = vec4f();`))}
  ${sumLoop({
    steps: '(last - first)',
    stepLength: DEPTH,
    load: `${unroll(loads.left, (i) => `let a${i} = ${loadPixel(v, i)}; ${nextPixel(v, i)}`)}
    ${unroll(loads.right, (i) => `let b${i} = dy[min(from${i}, lastFrom)]; from${i} += ${DEPTH}u * u.outBlocks;`)}`,
    store: `${unroll(loads.left, (i) => `left[localIndex + ${i * threads}u] = a${i};`)}
    ${unroll(loads.right, (i) => `right[localIndex + ${i * threads}u] = b${i};`)}`,
    multiply: unroll(DEPTH, (k) => multiply(v, k)),
    forEachResult: (use) => forEachResult(v, use),
    results: 'dw',
    clear: unroll(SIDE, (i) => unroll(2, (j) => `sum${i}_${j} = vec4f();`)),
  })}`,
  );
}

/** WGSL: `use(sum, index)` of every result that the part's weight has. */
function forEachResult(v: Variant, use: (sum: string, index: string) => string): string {
  return unroll(
    2,
    (j) => `if (firstBlock + threadX + ${j * threadColumns(v)}u < u.outBlocks) {
    let block = firstBlock + threadX + ${j * threadColumns(v)}u;
    ${unroll(
      2,
      (i) => `if (firstRowBlock + threadY + ${i * threadRows(v)}u < u.rowBlocks) {
      let row = (part * u.rowBlocks + firstRowBlock + threadY + ${i * threadRows(v)}u) * 4u;
      ${unroll(4, (k) => `{ ${use(`sum${i * 4 + k}_${j}`, `(row + ${k}u) * u.outBlocks + block`)} }`)}
    }`,
    )}
  }`,
  );
}

/**
 * WGSL: the tap and channels that the thread loads. Its pixels go on by {@link DEPTH}, in coordinates as digits of a
 * number would: a step for each, and what a carry from columns to lines, from lines to images adds to an address.
 */
function tapOfRow(v: Variant): string {
  return `let tap = ownRowBlock / u.inBlocks;
  let channel = ownRowBlock % u.inBlocks;
  let shiftY = i32(tap / ${v.kernelWidth}u) * ${v.dilationY} - ${v.padTop};
  let shiftX = i32(tap % ${v.kernelWidth}u) * ${v.dilationX} - ${v.padLeft};
  let height = i32(u.outHeight * ${v.strideY}u);
  let width = i32(u.outWidth * ${v.strideX}u);
  let stepX = ${DEPTH}u % u.outWidth * ${v.strideX}u;
  let stepY = ${DEPTH}u / u.outWidth % u.outHeight * ${v.strideY}u;
  let stepImage = ${DEPTH}u / (u.outWidth * u.outHeight) * u.inHeight;
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

/** WGSL: goes on by {@link DEPTH} pixels. */
function nextPixel(v: Variant, i: number): string {
  if (v.pointwise) return `pixel${i} += ${DEPTH}u; at${i} += ${DEPTH}u * u.inBlocks;`;
  return `pixel${i} += ${DEPTH}u;
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
      ${unroll(2, (i) => `let a${i} = left[threadY + ${k * (v.rows / 4) + i * threadRows(v)}u];`)}
      ${unroll(2, (j) => `let b${j} = right[threadX + ${k * (v.columns / 4) + j * threadColumns(v)}u];`)}
      ${unroll(SIDE, (i) => unroll(2, (j) => `sum${i}_${j} = fma(vec4f(a${Math.floor(i / 4)}[${i % 4}]), b${j}, sum${i}_${j});`))}
    }`;
}
