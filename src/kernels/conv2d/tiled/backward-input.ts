/**
 * @file Convolution, gradient with respect to its input, by tiles in workgroup memory: rows are input pixels of one phase
 * (phase.ts), columns input channels, the sum goes over the phase's taps and output channels. The formula is that of
 * `plain/backward-input.ts`.
 *
 * Along an axis the phase's taps are `first`, `first + step`, …; from one to the next the output pixel moves back by
 * `move`. With stride s and dilation d, step = s / gcd(s, d) and move = d / gcd(s, d).
 */

import { type Conv2dGeometry, conv2dMultiplyAdds } from '../../../shape/conv2d.ts';
import { ceilDivide, greatestCommonDivisor } from '../../../shape/shape.ts';
import { reads, writes } from '../../buffers.ts';
import { unroll } from '../../grid.ts';
import { defineKernel } from '../../kernel.ts';
import { phaseGrid, phasePixel, phaseTypes, phaseValues, threadPhase, writePhasePixel } from '../phase.ts';
import { extents, extentTypes, type WindowConstants, windowConstants } from '../window.ts';
import { advanceTaps, type InductionVariable, sumLoop, threadLoads, tileBlocks, tiledEntry } from './tile.ts';
import { countTiles, threadColumns, threadRows, tileThreads, type WorkgroupTile } from './tile-size.ts';

type Variant = WindowConstants & WorkgroupTile;

const kernel = defineKernel({
  name: 'conv2d.backwardInput.tiled',
  buffers: { dy: reads('vec4f'), weight: reads('vec4f'), dx: writes('vec4f') },
  uniforms: { ...phaseTypes, columnTiles: 'u32', ...extentTypes },
  divisible: true,
  body,
});

/** The gradient with respect to the input. Without groups. */
export function tiledBackwardInputPlan(g: Conv2dGeometry, tile: WorkgroupTile) {
  const phase = phaseValues(g);
  const columnTiles = ceilDivide(g.inChannels, tile.columns);
  const tiles = countTiles(tile, phase.pixels, g.inChannels);
  return kernel(
    { ...windowConstants(g), ...tile },
    Object.assign({ columnTiles }, phase, extents(g)),
    phaseGrid(g, tiles, tileThreads(tile)),
    conv2dMultiplyAdds(g),
  );
}

function body(v: Variant): string {
  const threads = tileThreads(v);
  const columnBlocks = v.columns / 4;
  const blocks = tileBlocks(v);
  const rowStep = threads / blocks;
  const loads = threadLoads(v);
  const alongY = phaseTaps(v.kernelHeight, v.strideY, v.dilationY, v.padTop);
  const alongX = phaseTaps(v.kernelWidth, v.strideX, v.dilationX, v.padLeft);
  return tiledEntry(
    v,
    `
  ${threadPhase(v)}
  let firstPixel = tile / u.columnTiles * ${v.rows}u;
  let firstBlock = tile % u.columnTiles * ${columnBlocks}u;
  if (firstPixel >= u.pixels) { return; }
  ${alongY.declare('Y')}
  ${alongX.declare('X')}
  let sumBlocks = tapsY * tapsX * u.outBlocks;

  let ownBlock = localIndex % ${blocks}u;
  let ownRow = localIndex / ${blocks}u;
  var c = ownBlock;
  var kx = 0u;
  ${unroll(loads.a, (i) => pixelOrigin(v, i, i * rowStep))}
  ${unroll(loads.b, (i) => {
    const place = `(ownRow + ${i * rowStep}u)`;
    return `let channel${i} = min(firstBlock * 4u + ${place} % ${columnBlocks}u * 4u + ${place} / ${columnBlocks}u, u.inBlocks * 4u - 1u);
  var from${i} = (u32(firstY * ${v.kernelWidth} + firstX) * u.inBlocks * 4u + channel${i}) * u.outBlocks + ownBlock;`;
  })}
  let lastFrom = ${v.kernelHeight * v.kernelWidth * 4}u * u.inBlocks * u.outBlocks - 1u;
  ${unroll(v.rowsPerThread, (i) => unroll(v.columnsPerThread, (j) => `var sum${i}_${j} = 0.0;`))}
  ${sumLoop(v, {
    steps: 'sumBlocks',
    stepLength: blocks,
    load: `${v.pointwise ? '' : advanceTaps('u.outBlocks', 'tapsX', inductionVariables(v, alongY, alongX))}
    ${unroll(loads.a, (i) => `let a${i} = ${loadPixel(v, i)}; at${i} += ${blocks}u;`)}
    c += ${blocks}u;
    ${unroll(loads.b, (i) => `let b${i} = weight[min(from${i}, lastFrom)]; from${i} += ${blocks}u;`)}`,
    store: `${unroll(loads.a, (i) => `tileA[ownBlock * ${v.rows}u + ownRow + ${i * rowStep}u] = a${i};`)}
    ${unroll(loads.b, (i) => `tileB[ownBlock * ${v.columns}u + ownRow + ${i * rowStep}u] = b${i};`)}`,
    multiply: unroll(blocks, (q) => multiply(v, q)),
    forEachResult: (use) => forEachResult(v, use),
    results: 'dx',
    clear: unroll(v.rowsPerThread, (i) => unroll(v.columnsPerThread, (j) => `sum${i}_${j} = 0.0;`)),
  })}`,
  );
}

/** WGSL: `use(sum, index)` of every block of results that the phase has. */
function forEachResult(v: Variant, use: (sum: string, index: string) => string): string {
  return unroll(
    v.columnsPerThread / 4,
    (j) => `if (firstBlock + threadX + ${j * threadColumns(v)}u < u.inBlocks) {
    let block = firstBlock + threadX + ${j * threadColumns(v)}u;
    ${unroll(
      v.rowsPerThread,
      (i) => `if (firstPixel + threadY + ${i * threadRows(v)}u < u.pixels) {
      ${phasePixel('', `firstPixel + threadY + ${i * threadRows(v)}u`)}
      ${writePhasePixel(v, '', (index) => use(`vec4f(${[0, 1, 2, 3].map((k) => `sum${i}_${j * 4 + k}`).join()})`, index))}
    }`,
    )}
  }`,
  );
}

/** The taps of a phase along one axis. */
interface PhaseTaps {
  /** From a tap to the next one. */
  readonly step: number;
  /** How far the output pixel moves back meanwhile. */
  readonly move: number;
  /** WGSL: `first{axis}: i32`, `taps{axis}: u32`, how many there are, and `move{axis}: i32`, where the first leads. */
  readonly declare: (axis: 'X' | 'Y') => string;
}

function phaseTaps(kernel: number, stride: number, dilation: number, pad: number): PhaseTaps {
  const divisor = greatestCommonDivisor(stride, dilation);
  const step = stride / divisor;
  const shift = (axis: string) => `(i32(phase${axis}) + ${pad} - first${axis} * ${dilation})`;
  return {
    step,
    move: dilation / divisor,
    declare: (axis) => `var first${axis} = 0;
  while (first${axis} < ${kernel} && ${shift(axis)} % ${stride} != 0) { first${axis}++; }
  let taps${axis} = u32(${kernel - 1 + step} - first${axis}) / ${step}u;
  let move${axis} = ${shift(axis)} / ${stride};`,
  };
}

/** What moves from tap to tap: the output pixels that the thread loads, and the addresses of its weights. */
function inductionVariables(v: Variant, alongY: PhaseTaps, alongX: PhaseTaps): InductionVariable[] {
  const loads = threadLoads(v);
  const pixels = Array.from({ length: loads.a }, (_, i) => [
    { name: `row${i}`, tap: '0', row: `${-alongY.move}` },
    { name: `column${i}`, tap: `${-alongX.move}`, row: `i32(tapsX) * ${alongX.move}` },
    {
      name: `at${i}`,
      tap: `0u - ${alongX.move + 1}u * u.outBlocks`,
      row: `(tapsX * ${alongX.move}u - ${alongY.move}u * u.outWidth) * u.outBlocks`,
    },
  ]);
  const weights = Array.from({ length: loads.b }, (_, i) => ({
    name: `from${i}`,
    tap: `(${alongX.step * 4}u * u.inBlocks - 1u) * u.outBlocks`,
    row: `(${alongY.step * v.kernelWidth}u - tapsX * ${alongX.step}u) * 4u * u.inBlocks * u.outBlocks`,
  }));
  return [...pixels.flat(), ...weights];
}

/** WGSL: where the phase's first tap leads from a pixel, for those that the thread loads. */
function pixelOrigin(v: Variant, i: number, row: number): string {
  if (v.pointwise)
    return `var at${i} = min(firstPixel + ownRow + ${row}u, u.pixels - 1u) * u.outBlocks + ownBlock;`;
  return `${phasePixel(i, `firstPixel + ownRow + ${row}u`)}
  var row${i} = y${i} + moveY;
  var column${i} = x${i} + moveX;
  var at${i} = ((image${i} * u.outHeight + u32(row${i})) * u.outWidth + u32(column${i})) * u.outBlocks + ownBlock;`;
}

/** WGSL: the output pixel's channel block; zeros outside of the output and beyond the sum. */
function loadPixel(v: Variant, i: number): string {
  if (v.pointwise) return `select(vec4f(), dy[at${i}], c < u.outBlocks)`;
  return `select(vec4f(), dy[at${i}], u32(row${i}) < u.outHeight && u32(column${i}) < u.outWidth && step + ownBlock < sumBlocks)`;
}

/** WGSL: multiplies block `q` of the steps: vec4s along the sum for rows and columns. What there is less of stays in registers. */
function multiply(v: Variant, q: number): string {
  const { rowsPerThread, columnsPerThread } = v;
  const row = (i: number) => `let a${i} = tileA[threadY + ${q * v.rows + i * threadRows(v)}u];`;
  const column = (j: number) => {
    const place = q * v.columns + (j % 4) * (v.columns / 4) + Math.floor(j / 4) * threadColumns(v);
    return `let b${j} = tileB[threadX + ${place}u];`;
  };
  const product = (i: number, j: number) =>
    `sum${i}_${j} = fma(a${i}.w, b${j}.w, fma(a${i}.z, b${j}.z, fma(a${i}.y, b${j}.y, fma(a${i}.x, b${j}.x, sum${i}_${j}))));`;
  return columnsPerThread < rowsPerThread
    ? `{
      ${unroll(columnsPerThread, column)}
      ${unroll(rowsPerThread, (i) => `{ ${row(i)} ${unroll(columnsPerThread, (j) => product(i, j))} }`)}
    }`
    : `{
      ${unroll(rowsPerThread, row)}
      ${unroll(columnsPerThread, (j) => `{ ${column(j)} ${unroll(rowsPerThread, (i) => product(i, j))} }`)}
    }`;
}
