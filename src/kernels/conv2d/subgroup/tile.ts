/**
 * @file What the subgroup kernels share: tiles whose left factor lives in the lanes of a subgroup.
 *
 * Where loads are expensive and multiply-adds cheap (software adapters), a value should be loaded once, by one lane, and
 * then be given to all: a subgroup computes {@link ROWS} × `4 · lanes` results, and every lane holds all rows of its own
 * four columns in registers. A workgroup is one subgroup, so that no barrier is needed. Factors are read as texels,
 * which cost these adapters a third of what elements of buffers do.
 *
 * Sixteen values per step of the sum come in quads of lanes: a shuffle gives each quad of lanes the same four
 * ({@link spreadQuads}), whereupon each lane takes them from its own quad. That is one machine instruction per value on
 * eight lanes; a broadcast over the whole subgroup is three.
 */

import { CHANNEL_BLOCK } from '../../../shape/layout.ts';
import { unroll, workgroupEntry } from '../../grid.ts';
import type { KernelTarget } from '../../plan.ts';

/** Rows of results per tile. Twice as many are no faster, and take twice as long to compile. */
export const ROWS = 16;

/** Rows per tile, in vec4s. */
export const ROW_BLOCKS = ROWS / CHANNEL_BLOCK;

/** Whether the adapter can run these kernels, and has subgroups of a size that they are made for. */
export function subgroupTileFits({ subgroupLanes, readableTextures }: KernelTarget): boolean {
  return readableTextures && [4, 8, 16, 32, 64].includes(subgroupLanes);
}

/** The loads that fill {@link ROWS} lanes' places; of a large subgroup, some lanes load places beyond. */
export function loadsOf(lanes: number): number {
  return Math.ceil(ROWS / lanes);
}

/** WGSL: the results, `sum{row}`, each starting at `start`. */
export function declareSums(start: string): string {
  return `let start = ${start};\n${unroll(ROWS, (row) => `var sum${row} = start;`)}`;
}

/** WGSL: `quad{j}`, in each quad of lanes the values of places `4 j` to `4 j + 3` out of `a{load}`. */
export function spreadQuads(lanes: number): string {
  return unroll(ROW_BLOCKS, (j) => {
    const [load, lane] = [Math.floor((j * CHANNEL_BLOCK) / lanes), (j * CHANNEL_BLOCK) % lanes];
    return lanes === CHANNEL_BLOCK
      ? `let quad${j} = a${load};`
      : `let quad${j} = subgroupShuffle(a${load}, lane % 4u + ${lane}u);`;
  });
}

/**
 * WGSL: adds the products of four steps of a sum, `a{load}` being the lane's own rows, a vec4 along the sum, and `w0` to
 * `w3` the lane's columns at each step.
 */
export function multiplyRows(lanes: number): string {
  return `${spreadQuads(lanes)}
    ${unroll(ROWS, (row) => {
      const values = [0, 1, 2, 3].map((step) => `b[${step}]`);
      return `{ let b = quadBroadcast(quad${Math.floor(row / CHANNEL_BLOCK)}, ${row % CHANNEL_BLOCK}u); ${addProducts(row, values)} }`;
    })}`;
}

/**
 * WGSL: adds `values[step] · w{step}` to row `row`. The four are added to each other first: a long sum then rounds a
 * quarter as often.
 */
export function addProducts(row: number, values: readonly string[]): string {
  const [v0, v1, v2, v3] = values;
  return `sum${row} += fma(vec4f(${v0}), w0, fma(vec4f(${v1}), w1, fma(vec4f(${v2}), w2, ${v3} * w3)));`;
}

/** WGSL: `write(row)` for every row of a tile that begins at `first`, as long as it lies below `limit`. */
export function writeRows(first: string, limit: string, write: (row: number) => string): string {
  return unroll(ROWS, (row) => `if (${first} + ${row}u < ${limit}) { ${write(row)} }`);
}

/** WGSL: the entry point of a kernel whose workgroups are subgroups; `body` sees `tile` and `lane`. */
export function subgroupEntry(lanes: number, body: string): string {
  return workgroupEntry(lanes, `  let tile = workgroupIndex;\n${body}`, { subgroups: true });
}

/** WGSL: `w0` to `w3`, four vec4s of `values` transposed: along the sum instead of along the columns. */
export function transposeColumns(values: (column: number) => string): string {
  return `${unroll(CHANNEL_BLOCK, (column) => `let c${column} = ${values(column)};`)}
      ${unroll(CHANNEL_BLOCK, (step) => `let w${step} = vec4f(c0[${step}], c1[${step}], c2[${step}], c3[${step}]);`)}`;
}
