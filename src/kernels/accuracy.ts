/**
 * @file Top-1 accuracy: how many rows of scores have their greatest score at the label.
 *
 * Scores are compared as integers in the order of the floats they stand for, so that neither NaN nor −0 depends
 * on a compiler's liberties. A few threads share a row where it has many classes; each thread counts the hits of
 * many rows; a sum adds the counts.
 */

import { ceilDivide, checkIndexable } from '../shape/shape.ts';
import { type BuffersOf, reads, writes } from './buffers.ts';
import { workgroupEntry, workgroupGrid } from './grid.ts';
import { defineKernel } from './kernel.ts';
import { sumSequence } from './reduce.ts';
import { type KernelSequence, renamed, sequenceOf } from './sequence.ts';

const THREADS = 64;
/** Threads a row of more than as many classes. */
const SHARED_THREADS = 16;
const MOST_WORKGROUPS = 64;

const kernel = defineKernel({
  name: 'accuracy',
  buffers: { scores: reads('i32'), labels: reads('i32'), hits: writes('f32') },
  uniforms: { rows: 'u32', classes: 'u32' },
  body: ({ threadsPerRow }: { threadsPerRow: number }) => `
/** What NaN is ordered as: above all numbers. */
const NAN_KEY = 0x7fffffff;

struct Best { key: i32, class_: u32 }

var<workgroup> candidates: array<Best, ${THREADS}>;

/** An integer in the order of the float with these bits, 0 for both zeros. */
fn orderedKey(bits: i32) -> i32 {
  let magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) { return NAN_KEY; }
  return select(magnitude, -magnitude, bits < 0);
}

fn better(a: Best, b: Best) -> Best {
  if (b.key > a.key || (b.key == a.key && b.class_ < a.class_)) { return b; }
  return a;
}

${workgroupEntry(
  THREADS,
  `
  let slot = workgroupIndex * ${THREADS / threadsPerRow}u + localIndex / ${threadsPerRow}u;
  let slots = workgroups.x * ${THREADS / threadsPerRow}u;
  var count = 0.0;
  for (var base = 0u; base < u.rows; base += slots) {
    let row = base + slot;
    var best = Best(-0x80000000, 0u);
    if (row < u.rows) {
      for (var c = localIndex % ${threadsPerRow}u; c < u.classes; c += ${threadsPerRow}u) {
        best = better(best, Best(orderedKey(scores[row * u.classes + c]), c));
      }
    }
${threadsPerRow > 1 ? shareBest(threadsPerRow) : ''}
    if (row < u.rows && best.key != NAN_KEY && i32(best.class_) == labels[row]) { count += 1.0; }
  }
  if (localIndex % ${threadsPerRow}u == 0u) { hits[slot] = count; }`,
)}`,
});

/** WGSL: the best of what the threads of a row found, known to the first of them. */
function shareBest(threadsPerRow: number): string {
  return `
    candidates[localIndex] = best;
    workgroupBarrier();
    if (localIndex % ${threadsPerRow}u == 0u) {
      for (var other = 1u; other < ${threadsPerRow}u; other++) { best = better(best, candidates[localIndex + other]); }
    }
    workgroupBarrier();`;
}

/**
 * `factor` times the number of rows of `scores` `[N, K]` f32 (row-major) whose greatest score stands at the
 * label, `labels` being `[N]` i32: with a factor of 1 / N the accuracy. Of equal scores the first counts; a row
 * with a NaN is no hit, nor is one whose label is no class. The count is exact up to 2²⁴.
 */
export function accuracySequence(
  rows: number,
  classes: number,
  factor = 1,
): KernelSequence<BuffersOf<'scores' | 'labels' | 'share'>> {
  checkIndexable(rows * classes, 'accuracy');
  const threadsPerRow = classes > SHARED_THREADS ? SHARED_THREADS : 1;
  const rowsPerWorkgroup = THREADS / threadsPerRow;
  const workgroups = Math.min(ceilDivide(rows, rowsPerWorkgroup), MOST_WORKGROUPS);
  const partials = workgroups * rowsPerWorkgroup;
  const sum = sumSequence(
    { shape: [partials], layout: 'row-major' },
    { shape: [1], layout: 'row-major' },
    factor,
  );
  const hits = { plan: kernel({ threadsPerRow }, { rows, classes }, workgroupGrid(workgroups, THREADS)) };
  return sequenceOf({ hits: partials, ...sum.scratch }, [hits, ...renamed(sum, { x: 'hits', y: 'share' })]);
}
