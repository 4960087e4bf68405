/**
 * @file What the tiled kernels share: products of matrices whose factors pass through workgroup memory.
 *
 * A workgroup computes a tile of `rows` × `columns` results of A·B, a thread a tile of `rowsPerThread` × `columnsPerThread`
 * of them in registers (`tile-size.ts`): the rows `y + i · threadRows` and the channel blocks `x + j · threadColumns` of the
 * workgroup's tile, so that neighbouring threads read neighbouring vec4s, each from banks of its own. The sum advances by
 * {@link tileK} steps at a time: all threads load their share of both factors for these steps into `tileA` and `tileB`, then
 * all multiply.
 *
 * Addresses are induction variables, moved by additions only: the loop over the sum neither multiplies nor divides. How
 * good the compiled loops are: `npm run bench:isa`.
 */

import { workgroupEntry } from '../../grid.ts';
import { threadColumns, tileThreads, type WorkgroupTile } from './tile-size.ts';

/**
 * Products that are added one by one. After every such K block the sum is added to the result in memory and begins at zero
 * again: rounding then grows with the root of both counts and not of their product, and is below the plain kernels'.
 */
const K_BLOCK = 128;

/** Steps of the sum that lie in workgroup memory at a time, in blocks of four: every thread loads a vec4 of both factors. */
export function tileBlocks(tile: WorkgroupTile): number {
  return Math.max(2, tileThreads(tile) / Math.min(tile.rows, tile.columns));
}

/** Steps of the sum that lie in workgroup memory at a time. */
export function tileK(tile: WorkgroupTile): number {
  return tileBlocks(tile) * 4;
}

/** How many vec4s of either factor a thread loads for {@link tileK} steps of the sum. */
export function threadLoads(tile: WorkgroupTile): { readonly a: number; readonly b: number } {
  const threads = tileThreads(tile);
  const blocks = tileBlocks(tile);
  return { a: (tile.rows * blocks) / threads, b: (tile.columns * blocks) / threads };
}

/**
 * WGSL: workgroup memory for {@link tileK} steps of A's rows and B's columns, and the entry
 * point. `body` sees the number `tile` of the workgroup, `workgroup`, the thread's number `localIndex` and its place
 * `threadX`, `threadY` in the tile.
 */
export function tiledEntry(tile: WorkgroupTile, body: string): string {
  const width = threadColumns(tile);
  return `
var<workgroup> tileA: array<vec4f, ${tile.rows * tileBlocks(tile)}>;
var<workgroup> tileB: array<vec4f, ${tile.columns * tileBlocks(tile)}>;
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
  /** What a load of {@link tileK} steps adds to it. */
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
export function sumLoop(tile: WorkgroupTile, loop: SumLoop): string {
  const { steps, stepLength, load, store, multiply, forEachResult, results, clear, finish } = loop;
  const kBlock = (K_BLOCK / tileK(tile)) * stepLength;
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
