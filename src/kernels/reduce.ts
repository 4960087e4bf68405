/**
 * @file Reductions, as {@link REDUCTIONS} tells of them: of all elements, over given axes, or down to a shape that was
 * broadcast. A sum is taken times a factor, so that a mean is a sum with the factor 1 / m.
 *
 * A workgroup of 64 threads makes 1 or 16 neighbouring results: 16 where the innermost axis in memory is kept,
 * so that threads that are neighbours read neighbours either way. Each thread puts together every so many elements in
 * four independent parts; then the threads of a result are put together in workgroup memory. Where few results have many
 * elements each, the elements are split among workgroups and a second pass of the same kernel takes their
 * parts. The order of additions depends on the geometry alone.
 */

import { check } from '../errors.ts';
import { memoryAxes, memorySize } from '../shape/layout.ts';
import { broadcastShapes, ceilDivide, checkIndexable, formatShape, sameShape } from '../shape/shape.ts';
import { type BuffersOf, reads, writes } from './buffers.ts';
import { unroll, workgroupEntry, workgroupGrid } from './grid.ts';
import { defineKernel } from './kernel.ts';
import type { Operand } from './padding.ts';
import type { KernelPlan } from './plan.ts';
import { isReduced, NO_PADDING, type Run, reducedRuns } from './reduced-runs.ts';
import { REDUCTIONS, type Reduction, type ReductionName, SUM } from './reductions.ts';
import { type KernelSequence, renamed, sequenceOf, singleDispatch } from './sequence.ts';
import {
  axisNames,
  axisUniforms,
  insideOf,
  mergeAxes,
  offsetOf,
  unravel,
  type WalkAxis,
  walkAxes,
} from './strided-walk.ts';

const THREADS = 64;
/** Results a workgroup where the innermost axis is kept. */
const ACROSS = 16;
/** Independent parts per thread. */
const PARTS = 4;
/** Elements a thread beyond which the elements of a result are split among workgroups. */
const MAX_ELEMENTS_PER_THREAD = 64;
/** Workgroups that keep any GPU busy: no splitting beyond. */
const ENOUGH_WORKGROUPS = 1024;

/** The buffers of a reduction: `known` where its first pass has found something that it needs. */
export type ReduceBuffers = BuffersOf<'x' | 'y', 'known'>;

interface ReduceVariant {
  readonly reduction: ReductionName;
  readonly across: number;
  /** Whether the elements of a result lie in two runs, one within the other. */
  readonly nested: boolean;
  /** Whether there is padding among the elements of a result. */
  readonly padded: boolean;
  /** Of what and to what: 'elements' to results, 'elements' to 'parts', or 'parts' to results. */
  readonly from: 'elements' | 'parts';
  readonly to: 'results' | 'parts';
}

/** The kernel of a reduction. */
function reductionKernel(reduction: Reduction) {
  return defineKernel({
    name: 'reduce',
    buffers: ({ from }: ReduceVariant) => {
      const { part, known } = reduction;
      return {
        x: reads(from === 'elements' ? 'f32' : part),
        ...(known && { known: reads('f32') }),
        y: writes(part),
      };
    },
    uniforms: {
      /** Elements of y in memory, how many workgroups share them, and how many share each of them. */
      results: 'u32',
      groups: 'u32',
      splits: 'u32',
      /** Elements a result, and how many of them a workgroup takes. */
      length: 'u32',
      chunk: 'u32',
      /** Element r of a result stands `(r / inner) · outerStride + r % inner · innerStride` from its first. */
      inner: 'u32',
      innerStride: 'u32',
      outerStride: 'u32',
      /** See `RunPadding`. */
      innerExtent: 'u32',
      innerPadded: 'u32',
      rows: 'u32',
      paddedRows: 'u32',
      factor: 'f32',
      ...(Object.fromEntries(
        [...axisNames('count'), ...axisNames('extent'), ...axisNames('x')].map((name) => [name, 'u32']),
      ) as Readonly<Record<string, 'u32'>>),
    },
    writesPadding: true,
    divisible: true,
    uses: reduction.uses ?? [],
    body: ({ across, nested, padded, from, to }) => {
      const along = THREADS / across;
      const { part, none, merge, known, ...expressions } = reduction;
      const element = from === 'elements' ? (expressions.element ?? 'x') : 'x';
      const result = to === 'results' ? (expressions.result ?? 'total') : 'total';
      const place = nested ? '(r / u.inner) * u.outerStride + inner * u.innerStride' : 'r * u.innerStride';
      return `
var<workgroup> parts: array<${part}, ${THREADS}>;
fn none() -> ${part} { return ${none}; }
fn merge(a: ${part}, b: ${part}) -> ${part} { return ${merge}; }
fn finish(total: ${part}, known: f32) -> ${part} { return ${result}; }

fn element(first: u32, r: u32, end: u32, known: f32) -> ${part} {
  if (r >= end) { return none(); }
  ${nested ? 'let inner = r % u.inner;' : 'let inner = r;'}
  ${padded ? 'if (inner % u.innerPadded >= u.innerExtent || inner / u.innerPadded % u.paddedRows >= u.rows) { return none(); }' : ''}
  let x = x[first + ${place}];
  return ${element};
}

${workgroupEntry(
  THREADS,
  `
  let result = (workgroupIndex % u.groups) * ${across}u + localIndex % ${across}u;
  let split = workgroupIndex / u.groups;
  ${unravel('result')}
  let isResult = result < u.results && ${insideOf()};
  let knownHere = ${known ? 'known[result]' : '0.0'};
  ${unroll(PARTS, (i) => `  var part${i} = none();`)}
  if (isResult) {
    let first = ${offsetOf('x')};
    let end = min(u.length, (split + 1u) * u.chunk);
    for (var r = split * u.chunk + localIndex / ${across}u; r < end; r += ${along * PARTS}u) {
${unroll(PARTS, (i) => `      part${i} = merge(part${i}, element(first, r + ${i * along}u, end, knownHere));`)}
    }
  }
  parts[localIndex] = merge(merge(part0, part1), merge(part2, part3));
${mergeParts(across)}
  if (localIndex < ${across}u && result < u.results && split < u.splits) {
    var value = ${part}();
    if (isResult) { value = finish(parts[localIndex], knownHere); }
    y[split * u.results + result] = value;
  }`,
)}`;
    },
  });
}

const sumKernel = /* @__PURE__ */ reductionKernel(SUM);

/** The kernel of each reduction. */
const kernels = /* @__PURE__ */ new Map(
  Object.entries(REDUCTIONS).map(([name, reduction]) => [
    name as ReductionName,
    reduction === SUM ? sumKernel : reductionKernel(reduction),
  ]),
);

/** WGSL: puts `parts` together down to its first `width` entries, up to eight at a time: barriers are expensive. */
function mergeParts(width: number): string {
  const steps: string[] = [];
  for (let from = THREADS; from > width; ) {
    const to = Math.max(width, from / 8);
    steps.push(`  workgroupBarrier();
  if (localIndex < ${to}u) {
    for (var other = localIndex + ${to}u; other < ${from}u; other += ${to}u) {
      parts[localIndex] = merge(parts[localIndex], parts[other]);
    }
  }`);
    from = to;
  }
  return steps.join('\n');
}

/**
 * `y`, the reduction of x over the axes along which y has extent 1 or (in front) none; `known`, where it takes that, lies as
 * y does. A result without the reduced axes is the same memory as the row-major one with them. y's padding becomes zero.
 * Throws 'shape-mismatch' unless y broadcasts to x.
 */
export function reduceSequence(
  reduction: ReductionName,
  x: Operand,
  y: Operand,
  factor = 1,
): KernelSequence<ReduceBuffers> {
  return sequenceBy(kernels.get(reduction)!, reduction, x, y, factor);
}

/** `y = factor · Σ x`, as {@link reduceSequence} has it. */
export function sumSequence(x: Operand, y: Operand, factor = 1): KernelSequence<BuffersOf<'x' | 'y'>> {
  return sequenceBy(sumKernel, 'sum', x, y, factor);
}

function sequenceBy(
  kernel: typeof sumKernel,
  reduction: ReductionName,
  x: Operand,
  y: Operand,
  factor: number,
): KernelSequence<ReduceBuffers> {
  check(
    sameShape(broadcastShapes(x.shape, y.shape), x.shape),
    'shape-mismatch',
    () => `${reduction}: ${formatShape(x.shape)} cannot be reduced to ${formatShape(y.shape)}`,
  );
  checkIndexable(memorySize(x.shape, x.layout), reduction);
  const results = memorySize(y.shape, y.layout);
  const runs = reducedRuns(x, y);
  const kept = walkAxes(y, [x]).map((axis) => ({ ...axis, strides: [axis.strides[1]!] }));
  const across = resultsAcross(x, y);
  const length = runs.reduce((product, { count }) => product * count, 1);
  const chunk = (THREADS / across) * MAX_ELEMENTS_PER_THREAD;
  const most = Math.max(1, Math.floor(ENOUGH_WORKGROUPS / ceilDivide(results, across)));
  const splits = Math.min(ceilDivide(length, chunk), most);
  const elements = { results, runs, kept, across, splits };
  if (splits === 1)
    return singleDispatch(plan(kernel, { reduction, from: 'elements', to: 'results' }, elements, factor));
  checkIndexable(splits * results, reduction);
  const parts = {
    results,
    runs: [{ count: splits, stride: results, padding: NO_PADDING }],
    kept: walkAxes(y, []),
    across: results >= ACROSS / 2 ? ACROSS : 1,
    splits: 1,
  };
  return sequenceOf({ parts: splits * results }, [
    { plan: plan(kernel, { reduction, from: 'elements', to: 'parts' }, elements, 1), rename: { y: 'parts' } },
    {
      plan: plan(kernel, { reduction, from: 'parts', to: 'results' }, parts, factor),
      rename: { x: 'parts' },
    },
  ]);
}

/** A reduction to which the maximum of x must be known: the maximum and then the reduction, as {@link reduceSequence} has it. */
export function reduceAfterMaxSequence(
  reduction: ReductionName,
  x: Operand,
  y: Operand,
): KernelSequence<BuffersOf<'x' | 'y'>> {
  const max = reduceSequence('max', x, y);
  const rest = reduceSequence(reduction, x, y);
  return sequenceOf({ max: memorySize(y.shape, y.layout), ...max.scratch, ...rest.scratch }, [
    ...renamed(max, { y: 'max' }),
    ...renamed(rest, { known: 'max' }),
  ]);
}

/** One pass over what is to be reduced: where the results, and the elements of each, lie in it. */
interface Pass {
  readonly results: number;
  readonly kept: readonly WalkAxis[];
  readonly runs: readonly Run[];
  readonly across: number;
  /** How many workgroups share the elements of a result, each of which leaves a part. */
  readonly splits: number;
}

function plan(
  kernel: typeof sumKernel,
  variant: Pick<ReduceVariant, 'reduction' | 'from' | 'to'>,
  { results, kept, runs, across, splits }: Pass,
  factor: number,
): KernelPlan<ReduceBuffers> {
  const [inner = { count: 1, stride: 0, padding: NO_PADDING }, outer = { count: 1, stride: 0 }] =
    runs.toReversed();
  const length = inner.count * outer.count;
  const groups = ceilDivide(results, across);
  const { innerExtent, innerPadded, rows, paddedRows } = inner.padding;
  // A sum may take zeros along, and needs no test.
  const padded = variant.reduction !== 'sum' && (innerExtent < innerPadded || rows < paddedRows);
  const uniforms = {
    ...{ results, groups, splits, length, chunk: ceilDivide(length, splits) },
    ...{ inner: inner.count, innerStride: inner.stride, outerStride: outer.stride },
    ...{ innerExtent, innerPadded, rows, paddedRows, factor },
    ...axisUniforms(mergeAxes(kept, 1), ['x']),
  } as Readonly<Record<string, number>>;
  return kernel(
    { ...variant, across, nested: runs.length > 1, padded },
    uniforms,
    workgroupGrid(groups * splits, THREADS),
  );
}

/** How many results that are neighbours in memory a workgroup makes. */
function resultsAcross(x: Operand, y: Operand): number {
  const innermost = memoryAxes(x.shape, x.layout).findLast(({ extent }) => extent > 1);
  const kept = innermost !== undefined && !isReduced(innermost.axis, x, y);
  return kept && innermost.extent >= ACROSS / 2 ? ACROSS : 1;
}
