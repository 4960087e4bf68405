/**
 * @file The fully connected layer on row-major matrices, with x `[N, in]`, W `[in, out]` and b `[out]`:
 *
 *     y = x·W + b,   dx = dy·Wᵀ,   dW = xᵀ·dy,   db = Σ_n dy[n]
 *
 * The three products are one kernel, which takes its matrices with strides. It is made for few rows (a batch): a
 * thread adds up a tile of results over a part of the inner axis, and the threads of a workgroup that share a tile,
 * its splits of the inner axis, add up their parts in workgroup memory. No extent need be a multiple of anything: an index beyond the
 * last row or column is clamped, and its result not written.
 */

import { ceilDivide, checkIndexable } from '../shape/shape.ts';
import { unroll, workgroupEntry, workgroupGrid } from './grid.ts';
import { type BuffersOf, defineKernel, type KernelPlan, reads, writes } from './kernel.ts';
import { sumSequence } from './reduce.ts';
import type { KernelSequence } from './sequence.ts';

/** The extents of a fully connected layer. */
export interface LinearSize {
  /** N, the rows of x. */
  readonly rows: number;
  readonly inFeatures: number;
  readonly outFeatures: number;
}

/** How a workgroup divides its work. `across` and `splits` are powers of two. */
type Tile = {
  /** Results of a thread: so many rows by so many columns. */
  readonly tileRows: number;
  readonly tileColumns: number;
  /** Threads side by side, each with columns of its own. */
  readonly across: number;
  /** Threads that share results and divide the inner axis. */
  readonly splits: number;
};

/** Rows and columns of a thread's results, at most. */
const MOST_TILE = 4;
/** Threads of a workgroup, at most: the parts of 256 × 4 × 4 results fill the 16 KiB of workgroup memory. */
const MOST_THREADS = 256;
/** And at least, even if some have no step to do. */
const FEWEST_THREADS = 32;
/** Threads along one axis of a workgroup, at most. */
const MOST_ALONG_AXIS = 64;
/** With so many splits, so many threads across read whole cache lines and leave room for the splits. */
const BALANCED = 16;
/** Steps along the inner axis that are worth a split. */
const STEPS_PER_SPLIT = 32;

function chooseTile(rows: number, columns: number, inner: number): Tile {
  const tileColumns = Math.min(MOST_TILE, columns);
  const wantedSplits = Math.min(
    MOST_ALONG_AXIS,
    2 ** Math.floor(Math.log2(Math.max(1, inner / STEPS_PER_SPLIT))),
  );
  const wantedAcross = 2 ** Math.ceil(Math.log2(columns / tileColumns));
  const across = Math.min(wantedAcross, wantedSplits >= BALANCED ? BALANCED : MOST_ALONG_AXIS);
  const splits = Math.min(Math.max(wantedSplits, FEWEST_THREADS / across), MOST_THREADS / across);
  return { tileRows: Math.min(MOST_TILE, rows), tileColumns, across, splits };
}

/** The product `c = a·b` of matrices `[rows, inner]` and `[inner, columns]`, and how far neighbours lie apart. */
const productUniforms = {
  rows: 'u32',
  columns: 'u32',
  inner: 'u32',
  columnBlocks: 'u32',
  aRow: 'u32',
  aInner: 'u32',
  bInner: 'u32',
  bColumn: 'u32',
  cRow: 'u32',
  cColumn: 'u32',
} as const;

type Product = Record<Exclude<keyof typeof productUniforms, 'columnBlocks'>, number>;

type ProductVariant = Tile & {
  /** Whether neighbouring threads are splits; else they are across. */
  readonly splitsFirst: boolean;
  readonly bias: boolean;
};

const product = defineKernel({
  name: 'linear.product',
  buffers: ({ bias }: ProductVariant) => ({
    a: reads('f32'),
    b: reads('f32'),
    ...(bias && { bias: reads('f32') }),
    c: writes('f32'),
  }),
  uniforms: productUniforms,
  body: ({ tileRows, tileColumns, across, splits, splitsFirst, bias }) => {
    const results = tileRows * tileColumns;
    /** A line for each result of a thread, in row `i` and column `j` of its tile. */
    const eachResult = (line: (result: number, i: number, j: number) => string) =>
      unroll(results, (result) => line(result, Math.floor(result / tileColumns), result % tileColumns));
    return `
var<workgroup> parts: array<f32, ${results * across * splits}>;

${workgroupEntry(
  across * splits,
  `
  let firstRow = workgroupIndex / u.columnBlocks * ${tileRows}u;
  let firstColumn = workgroupIndex % u.columnBlocks * ${across * tileColumns}u;
  let split = localIndex ${splitsFirst ? `% ${splits}u` : `/ ${across}u`};
  let place = localIndex ${splitsFirst ? `/ ${splits}u` : `% ${across}u`};
${unroll(tileRows, (i) => `  let rowOffset${i} = min(firstRow + ${i}u, u.rows - 1u) * u.aRow;`)}
${unroll(tileColumns, (j) => `  let columnOffset${j} = min(firstColumn + ${j * across}u + place, u.columns - 1u) * u.bColumn;`)}
${eachResult((result) => `  var sum${result} = 0f;`)}
  for (var k = split; k < u.inner; k += ${splits}u) {
${unroll(tileRows, (i) => `    let a${i} = a[rowOffset${i} + k * u.aInner];`)}
${unroll(tileColumns, (j) => `    let b${j} = b[columnOffset${j} + k * u.bInner];`)}
${eachResult((result, i, j) => `    sum${result} = fma(a${i}, b${j}, sum${result});`)}
  }
${eachResult((result) => `  parts[(${result * across}u + place) * ${splits}u + split] = sum${result};`)}
  workgroupBarrier();
  for (var i = localIndex; i < ${results * across}u; i += ${across * splits}u) {
    let result = i / ${across}u;
    let row = firstRow + result / ${tileColumns}u;
    let column = firstColumn + result % ${tileColumns}u * ${across}u + i % ${across}u;
    if (row < u.rows && column < u.columns) {
      var sum = ${bias ? 'bias[column]' : '0f'};
      for (var j = 0u; j < ${splits}u; j++) { sum += parts[i * ${splits}u + j]; }
      c[row * u.cRow + column * u.cColumn] = sum;
    }
  }`,
)}`;
  },
});

function productPlan(p: Product, bias = false): KernelPlan<BuffersOf<'a' | 'b' | 'c', 'bias'>> {
  checkIndexable(p.rows * p.inner, 'a matrix of a fully connected layer');
  checkIndexable(p.inner * p.columns, 'a matrix of a fully connected layer');
  checkIndexable(p.rows * p.columns, 'a matrix of a fully connected layer');
  const tile = chooseTile(p.rows, p.columns, p.inner);
  const rowBlocks = ceilDivide(p.rows, tile.tileRows);
  const columnBlocks = ceilDivide(p.columns, tile.across * tile.tileColumns);
  const grid = workgroupGrid(rowBlocks * columnBlocks, tile.across * tile.splits);
  return product(
    { ...tile, splitsFirst: p.bInner === 1 && p.bColumn > 1, bias },
    { ...p, columnBlocks },
    grid,
  );
}

/** y = x·W, + b where it has one: a is x, b is W, c is y. */
export function linearPlan(
  size: LinearSize,
  options: { readonly bias: boolean },
): KernelPlan<BuffersOf<'a' | 'b' | 'c', 'bias'>> {
  const { rows, inFeatures, outFeatures } = size;
  const strides = {
    aRow: inFeatures,
    aInner: 1,
    bInner: outFeatures,
    bColumn: 1,
    cRow: outFeatures,
    cColumn: 1,
  };
  return productPlan({ rows, columns: outFeatures, inner: inFeatures, ...strides }, options.bias);
}

/** dx = dy·Wᵀ: a is dy, b is W, c is dx. */
export function linearBackwardInputPlan({
  rows,
  inFeatures,
  outFeatures,
}: LinearSize): KernelPlan<BuffersOf<'a' | 'b' | 'c', 'bias'>> {
  const strides = {
    aRow: outFeatures,
    aInner: 1,
    bInner: 1,
    bColumn: outFeatures,
    cRow: inFeatures,
    cColumn: 1,
  };
  return productPlan({ rows, columns: inFeatures, inner: outFeatures, ...strides });
}

/** dW = xᵀ·dy: a is x, b is dy, c is dW. */
export function linearBackwardWeightPlan({
  rows,
  inFeatures,
  outFeatures,
}: LinearSize): KernelPlan<BuffersOf<'a' | 'b' | 'c', 'bias'>> {
  const strides = {
    aRow: 1,
    aInner: inFeatures,
    bInner: outFeatures,
    bColumn: 1,
    cRow: outFeatures,
    cColumn: 1,
  };
  return productPlan({ rows: inFeatures, columns: outFeatures, inner: rows, ...strides });
}

/** db, the sums of dy's columns: x is dy, y is db. */
export function linearBackwardBiasSequence({
  rows,
  outFeatures,
}: LinearSize): KernelSequence<BuffersOf<'x' | 'y'>> {
  return sumSequence(
    { shape: [rows, outFeatures], layout: 'row-major' },
    { shape: [outFeatures], layout: 'row-major' },
  );
}
