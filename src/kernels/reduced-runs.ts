/**
 * @file Which elements of a tensor are reduced to one result, and where they lie in memory.
 */

import { check } from '../errors.ts';
import { type MemoryAxis, memoryAxes } from '../shape/layout.ts';
import { formatShape } from '../shape/shape.ts';
import type { Operand } from './padding.ts';

/** Elements of a result that lie at one distance from each other. */
export interface Run {
  readonly count: number;
  readonly stride: number;
  readonly padding: RunPadding;
}

/**
 * Which elements of a run are none: of `innerPadded` in a row the first `innerExtent` are elements, of `paddedRows` rows the
 * first `rows`.
 */
type RunPadding = Readonly<Record<'innerExtent' | 'innerPadded' | 'rows' | 'paddedRows', number>>;

export const NO_PADDING: RunPadding = { innerExtent: 1, innerPadded: 1, rows: 1, paddedRows: 1 };

/** The axes of x that are reduced, those that lie in memory one after the other as one; outermost first. */
export function reducedRuns(x: Operand, y: Operand): Run[] {
  const runs: MemoryAxis[][] = [];
  let adjacent = false;
  for (const axis of memoryAxes(x.shape, x.layout)) {
    if (axis.padded === 1) continue;
    // Beside a single channel there is only padding, which would count where places are told.
    const reduced = axis.extent > 1 && isReduced(axis.axis, x, y);
    if (reduced && adjacent) runs.at(-1)!.push(axis);
    else if (reduced) runs.push([axis]);
    adjacent = reduced;
  }
  check(
    runs.length <= 2,
    'unsupported',
    () => `reductions of ${formatShape(x.shape)}: it has more than 4 axes`,
  );
  return runs.map(runOf);
}

/** Axes that lie in memory one after the other, as one; only the two innermost ones of a tensor are padded. */
function runOf(axes: readonly MemoryAxis[]): Run {
  const [inner, rows] = axes.toReversed() as [MemoryAxis, MemoryAxis | undefined];
  return {
    count: axes.reduce((count, { padded }) => count * padded, 1),
    stride: inner.stride,
    padding: {
      innerExtent: inner.extent,
      innerPadded: inner.padded,
      rows: rows?.extent ?? 1,
      paddedRows: rows?.padded ?? 1,
    },
  };
}

/** Whether x is reduced along its `axis`, y's axes being aligned with x's at the last one. */
export function isReduced(axis: number, x: Operand, y: Operand): boolean {
  return (y.shape[axis - x.shape.length + y.shape.length] ?? 1) === 1;
}
