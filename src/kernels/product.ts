/**
 * @file The product of matrices, which are taken with strides.
 *
 * It is made for few rows (a batch): a thread adds up a tile of results over a part of the inner axis, and the threads of a
 * workgroup that share a tile, its splits of the inner axis, add up their parts in workgroup memory. No extent need be a multiple of anything:
 * an index beyond the last row or column is clamped, and its result not written.
 */

import { ceilDivide, checkIndexable } from '../shape/shape.ts';
import { type BuffersOf, reads, writes } from './buffers.ts';
import { unroll, workgroupEntry, workgroupGrid } from './grid.ts';
import { defineKernel } from './kernel.ts';
import type { KernelPlan } from './plan.ts';

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

export type Product = Record<Exclude<keyof typeof productUniforms, 'columnBlocks'>, number>;

/**
 * How matrices of a batch lie, by two axes: how many there are along each, and how far those of a and of b lie apart, 0 where
 * they are the same. Those of c lie one after the other.
 */
const batchUniforms = {
  outerCount: 'u32',
  innerCount: 'u32',
  aOuterBatch: 'u32',
  aInnerBatch: 'u32',
  bOuterBatch: 'u32',
  bInnerBatch: 'u32',
} as const;

/** A batch of products. */
export type ProductBatch = Record<keyof typeof batchUniforms, number>;

const SINGLE: ProductBatch = {
  ...{ outerCount: 1, innerCount: 1, aOuterBatch: 0, aInnerBatch: 0, bOuterBatch: 0, bInnerBatch: 0 },
};

type ProductVariant = Tile & {
  /** Whether neighbouring threads are splits; else they are across. */
  readonly splitsFirst: boolean;
  readonly bias: boolean;
  readonly batched: boolean;
};

/** WGSL: which matrices of a batch a workgroup multiplies, and where they begin. */
const BATCHED_BLOCK = `let block = workgroupIndex % u.blocks;
  let matrix = workgroupIndex / u.blocks;
  let exists = matrix < u.outerCount * u.innerCount;
  let outer = matrix / u.innerCount;
  let inner = matrix % u.innerCount;
  let aMatrix = outer * u.aOuterBatch + inner * u.aInnerBatch;
  let bMatrix = outer * u.bOuterBatch + inner * u.bInnerBatch;
  let cMatrix = matrix * u.rows * u.columns;`;

const product = defineKernel({
  name: 'product',
  buffers: ({ bias }: ProductVariant) => ({
    a: reads('f32'),
    b: reads('f32'),
    ...(bias && { bias: reads('f32') }),
    c: writes('f32'),
  }),
  uniforms: { ...productUniforms, ...batchUniforms, blocks: 'u32' },
  divisible: true,
  body: ({ tileRows, tileColumns, across, splits, splitsFirst, bias, batched }) => {
    const results = tileRows * tileColumns;
    /** A line for each result of a thread, in row `i` and column `j` of its tile. */
    const eachResult = (line: (result: number, i: number, j: number) => string) =>
      unroll(results, (result) => line(result, Math.floor(result / tileColumns), result % tileColumns));
    return `
var<workgroup> parts: array<f32, ${results * across * splits}>;

${workgroupEntry(
  across * splits,
  `
  ${batched ? BATCHED_BLOCK : 'let block = workgroupIndex;'}
  let firstRow = block / u.columnBlocks * ${tileRows}u;
  let firstColumn = block % u.columnBlocks * ${across * tileColumns}u;
  let split = localIndex ${splitsFirst ? `% ${splits}u` : `/ ${across}u`};
  let place = localIndex ${splitsFirst ? `/ ${splits}u` : `% ${across}u`};
${unroll(tileRows, (i) => `  let rowOffset${i} = ${batched ? 'aMatrix + ' : ''}min(firstRow + ${i}u, u.rows - 1u) * u.aRow;`)}
${unroll(tileColumns, (j) => `  let columnOffset${j} = ${batched ? 'bMatrix + ' : ''}min(firstColumn + ${j * across}u + place, u.columns - 1u) * u.bColumn;`)}
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
    if (${batched ? 'exists && ' : ''}row < u.rows && column < u.columns) {
      var sum = ${bias ? 'bias[column]' : '0f'};
      for (var j = 0u; j < ${splits}u; j++) { sum += parts[i * ${splits}u + j]; }
      c[${batched ? 'cMatrix + ' : ''}row * u.cRow + column * u.cColumn] = sum;
    }
  }`,
)}`;
  },
});

/** `c = a·b`, + bias if there is one: once, or for each product of a batch. */
export function productPlan(
  p: Product,
  { bias = false, batch }: { readonly bias?: boolean; readonly batch?: ProductBatch } = {},
): KernelPlan<BuffersOf<'a' | 'b' | 'c', 'bias'>> {
  const { outerCount, innerCount } = batch ?? SINGLE;
  const products = outerCount * innerCount;
  checkIndexable(p.rows * p.inner, 'a matrix of a product');
  checkIndexable(p.inner * p.columns, 'a matrix of a product');
  checkIndexable(products * p.rows * p.columns, 'the result of a product');
  const tile = chooseTile(p.rows, p.columns, p.inner);
  const rowBlocks = ceilDivide(p.rows, tile.tileRows);
  const columnBlocks = ceilDivide(p.columns, tile.across * tile.tileColumns);
  const blocks = rowBlocks * columnBlocks;
  return product(
    { ...tile, splitsFirst: p.bInner === 1 && p.bColumn > 1, bias, batched: batch !== undefined },
    { ...p, columnBlocks, blocks, ...(batch ?? SINGLE) },
    workgroupGrid(products * blocks, tile.across * tile.splits),
    products * p.rows * p.columns * p.inner,
  );
}
