/**
 * @file What the subgroup kernels share: tiles whose left factor lives in the lanes of a subgroup.
 *
 * Where loads are dear and multiply-adds cheap (software adapters), a value should be loaded once, by one lane, and
 * then be broadcast to all: a subgroup computes {@link ROWS} × `4 · lanes` results, and every lane holds all rows of its
 * own four columns in registers. A workgroup is one subgroup, so that no barrier is needed.
 */

import { LANES } from '../../shape/layout.ts';
import { unroll } from '../grid.ts';

/** Rows of results a tile: with more, too little of them stays in registers. */
export const ROWS = 32;

/** Rows of a tile where there are so few pixels in all; fewer rows have to load the columns as often. */
export function rowsFor(pixels: number): number {
  return pixels > ROWS / 2 ? ROWS : ROWS / 2;
}

/** Whether tiles can be made for subgroups of this size; 0 stands for none. */
export function subgroupTileFits(lanes: number): boolean {
  return [4, 8, 16, 32, 64].includes(lanes);
}

/** WGSL: the results, `sum{row}`, each starting at `start`. */
export function declareSums(rows: number, start: string): string {
  return `let start = ${start};\n${unroll(rows, (row) => `var sum${row} = start;`)}`;
}

/**
 * WGSL: adds the products of four steps of a sum: `a{load}` are the lane's own rows, a vec4 along the sum, and
 * `w0` to `w3` the lane's columns at each step. The four are added to each other first: a long sum then rounds a
 * quarter as often.
 */
export function multiplyRows(rows: number, lanes: number): string {
  return unroll(rows, (row) => {
    const source = `a${Math.floor(row / lanes)}`;
    return `{
      let b = subgroupBroadcast(${source}, ${row % lanes}u);
      sum${row} += fma(vec4f(b.x), w0, fma(vec4f(b.y), w1, fma(vec4f(b.z), w2, b.w * w3)));
    }`;
  });
}

/** WGSL: `write(row)` for every row of a tile that begins at `first`, as long as it lies below `limit`. */
export function writeRows(
  rows: number,
  first: string,
  limit: string,
  write: (row: number) => string,
): string {
  return unroll(rows, (row) => `if (${first} + ${row}u < ${limit}) { ${write(row)} }`);
}

/** The loads that fill a tile's rows, one row a lane each time; of a large subgroup, some lanes load rows beyond it. */
export function loadsOf(rows: number, lanes: number): number {
  return Math.ceil(rows / lanes);
}

/** WGSL: the entry point of a kernel whose workgroups are subgroups; `body` sees `tile` and `lane`. */
export function subgroupEntry(lanes: number, body: string): string {
  return `
@compute @workgroup_size(${lanes})
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u,
        @builtin(subgroup_invocation_id) lane: u32) {
  let tile = workgroup.y * workgroups.x + workgroup.x;
${body}
}
`;
}

/** WGSL: the four vec4s of `values`, transposed: along the sum instead of along the columns. */
export function transposeColumns(values: (column: number) => string): string {
  return `${unroll(LANES, (column) => `let c${column} = ${values(column)};`)}
      ${unroll(LANES, (step) => `let w${step} = vec4f(c0[${step}], c1[${step}], c2[${step}], c3[${step}]);`)}`;
}
