/**
 * @file One-dimensional grids of threads, folded so that any number of them can be dispatched.
 */

import { checkArgument, whole } from '../arguments.ts';
import { ceilDivide, checkIndexable } from '../shape/shape.ts';

/** Threads of a workgroup of a one-dimensional kernel. */
export const WORKGROUP = 64;

/** Every WebGPU device dispatches at least so many workgroups along an axis. */
export const MAX_WORKGROUPS = 65535;

/**
 * The WGSL entry point of a kernel on {@link threadGrid}: `body` sees `thread: u32`, which may lie beyond the number of
 * threads asked for, and what {@link workgroupEntry} gives.
 */
export function threadEntry(body: string): string {
  return workgroupEntry(WORKGROUP, `  let thread = workgroupIndex * ${WORKGROUP}u + localIndex;\n${body}`);
}

/**
 * The WGSL entry point of a kernel on {@link workgroupGrid} of `size` threads each: `body` sees `workgroupIndex: u32`, which
 * may lie beyond the number of workgroups asked for, and `localIndex: u32`, the thread's number in the workgroup. A grid
 * with a third axis is seen in `workgroup: vec3u`. With `subgroups`, a feature that the kernel then needs, there is
 * `lane: u32`, the thread's number in its subgroup.
 */
export function workgroupEntry(size: number, body: string, { subgroups = false } = {}): string {
  return `
@compute @workgroup_size(${size})
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u,
        @builtin(local_invocation_index) localIndex: u32${subgroups ? ', @builtin(subgroup_invocation_id) lane: u32' : ''}) {
  let workgroupIndex = firstWorkgroup() + workgroup.y * workgroups.x + workgroup.x;
${body}
}
`;
}

const COUNT = whole(0);

/** The workgroups that hold at least `threads` threads. */
export function threadGrid(threads: number): readonly [number, number, number] {
  if (!Number.isInteger(threads)) checkArgument('the threads of a grid', threads, COUNT);
  return workgroupGrid(ceilDivide(threads, WORKGROUP), WORKGROUP);
}

/** How long the rows of a folded grid are: short, since a grid is run in parts by its rows. */
const ROW = 1024;

/** So many workgroups of `size` threads, folded over two axes where they are too many for one. */
export function workgroupGrid(workgroups: number, size = 1): readonly [number, number, number] {
  if (!Number.isInteger(workgroups)) checkArgument('the workgroups of a grid', workgroups, COUNT);
  if (!Number.isInteger(size)) checkArgument('the threads of a workgroup', size, COUNT);
  const y = workgroups <= MAX_WORKGROUPS ? 1 : Math.min(ceilDivide(workgroups, ROW), MAX_WORKGROUPS);
  const x = ceilDivide(workgroups, y);
  checkIndexable(x * y * size, 'the grid of threads');
  return [x, y, 1];
}

/** Some workgroups of a grid, and the number of the first of them. */
export interface GridPart {
  readonly first: number;
  readonly workgroups: readonly [number, number, number];
}

/** About so many parts of a grid of {@link workgroupGrid}, in order; each is a grid itself, and has the whole of the third axis. */
export function gridParts([x, y, z]: readonly [number, number, number], parts: number): GridPart[] {
  const [extent, row] = y === 1 ? [x, 1] : [y, x];
  const most = ceilDivide(extent, parts);
  return Array.from({ length: ceilDivide(extent, most) }, (_, i) => {
    const count = Math.min(most, extent - i * most);
    return { first: i * most * row, workgroups: y === 1 ? [count, 1, z] : [x, count, z] };
  });
}

/** `make(0)` … `make(count − 1)`, a line each: unrolled code. */
export function unroll(count: number, make: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => make(i)).join('\n');
}
