/**
 * @file What the tiled kernels share: products of matrices whose factors pass through workgroup memory.
 *
 * A workgroup computes a tile of `rows` × `columns` results of A·B, a thread a tile of 8 × 8 of them in registers: the rows
 * `y + i · rows / 8` and the channel blocks `x + j · columns / 8` of the workgroup's tile, so that neighbouring threads read
 * neighbouring vec4s, each from banks of its own. The sum advances by {@link TILE_K} steps at a time: all threads load their
 * share of both factors for these steps into `tileA` and `tileB`, then all multiply.
 *
 * Addresses are induction variables, moved by additions only: the loop over the sum neither multiplies nor divides. How
 * good the compiled loops are: `npm run bench:isa`.
 */

import type { Conv2dGeometry } from '../../../shape/conv2d.ts';
import { CHANNEL_BLOCK } from '../../../shape/layout.ts';
import { ceilDivide, roundUp } from '../../../shape/shape.ts';
import { workgroupEntry } from '../../grid.ts';

/** Rows and columns of the results of a thread. */
export const THREAD_TILE = 8;
/** Steps of the sum that lie in workgroup memory at a time. */
export const TILE_K = 8;
/**
 * Products that are added one by one. After every such K block the sum is added to the result in memory and begins at zero
 * again: rounding then grows with the root of both counts and not of their product, and is below the plain kernels'.
 */
const K_BLOCK = 128;
/** Blocks of steps that lie in workgroup memory at a time. */
export const TILE_K_BLOCKS = TILE_K / 4;
/** Fewer rows or columns than this leave most of a tile empty. */
const FEWEST_RESULTS = 32;
/** Tiles that keep a large GPU busy; with fewer they are made smaller. */
const ENOUGH_TILES = 128;

/** The size of a workgroup's tile: 64 or 128 rows and columns. */
export interface WorkgroupTile {
  readonly rows: number;
  readonly columns: number;
}

/** Rows of the product for the gradient with respect to the weight: taps and input channels, padding included. */
export function weightRows({ kernelHeight, kernelWidth, inChannels }: Conv2dGeometry): number {
  return kernelHeight * kernelWidth * roundUp(inChannels, CHANNEL_BLOCK);
}

/** Whether a matrix of results is large enough to fill tiles. */
export function fillsTiles(rows: number, columns: number): boolean {
  return rows >= FEWEST_RESULTS && columns >= FEWEST_RESULTS;
}

/** The largest tile that neither leaves much of itself empty nor most of a GPU. */
export function chooseTile(rows: number, columns: number): WorkgroupTile {
  const full = fullTile(rows, columns);
  const candidates = [full, { ...full, rows: 64 }, { rows: 64, columns: 64 }];
  const enough = (tile: WorkgroupTile) => countTiles(tile, rows, columns) >= ENOUGH_TILES;
  return candidates.find(enough) ?? { rows: 64, columns: 64 };
}

/** The largest tile that does not leave much of itself empty. */
export function fullTile(rows: number, columns: number): WorkgroupTile {
  return { rows: fullExtent(rows), columns: fullExtent(columns) };
}

function fullExtent(extent: number): number {
  return (roundUp(extent, 128) - roundUp(extent, 64)) * 8 > extent ? 64 : 128;
}

/** How many tiles cover a matrix of results. */
export function countTiles(tile: WorkgroupTile, rows: number, columns: number): number {
  return ceilDivide(rows, tile.rows) * ceilDivide(columns, tile.columns);
}

/** Threads of a workgroup. */
export function tileThreads({ rows, columns }: WorkgroupTile): number {
  return (rows / THREAD_TILE) * (columns / THREAD_TILE);
}

/** How many vec4s of either factor a thread loads for {@link TILE_K} steps of the sum. */
export function threadLoads(tile: WorkgroupTile): { readonly a: number; readonly b: number } {
  const threads = tileThreads(tile);
  return { a: (tile.rows * TILE_K_BLOCKS) / threads, b: (tile.columns * TILE_K_BLOCKS) / threads };
}

/** Columns of threads of a workgroup, and blocks of columns between a thread's two. */
export function threadColumns({ columns }: WorkgroupTile): number {
  return columns / THREAD_TILE;
}

/** Rows of threads of a workgroup, and rows between two of a thread's. */
export function threadRows({ rows }: WorkgroupTile): number {
  return rows / THREAD_TILE;
}

/**
 * WGSL: workgroup memory for `TILE_K` steps of A's rows and B's columns, and the entry
 * point. `body` sees the number `tile` of the workgroup, `workgroup`, the thread's number `localIndex` and its place
 * `threadX`, `threadY` in the tile.
 */
export function tiledEntry(tile: WorkgroupTile, body: string): string {
  const width = threadColumns(tile);
  return `
var<workgroup> tileA: array<vec4f, ${tile.rows * TILE_K_BLOCKS}>;
var<workgroup> tileB: array<vec4f, ${tile.columns * TILE_K_BLOCKS}>;
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
  /** What a load of {@link TILE_K} steps adds to it. */
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
  const kBlock = (K_BLOCK / TILE_K) * stepLength;
  return `var step = 0u;
  loop {
    let end = min(step + ${kBlock}u, ${steps});
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
      if (step > ${kBlock}u) { whole += ${results}[place]; }
      ${finish ? `if (isWhole) { ${finish('whole', 'place')} } else { ${results}[place] = whole; }` : `${results}[place] = whole;`}`,
    )}
    if (isWhole) { break; }
    ${clear}
  }`;
}

/** A variable that moves from tap to tap. */
export interface InductionVariable {
  readonly name: string;
  /** WGSL: what is added to it for the next tap of a row. */
  readonly tap: string;
  /** WGSL: what is added to it, beyond the last tap of a row, for the first tap of the next row. */
  readonly row: string;
}

/**
 * WGSL: moves to the tap that the channel block `c` belongs to, where `c` has passed the `blocks` of the current one.
 * `width` is the number of taps in a row.
 */
export function advanceTaps(blocks: string, width: string, variables: readonly InductionVariable[]): string {
  return `while (c >= ${blocks}) {
      c -= ${blocks};
      kx++;
      ${variables.map(({ name, tap }) => `${name} += ${tap};`).join(' ')}
      if (kx == ${width}) {
        kx = 0u;
        ${variables.map(({ name, row }) => `${name} += ${row};`).join(' ')}
      }
    }`;
}
