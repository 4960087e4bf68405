/**
 * @file Convolution, forward, by tiles in workgroup memory: rows are output pixels, columns output channels, the sum
 * goes over taps and input channels. The formula is that of `plain/forward.ts`.
 */

import { type Conv2dGeometry, conv2dMultiplyAdds } from '../../../shape/conv2d.ts';
import { ceilDivide } from '../../../shape/shape.ts';
import { reads } from '../../buffers.ts';
import { RELU } from '../../float-bits.ts';
import { unroll, workgroupGrid } from '../../grid.ts';
import { defineKernel } from '../../kernel.ts';
import { type Epilogue, epilogueOf, withEpilogue, writesSums } from '../epilogue.ts';
import { extents, extentTypes, outputPixels, type WindowConstants, windowConstants } from '../window.ts';
import {
  advanceTaps,
  type InductionVariable,
  sumLoop,
  threadLoads,
  tileBlocks,
  tiledEntry,
  tileK,
} from './tile.ts';
import { countTiles, threadColumns, threadRows, tileThreads, type WorkgroupTile } from './tile-size.ts';

type Variant = WindowConstants & Epilogue & WorkgroupTile;

const kernel = defineKernel({
  name: 'conv2d.forward.tiled',
  buffers: (v: Variant) => withEpilogue({ x: reads('vec4f'), weight: reads('vec4f') }, v),
  uniforms: { pixels: 'u32', columnTiles: 'u32', outChannels: 'u32', ...extentTypes },
  uses: [RELU],
  divisible: true,
  body,
});

/** Forward. Without groups. */
export function tiledForwardPlan(g: Conv2dGeometry, epilogue: Epilogue, tile: WorkgroupTile) {
  const pixels = outputPixels(g);
  const sizes = extents(g);
  const columnTiles = ceilDivide(g.outChannels, tile.columns);
  return kernel(
    { ...windowConstants(g), ...epilogue, ...tile },
    Object.assign({ pixels, columnTiles, outChannels: g.outChannels }, sizes),
    workgroupGrid(countTiles(tile, pixels, g.outChannels), tileThreads(tile)),
    conv2dMultiplyAdds(g),
  );
}

function body(v: Variant): string {
  const threads = tileThreads(v);
  const columnBlocks = v.columns / 4;
  const blocks = tileBlocks(v);
  const rowStep = threads / blocks;
  const stepStep = threads / columnBlocks;
  const loads = threadLoads(v);
  return tiledEntry(
    v,
    `
  let firstPixel = tile / u.columnTiles * ${v.rows}u;
  let firstBlock = tile % u.columnTiles * ${columnBlocks}u;
  if (firstPixel >= u.pixels) { return; }
  let sumBlocks = ${v.kernelHeight * v.kernelWidth}u * u.inBlocks;

  let ownBlock = localIndex % ${blocks}u;
  let ownRow = localIndex / ${blocks}u;
  var c = ownBlock;
  var kx = 0u;
  ${unroll(loads.a, (i) => pixelOrigin(v, i, i * rowStep))}

  let ownColumn = min(firstBlock + localIndex % ${columnBlocks}u, u.outBlocks - 1u);
  ${unroll(loads.b, (i) => `var from${i} = (localIndex / ${columnBlocks}u + ${i * stepStep}u) * u.outBlocks + ownColumn;`)}
  let lastFrom = (sumBlocks * 4u - 1u) * u.outBlocks + ownColumn;

  ${unroll(
    v.columnsPerThread / 4,
    (j) => `let block${j} = firstBlock + threadX + ${j * threadColumns(v)}u;
  let start${j} = ${epilogueOf(v, `block${j}`).start};
  ${unroll(v.rowsPerThread, (i) => `var sum${i}_${j} = start${j};`)}`,
  )}
  ${sumLoop(v, {
    steps: 'sumBlocks',
    stepLength: blocks,
    load: `${v.pointwise ? '' : advanceTaps('u.inBlocks', `${v.kernelWidth}u`, inductionVariables(v, loads.a))}
    ${unroll(loads.a, (i) => `let a${i} = ${loadPixel(v, i)}; at${i} += ${blocks}u;`)}
    c += ${blocks}u;
    ${unroll(loads.b, (i) => `let b${i} = weight[min(from${i}, lastFrom)]; from${i} += ${tileK(v)}u * u.outBlocks;`)}`,
    store: `${unroll(loads.a, (i) => `tileA[ownBlock * ${v.rows}u + ownRow + ${i * rowStep}u] = a${i};`)}
    ${unroll(loads.b, (i) => `tileB[localIndex + ${i * threads}u] = b${i};`)}`,
    multiply: unroll(blocks, (q) => multiply(v, q)),
    forEachResult: (use) => forEachResult(v, use),
    results: 'y',
    clear: unroll(v.columnsPerThread / 4, (j) => unroll(v.rowsPerThread, (i) => `sum${i}_${j} = vec4f();`)),
    ...(!writesSums(v) && { finish: epilogueOf(v).write }),
  })}`,
  );
}

/** WGSL: `use(sum, index)` of every result that the map has. */
function forEachResult(v: Variant, use: (sum: string, index: string) => string): string {
  return unroll(
    v.columnsPerThread / 4,
    (j) => `if (block${j} < u.outBlocks) {
    ${epilogueOf(v, `block${j}`).setup}
    ${unroll(
      v.rowsPerThread,
      (i) => `{
      let pixel = firstPixel + threadY + ${i * threadRows(v)}u;
      if (pixel < u.pixels) { ${use(`sum${i}_${j}`, `pixel * u.outBlocks + block${j}`)} }
    }`,
    )}
  }`,
  );
}

/** WGSL: where the window of a pixel that the thread loads begins. Pixels beyond the last one repeat it. */
function pixelOrigin(v: Variant, i: number, row: number): string {
  const pixel = `let pixel${i} = min(firstPixel + ownRow + ${row}u, u.pixels - 1u);`;
  if (v.pointwise)
    return `${pixel}
  var at${i} = pixel${i} * u.inBlocks + ownBlock;`;
  return `${pixel}
  var row${i} = i32(pixel${i} / u.outWidth % u.outHeight * ${v.strideY}u) - ${v.padTop};
  var column${i} = i32(pixel${i} % u.outWidth * ${v.strideX}u) - ${v.padLeft};
  var at${i} = ((pixel${i} / (u.outHeight * u.outWidth) * u.inHeight + u32(row${i})) * u.inWidth + u32(column${i})) * u.inBlocks + ownBlock;`;
}

/** What moves from tap to tap: for each pixel that the thread loads, its place in the image and its address. */
function inductionVariables(v: Variant, loads: number): InductionVariable[] {
  return Array.from({ length: loads }, (_, i) => [
    { name: `row${i}`, tap: '0', row: `${v.dilationY}` },
    { name: `column${i}`, tap: `${v.dilationX}`, row: `${-v.kernelWidth * v.dilationX}` },
    {
      name: `at${i}`,
      tap: `${v.dilationX - 1}u * u.inBlocks`,
      row: `(${v.dilationY}u * u.inWidth - ${v.kernelWidth * v.dilationX}u) * u.inBlocks`,
    },
  ]).flat();
}

/** WGSL: the pixel's channel block; zeros outside of the image and beyond the sum. */
function loadPixel(v: Variant, i: number): string {
  if (v.pointwise) return `select(vec4f(), x[at${i}], c < u.inBlocks)`;
  return `select(vec4f(), x[at${i}], u32(row${i}) < u.inHeight && u32(column${i}) < u.inWidth && step + ownBlock < sumBlocks)`;
}

/** WGSL: multiplies block `q` of the steps: a vec4 along the sum for each row, one along columns for each step. */
function multiply(v: Variant, q: number): string {
  const columnBlocks = v.columns / 4;
  return `{
      ${unroll(4, (k) => unroll(v.columnsPerThread / 4, (j) => `let w${k}_${j} = tileB[threadX + ${(q * 4 + k) * columnBlocks + j * threadColumns(v)}u];`))}
      ${unroll(
        v.rowsPerThread,
        (i) => `{
        let a = tileA[threadY + ${q * v.rows + i * threadRows(v)}u];
        ${unroll(4, (k) => unroll(v.columnsPerThread / 4, (j) => `sum${i}_${j} = fma(vec4f(a[${k}]), w${k}_${j}, sum${i}_${j});`))}
      }`,
      )}
    }`;
}
