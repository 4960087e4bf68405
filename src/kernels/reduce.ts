/**
 * @file Sums: of all elements, over given axes, or down to a shape that was broadcast; times a factor, so that a
 * mean is a sum with the factor 1 / m.
 *
 * A workgroup of 64 threads makes 1 or 16 neighbouring results: 16 where the innermost axis in memory is kept,
 * so that threads that are neighbours read neighbours either way. Each thread adds up every so many elements in
 * four independent sums; then the threads of a result are added in workgroup memory. Where few results have many
 * elements each, the elements are split among workgroups and a second pass of the same kernel adds their
 * partial sums. The order of additions depends on the geometry alone.
 */

import { check } from '../errors.ts';
import { memoryAxes, memorySize } from '../shape/layout.ts';
import { broadcastShapes, ceilDivide, checkIndexable, formatShape, sameShape } from '../shape/shape.ts';
import { workgroupEntry, workgroupGrid } from './grid.ts';
import { type BuffersOf, defineKernel, type KernelPlan, reads, writes } from './kernel.ts';
import type { Operand } from './padding.ts';
import { type KernelSequence, sequenceOf, singleDispatch } from './sequence.ts';
import { axisNames, axisUniforms, insideOf, mergeAxes, offsetOf, unravel, walkAxes } from './strided-walk.ts';

const THREADS = 64;
/** Results a workgroup where the innermost axis is kept. */
const ACROSS = 16;
/** Independent sums a thread. */
const SUMS = 4;
/** Elements a thread beyond which the elements of a result are split among workgroups. */
const MAX_ELEMENTS_PER_THREAD = 64;
/** Workgroups that keep any GPU busy: no splitting beyond. */
const ENOUGH_WORKGROUPS = 1024;

const kernel = defineKernel({
  name: 'sum',
  buffers: { x: reads('f32'), y: writes('f32') },
  uniforms: {
    /** Elements of y in memory, how many workgroups share them, and how many share each of them. */
    results: 'u32',
    groups: 'u32',
    splits: 'u32',
    /** Elements a result, and how many of them a workgroup adds. */
    length: 'u32',
    chunk: 'u32',
    /** Element r of a result stands `(r / inner) · outerStride + r % inner · innerStride` from its first. */
    inner: 'u32',
    innerStride: 'u32',
    outerStride: 'u32',
    factor: 'f32',
    ...(Object.fromEntries(
      [...axisNames('count'), ...axisNames('extent'), ...axisNames('x')].map((name) => [name, 'u32']),
    ) as Readonly<Record<string, 'u32'>>),
  },
  body: ({ across, nested }: { across: number; nested: boolean }) => {
    const along = THREADS / across;
    const place = nested
      ? '(r / u.inner) * u.outerStride + (r % u.inner) * u.innerStride'
      : 'r * u.innerStride';
    return `
var<workgroup> sums: array<f32, ${THREADS}>;

fn element(first: u32, r: u32, end: u32) -> f32 {
  if (r >= end) { return 0.0; }
  return x[first + ${place}];
}

${workgroupEntry(
  THREADS,
  `
  let result = (workgroupIndex % u.groups) * ${across}u + localIndex % ${across}u;
  let split = workgroupIndex / u.groups;
  ${unravel('result')}
  var sum = vec4f();
  if (result < u.results && ${insideOf()}) {
    let first = ${offsetOf('x')};
    let end = min(u.length, (split + 1u) * u.chunk);
    for (var r = split * u.chunk + localIndex / ${across}u; r < end; r += ${along * SUMS}u) {
      sum += vec4f(element(first, r, end), element(first, r + ${along}u, end),
                   element(first, r + ${2 * along}u, end), element(first, r + ${3 * along}u, end));
    }
  }
  sums[localIndex] = (sum.x + sum.y) + (sum.z + sum.w);
${addLanes(across)}
  if (localIndex < ${across}u && result < u.results && split < u.splits) {
    y[split * u.results + result] = u.factor * sums[localIndex];
  }`,
)}`;
  },
});

/** WGSL: adds `sums` down to its first `width` entries, up to eight at a time: barriers are expensive. */
function addLanes(width: number): string {
  const steps: string[] = [];
  for (let from = THREADS; from > width; ) {
    const to = Math.max(width, from / 8);
    steps.push(`  workgroupBarrier();
  if (localIndex < ${to}u) {
    for (var other = localIndex + ${to}u; other < ${from}u; other += ${to}u) { sums[localIndex] += sums[other]; }
  }`);
    from = to;
  }
  return steps.join('\n');
}

/**
 * `y = factor · Σ x` over the axes along which y has extent 1 or (in front) none. A result without
 * the reduced axes is the same memory as the row-major one with them. y's padding becomes zero.
 * Throws 'shape-mismatch' unless y broadcasts to x.
 */
export function sumSequence(x: Operand, y: Operand, factor = 1): KernelSequence<BuffersOf<'x' | 'y'>> {
  check(
    sameShape(broadcastShapes(x.shape, y.shape), x.shape),
    'shape-mismatch',
    () => `sum: ${formatShape(x.shape)} cannot be summed to ${formatShape(y.shape)}`,
  );
  const results = memorySize(y.shape, y.layout);
  const length = reducedRuns(x, y).reduce((product, { count }) => product * count, 1);
  const { groups, along } = arrange(x, y);
  const chunk = along * MAX_ELEMENTS_PER_THREAD;
  const splits = Math.min(ceilDivide(length, chunk), Math.max(1, Math.floor(ENOUGH_WORKGROUPS / groups)));
  if (splits === 1) return singleDispatch(sumPlan(x, y, factor, 1));
  const partials: Operand = { shape: [splits, results], layout: 'row-major' };
  const total: Operand = { shape: [results], layout: 'row-major' };
  return sequenceOf({ partials: splits * results }, [
    { plan: sumPlan(x, y, 1, splits), rename: { y: 'partials' } },
    { plan: sumPlan(partials, total, factor, 1), rename: { x: 'partials' } },
  ]);
}

/** One pass, that writes `splits` partial results for each element of y's memory. */
function sumPlan(x: Operand, y: Operand, factor: number, splits: number): KernelPlan<BuffersOf<'x' | 'y'>> {
  const runs = reducedRuns(x, y);
  const [inner = { count: 1, stride: 0 }, outer = { count: 1, stride: 0 }] = runs.toReversed();
  const length = inner.count * outer.count;
  const results = memorySize(y.shape, y.layout);
  const { across, groups } = arrange(x, y);
  checkIndexable(memorySize(x.shape, x.layout), 'sum');
  checkIndexable(splits * results, 'sum');
  const uniforms = {
    results,
    groups,
    splits,
    length,
    chunk: ceilDivide(length, splits),
    inner: inner.count,
    innerStride: inner.stride,
    outerStride: outer.stride,
    factor,
    ...axisUniforms(mergeAxes(keptAxes(x, y), 1), ['x']),
  } as Readonly<Record<string, number>>;
  return kernel({ across, nested: runs.length > 1 }, uniforms, workgroupGrid(groups * splits, THREADS));
}

/** How a workgroup's threads are shared among results, and how many workgroups hold them all. */
function arrange(x: Operand, y: Operand): { across: number; along: number; groups: number } {
  const innermost = memoryAxes(x.shape, x.layout).findLast(({ extent }) => extent > 1);
  const kept = innermost !== undefined && !isReduced(innermost.axis, x, y);
  const across = kept && innermost.extent >= ACROSS / 2 ? ACROSS : 1;
  return { across, along: THREADS / across, groups: ceilDivide(memorySize(y.shape, y.layout), across) };
}

/** The axes of y in the order of its memory, with their strides in x. */
function keptAxes(x: Operand, y: Operand) {
  return walkAxes(y, [x]).map(({ count, extent, strides }) => ({
    count,
    extent,
    strides: [strides[1]!],
  }));
}

/** The axes of x along which is summed, those that lie in memory one after the other as one; outermost first. */
function reducedRuns(x: Operand, y: Operand): { count: number; stride: number }[] {
  const runs: { count: number; stride: number }[] = [];
  let adjacent = false;
  for (const { axis, extent, padded, stride } of memoryAxes(x.shape, x.layout)) {
    if (extent === 1 && padded === 1) continue;
    const reduced = isReduced(axis, x, y);
    // Padding is zero: it is added too, so that what lies in memory in one piece is one run.
    if (reduced && adjacent) {
      const outer = runs.pop()!;
      runs.push({ count: outer.count * padded, stride });
    } else if (reduced) runs.push({ count: padded, stride });
    adjacent = reduced;
  }
  check(runs.length <= 2, 'unsupported', () => `sum: ${formatShape(x.shape)} has more than 4 axes`);
  return runs;
}

/** Whether x is summed along its `axis`, y's axes being aligned with x's at the last one. */
function isReduced(axis: number, x: Operand, y: Operand): boolean {
  return (y.shape[axis - x.shape.length + y.shape.length] ?? 1) === 1;
}
