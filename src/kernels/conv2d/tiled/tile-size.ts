/**
 * @file The sizes of tiles, and which one a matrix of results is computed by.
 */

import type { Conv2dGeometry } from '../../../shape/conv2d.ts';
import { CHANNEL_BLOCK } from '../../../shape/layout.ts';
import { ceilDivide, roundUp } from '../../../shape/shape.ts';
import type { KernelTarget } from '../../plan.ts';

/** The size of a workgroup's tile of results, and of a thread's within it. */
export interface WorkgroupTile {
  readonly rows: number;
  readonly columns: number;
  /** A multiple of 4. */
  readonly rowsPerThread: number;
  /** A multiple of 4. */
  readonly columnsPerThread: number;
}

/** What the choice of a tile depends on. */
export type TileTarget = Pick<KernelTarget, 'sumsPerThread'>;

const tile = (
  rows: number,
  columns: number,
  rowsPerThread: number,
  columnsPerThread: number,
): WorkgroupTile => ({ rows, columns, rowsPerThread, columnsPerThread });

/** Tiles with 64 sums per thread, for workgroups of 64 to 256 threads; in the order of choice. */
export const LARGE_TILES: readonly WorkgroupTile[] = [
  tile(128, 128, 8, 8),
  tile(64, 128, 8, 8),
  tile(128, 64, 8, 8),
  tile(64, 64, 8, 8),
];

/** Tiles with 32 and 16 sums per thread, for workgroups of 64 and 128 threads; in the order of choice. */
export const SMALL_TILES: readonly WorkgroupTile[] = [
  tile(64, 64, 8, 4),
  tile(64, 32, 8, 4),
  tile(64, 32, 4, 4),
  tile(32, 32, 4, 4),
];

/** Tiles that keep a GPU busy; with fewer they are made smaller. */
const ENOUGH_TILES = 128;

const TILES: Readonly<Record<TileTarget['sumsPerThread'], readonly WorkgroupTile[]>> = {
  64: LARGE_TILES,
  32: SMALL_TILES,
  16: SMALL_TILES.filter(({ rowsPerThread, columnsPerThread }) => rowsPerThread * columnsPerThread <= 16),
};

/** The name of a tile: `64×32/8×4`, the workgroup's and the thread's. */
export function tileName({ rows, columns, rowsPerThread, columnsPerThread }: WorkgroupTile): string {
  return `${rows}×${columns}/${rowsPerThread}×${columnsPerThread}`;
}

/** Rows of the product for the gradient with respect to the weight: taps and input channels, padding included. */
export function weightRows({ kernelHeight, kernelWidth, inChannels }: Conv2dGeometry): number {
  return kernelHeight * kernelWidth * roundUp(inChannels, CHANNEL_BLOCK);
}

/** Whether a matrix of results fills at least half of the smallest tile either way. */
export function fillsTiles(rows: number, columns: number, target: TileTarget): boolean {
  const least = TILES[target.sumsPerThread].at(-1)!;
  return rows * 2 >= least.rows && columns * 2 >= least.columns;
}

/** The largest tile that neither leaves much of itself empty nor most of a GPU. */
export function chooseTile(rows: number, columns: number, target: TileTarget): WorkgroupTile {
  const fitting = fittingTiles(rows, columns, target);
  return fitting.find((candidate) => countTiles(candidate, rows, columns) >= ENOUGH_TILES) ?? fitting.at(-1)!;
}

/** The largest tile that does not leave much of itself empty. */
export function fullTile(rows: number, columns: number, target: TileTarget): WorkgroupTile {
  return fittingTiles(rows, columns, target)[0]!;
}

/** The tiles that compute at most an eighth more rows and columns for nothing than the smallest one does. */
function fittingTiles(rows: number, columns: number, target: TileTarget): WorkgroupTile[] {
  const tiles = TILES[target.sumsPerThread];
  const least = tiles.at(-1)!;
  const fits = (extent: number, size: number, leastSize: number) =>
    (roundUp(extent, size) - roundUp(extent, leastSize)) * 8 <= extent;
  return tiles.filter(
    (candidate) => fits(rows, candidate.rows, least.rows) && fits(columns, candidate.columns, least.columns),
  );
}

/** How many tiles cover a matrix of results. */
export function countTiles(
  { rows: tileRows, columns: tileColumns }: Pick<WorkgroupTile, 'rows' | 'columns'>,
  rows: number,
  columns: number,
): number {
  return ceilDivide(rows, tileRows) * ceilDivide(columns, tileColumns);
}

/** Threads of a workgroup. */
export function tileThreads(tile: WorkgroupTile): number {
  return threadRows(tile) * threadColumns(tile);
}

/** Columns of threads of a workgroup, and blocks of columns between two of a thread's. */
export function threadColumns({ columns, columnsPerThread }: WorkgroupTile): number {
  return columns / columnsPerThread;
}

/** Rows of threads of a workgroup, and rows between two of a thread's. */
export function threadRows({ rows, rowsPerThread }: WorkgroupTile): number {
  return rows / rowsPerThread;
}
