/**
 * @file What the tiled kernels share: products of matrices whose factors pass through workgroup memory.
 *
 * A workgroup computes a tile of `rows` × `columns` results, a thread 8 × 8 of them in registers: the rows
 * `y + i · rows / 8` and the blocks of columns `x + j · columns / 8` of the tile, so that neighbouring threads read
 * neighbouring vec4s, each from banks of its own. The sum advances by {@link DEPTH} steps at a time: all threads
 * load their share of both factors for these steps, then all multiply.
 *
 * Loads follow addresses that only additions move: there is neither a multiplication nor a division inside of the
 * sum. How good the compiled loops are: `npm run bench:isa`.
 */

import type { Conv2dGeometry } from '../../../shape/conv2d.ts';
import { CHANNEL_BLOCK } from '../../../shape/layout.ts';
import { ceilDivide, roundUp } from '../../../shape/shape.ts';
import { workgroupEntry } from '../../grid.ts';

/** Results of a thread along either side. */
export const SIDE = 8;
/** Steps of the sum that lie in workgroup memory at a time. */
export const DEPTH = 8;
/**
 * Products that are added one by one. A longer sum is put aside after every such stretch, into the place of its result,
 * and begins at zero again: rounding then grows with the root of both counts and not of their product, and is below the
 * plain kernels'.
 */
const STRETCH = 128;
/** Blocks of steps that lie in workgroup memory at a time. */
export const DEPTH_BLOCKS = DEPTH / 4;
/** Fewer results than this along a side leave most of a tile empty. */
const FEWEST = 32;
/** Tiles that keep a large GPU busy; with fewer they are made smaller. */
const ENOUGH_TILES = 128;

/** The size of a workgroup's tile, 64 or 128 results along either side. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
}

/** Rows of the forward product: output pixels. */
export function outputPixels({ batch, outHeight, outWidth }: Conv2dGeometry): number {
  return batch * outHeight * outWidth;
}

/** Rows of the product for the gradient with respect to the input: input pixels of a phase. */
export function phasePixels({ batch, inHeight, inWidth, strideY, strideX }: Conv2dGeometry): number {
  return batch * ceilDivide(inHeight, strideY) * ceilDivide(inWidth, strideX);
}

/** Rows of the product for the gradient with respect to the weight: taps and input channels, padding included. */
export function weightRows({ kernelHeight, kernelWidth, inChannels }: Conv2dGeometry): number {
  return kernelHeight * kernelWidth * roundUp(inChannels, CHANNEL_BLOCK);
}

/** Whether a matrix of results is large enough to fill tiles. */
export function fillsTiles(rows: number, columns: number): boolean {
  return rows >= FEWEST && columns >= FEWEST;
}

/** The largest tile that neither leaves much of itself empty nor most of a GPU. */
export function chooseTile(rows: number, columns: number): Tile {
  const full = fullTile(rows, columns);
  const candidates = [full, { ...full, rows: 64 }, { rows: 64, columns: 64 }];
  const enough = (tile: Tile) => countTiles(tile, rows, columns) >= ENOUGH_TILES;
  return candidates.find(enough) ?? { rows: 64, columns: 64 };
}

/** The largest tile that does not leave much of itself empty. */
export function fullTile(rows: number, columns: number): Tile {
  return { rows: fullSide(rows), columns: fullSide(columns) };
}

function fullSide(extent: number): number {
  return (roundUp(extent, 128) - roundUp(extent, 64)) * 8 > extent ? 64 : 128;
}

/** How many tiles cover a matrix of results. */
export function countTiles(tile: Tile, rows: number, columns: number): number {
  return ceilDivide(rows, tile.rows) * ceilDivide(columns, tile.columns);
}

/** Threads of a workgroup. */
export function tileThreads({ rows, columns }: Tile): number {
  return (rows / SIDE) * (columns / SIDE);
}

/** How many vec4s of either factor a thread loads for {@link DEPTH} steps of the sum. */
export function threadLoads(tile: Tile): { readonly left: number; readonly right: number } {
  const threads = tileThreads(tile);
  return { left: (tile.rows * DEPTH_BLOCKS) / threads, right: (tile.columns * DEPTH_BLOCKS) / threads };
}

/** Columns of threads of a workgroup, and blocks of columns between a thread's two. */
export function threadColumns({ columns }: Tile): number {
  return columns / SIDE;
}

/** Rows of threads of a workgroup, and rows between two of a thread's. */
export function threadRows({ rows }: Tile): number {
  return rows / SIDE;
}

/**
 * WGSL: workgroup memory for `DEPTH` steps of the left factor's rows and the right one's columns, and the entry
 * point. `body` sees the number `tile` of the workgroup, `workgroup`, the thread's number `localIndex` and its place
 * `threadX`, `threadY` in the tile.
 */
export function tiledEntry(tile: Tile, body: string): string {
  const width = threadColumns(tile);
  return `
var<workgroup> left: array<vec4f, ${tile.rows * DEPTH_BLOCKS}>;
var<workgroup> right: array<vec4f, ${tile.columns * DEPTH_BLOCKS}>;
${workgroupEntry(
  tileThreads(tile),
  `
  let tile = workgroupIndex;
  let threadX = localIndex % ${width}u;
  let threadY = localIndex / ${width}u;
${body}`,
)}`;
}

/** The loop over a sum, in WGSL. */
export interface SumLoop {
  /** Where the variable `step` ends. */
  readonly steps: string;
  /** What a load of {@link DEPTH} steps adds to it. */
  readonly stepLength: number;
  /** Gives a thread's share of both factors. */
  readonly load: string;
  /** Puts it into workgroup memory. */
  readonly store: string;
  /** Adds the products to the sums. */
  readonly multiply: string;
  /** `use(sum, index)` for each result that there is: its sum, and where it belongs in the buffer `results`. */
  readonly forEachResult: (use: (sum: string, index: string) => string) => string;
  readonly results: string;
  /** Sets all sums to zero. */
  readonly clear: string;
  /** What becomes of a whole sum, if it is not just written. */
  readonly finish?: (sum: string, index: string) => string;
}

/**
 * WGSL: the loop over the sum, and what follows it. Loading the next share before multiplying was tried: it costs a
 * third of the waves on some GPUs, and the compiler expects nothing of it.
 */
export function sumLoop(loop: SumLoop): string {
  const { steps, stepLength, load, store, multiply, forEachResult, results, clear, finish } = loop;
  const stretch = (STRETCH / DEPTH) * stepLength;
  return `var step = 0u;
  loop {
    let end = min(step + ${stretch}u, ${steps});
    for (; step < end; step += ${stepLength}u) {
      ${load}
      ${store}
      workgroupBarrier();
      ${multiply}
      workgroupBarrier();
    }
    let isWhole = step >= ${steps};
    ${forEachResult(
      (sum, index) => `let place = ${index};
      var whole = ${sum};
      if (step > ${stretch}u) { whole += ${results}[place]; }
      ${finish ? `if (isWhole) { ${finish('whole', 'place')} } else { ${results}[place] = whole; }` : `${results}[place] = whole;`}`,
    )}
    if (isWhole) { break; }
    ${clear}
  }`;
}

/** A variable that follows the taps of a window. */
export interface Follower {
  readonly name: string;
  /** WGSL: what the way to the next tap of a row adds to it. */
  readonly tap: string;
  /** WGSL: what the way from beyond the last tap of a row to the first one of the next row adds to it. */
  readonly row: string;
}

/**
 * WGSL: goes on to the tap that the channel block `c` belongs to, where `c` has passed the `blocks` of the
 * current one. `width` is the number of taps in a row.
 */
export function followTaps(blocks: string, width: string, followers: readonly Follower[]): string {
  return `while (c >= ${blocks}) {
      c -= ${blocks};
      kx++;
      ${followers.map(({ name, tap }) => `${name} += ${tap};`).join(' ')}
      if (kx == ${width}) {
        kx = 0u;
        ${followers.map(({ name, row }) => `${name} += ${row};`).join(' ')}
      }
    }`;
}
