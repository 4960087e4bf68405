/**
 * @file Kernels that look several times at the same elements: a row is all that lie along one axis, at one distance from each
 * other. One thread takes a short row, a workgroup a long one, which stays in the caches from one look to the next.
 */

import { memoryAxes } from '../shape/layout.ts';
import { EXTREMES, IS_FINITE, SPECIAL } from './float-bits.ts';
import { threadEntry, threadGrid, WORKGROUP, workgroupEntry, workgroupGrid } from './grid.ts';
import { IS_ELEMENT, type Operand, PADDING_UNIFORMS, paddingUniforms } from './padding.ts';
import { type Piece, piece } from './wgsl.ts';

/** Elements of a row that one thread takes. */
const LONGEST_FOR_A_THREAD = 64;
/** Values of threads that one thread puts together, twice. */
const FOLD = 8;

/** The uniforms of rows: how many there are; the elements of each, without padding and with it; how far they lie apart. */
export const ROW_UNIFORMS = {
  count: 'u32',
  length: 'u32',
  paddedLength: 'u32',
  stride: 'u32',
  ...PADDING_UNIFORMS,
} as const;

/** What multiplies the code of a kernel of rows. */
export interface RowVariant {
  /** Whether a workgroup takes a row, and not a thread. */
  readonly shared: boolean;
  /** Whether there is padding along other axes than the rows'. */
  readonly padded: boolean;
}

/** What a plan of a kernel of rows takes. */
export interface Rows {
  readonly variant: RowVariant;
  readonly uniforms: Readonly<Record<keyof typeof ROW_UNIFORMS, number>>;
  readonly workgroups: readonly [number, number, number];
}

/** The rows along `axis`. */
export function rowsAlong(operand: Operand, axis: number): Rows {
  const axes = memoryAxes(operand.shape, operand.layout);
  const { extent: length, padded: paddedLength, stride } = axes.find((along) => along.axis === axis)!;
  const count = axes.reduce((size, { padded }) => size * padded, 1) / paddedLength;
  const shared = length > LONGEST_FOR_A_THREAD;
  const padded = axes.some((other) => other.axis !== axis && other.extent !== other.padded);
  return {
    variant: { shared, padded },
    uniforms: { count, length, paddedLength, stride, ...paddingUniforms(operand) },
    workgroups: shared ? workgroupGrid(count, WORKGROUP) : threadGrid(count),
  };
}

/**
 * The entry point of a kernel that takes a row with each thread or workgroup: `body` sees its number `row`. It loops with
 * {@link eachOfRow} and has what its thread found put together by `rowMax` and `rowSum`, which are of {@link rowPieces}.
 */
export function rowEntry({ shared }: RowVariant, body: string): string {
  const entry = `
  if (row >= u.count) { return; }
  let base = row / u.stride * (u.stride * u.paddedLength) + row % u.stride;
${body}`;
  return shared
    ? workgroupEntry(WORKGROUP, `  let row = workgroupIndex;${entry}`)
    : threadEntry(`  let row = thread;${entry}`);
}

/** A loop over those elements of the row, up to `end`, that a thread takes: `body` sees the number `i` and the place `at`. */
export function eachOfRow({ shared }: RowVariant, body: string, end = 'u.length'): string {
  const [begin, step] = shared ? ['localIndex', WORKGROUP] : ['0u', 1];
  return `
  for (var i = ${begin}; i < ${end}; i += ${step}u) {
    let at = base + i * u.stride;
    ${body}
  }`;
}

/** WGSL: a thread that has a row for itself. */
const ALONE = /* @__PURE__ */ piece(`
fn rowMax(localIndex: u32, value: f32) -> f32 { return value; }
fn rowSum(localIndex: u32, value: f32) -> f32 { return value; }`);

/** WGSL: puts together what all threads of a workgroup give; each of them gets the same. */
const together = (name: string, merge: (a: string, b: string) => string) => `
fn ${name}(localIndex: u32, value: f32) -> f32 {
  workgroupBarrier();
  values[localIndex] = value;
  workgroupBarrier();
  if (localIndex < ${FOLD}u) {
    for (var other = localIndex + ${FOLD}u; other < ${WORKGROUP}u; other += ${FOLD}u) {
      values[localIndex] = ${merge('values[localIndex]', 'values[other]')};
    }
  }
  workgroupBarrier();
  var all = values[0];
  for (var other = 1u; other < ${FOLD}u; other++) { all = ${merge('all', 'values[other]')}; }
  return all;
}`;

/** WGSL: the threads of a workgroup that share a row. */
const TOGETHER = /* @__PURE__ */ piece(
  `
var<workgroup> values: array<f32, ${WORKGROUP}>;
${together('rowMax', (a, b) => `greater(${a}, ${b})`)}
${together('rowSum', (a, b) => `${a} + ${b}`)}`,
  [EXTREMES],
);

/** WGSL: whether element i of a row, which lies at `at`, is one and not padding. */
const EXISTS = /* @__PURE__ */ piece('fn exists(i: u32, at: u32) -> bool { return i < u.length; }');
const EXISTS_BESIDE_PADDING = /* @__PURE__ */ piece(
  'fn exists(i: u32, at: u32) -> bool { return i < u.length && isElement(at / 4u)[at % 4u]; }',
  [IS_ELEMENT],
);

/** What a kernel of rows uses: `rowMax`, `rowSum`, `exists`, `greater`, `infinity`, `notANumber` and `isFinite`. */
export function rowPieces({ shared, padded }: RowVariant): readonly Piece[] {
  return [
    ...[EXTREMES, SPECIAL, IS_FINITE],
    shared ? TOGETHER : ALONE,
    padded ? EXISTS_BESIDE_PADDING : EXISTS,
  ];
}
