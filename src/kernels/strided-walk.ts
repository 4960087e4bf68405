/**
 * @file Walks: kernels that visit every element of a box in several tensors at once, each tensor with its own
 * strides. Relayout, concatenation, slices and broadcasting are walks.
 *
 * A thread takes up to four neighbours along the innermost axis of the destination, so that the index is
 * taken apart (the expensive part: integer division) once for four elements.
 */

import { check } from '../errors.ts';
import { CHANNEL_BLOCK, memoryAxes, memoryStrides } from '../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../shape/shape.ts';
import { threadEntry, threadGrid, unroll } from './grid.ts';
import type { Operand } from './padding.ts';

/** Walks have four axes unless more are asked for; axes that are not needed have one element. */
export const AXES = 4;

/** One axis of a walk. */
export interface WalkAxis {
  /** The elements that are written along it. */
  readonly count: number;
  /** So many of them, the first, are values; the others are the destination's padding and become zero. */
  readonly extent: number;
  /** For each tensor, the destination first, how many elements lie between neighbours along it. */
  readonly strides: readonly number[];
}

/** A walk with all its numbers. */
interface Walk {
  readonly uniforms: Readonly<Record<string, number>>;
  readonly workgroups: readonly [number, number, number];
}

/** The uniforms of a walk over `tensors`, the destination first: where each begins and its strides. */
export function walkUniforms(tensors: readonly string[], axes = AXES): Readonly<Record<string, 'u32'>> {
  const names = ['size', 'blocks', ...axisNames('count', axes), ...axisNames('extent', axes)];
  for (const tensor of tensors) names.push(`${tensor}Start`, ...axisNames(tensor, axes));
  return Object.fromEntries(names.map((name) => [name, 'u32']));
}

/**
 * The WGSL entry point of a walk. `value` makes the expression of each of a thread's four elements, `at(tensor)` being that
 * of an element of a source; `zero` is what padding becomes. `gather` makes a statement before them, `at(tensor)` being a
 * vector of the four.
 */
export function walkEntry(
  tensors: readonly string[],
  value: (at: (tensor: string) => string, component: number) => string,
  zero: string,
  axes = AXES,
  gather: (at: (tensor: string) => string) => string = () => '',
): string {
  const [destination] = tensors;
  const inner = axes - 1;
  const at = (tensor: string, component: number) =>
    `${tensor}[${tensor}At + ${component}u * u.${tensor}${inner}]`;
  return threadEntry(`
  if (thread >= u.size) { return; }
  let first = (thread % u.blocks) * ${CHANNEL_BLOCK}u;
  ${unravel('(thread / u.blocks)', inner)}
  let inside = ${insideOf(inner)};
  ${tensors.map((name) => `let ${name}At = u.${name}Start + first * u.${name}${inner} + ${offsetOf(name, inner)};`).join('\n  ')}
  ${gather((tensor) => `vec4f(${[0, 1, 2, 3].map((component) => at(tensor, component)).join(', ')})`)}
${unroll(
  CHANNEL_BLOCK,
  (component) => `
  if (first + ${component}u < u.count${inner}) {
    var value = ${zero};
    if (inside && first + ${component}u < u.extent${inner}) { value = ${value((tensor) => at(tensor, component), component)}; }
    ${at(destination!, component)} = value;
  }`,
)}`);
}

/**
 * The numbers of a walk along `axes`, outermost first; each tensor begins at its element of `starts`. Throws 'unsupported' where
 * more than `most` axes are left when they are joined.
 */
export function planWalk(
  what: string,
  tensors: readonly string[],
  axes: readonly WalkAxis[],
  starts: readonly number[] = [],
  most = AXES,
): Walk {
  const merged = mergeAxes(axes, tensors.length, most);
  checkIndexable(
    merged.reduce((size, { count }) => size * count, 1),
    what,
  );
  const blocks = ceilDivide(merged[most - 1]!.count, CHANNEL_BLOCK);
  const size = merged.slice(0, -1).reduce((rows, { count }) => rows * count, blocks);
  const uniforms: Record<string, number> = { size, blocks, ...axisUniforms(merged, tensors) };
  tensors.forEach((tensor, t) => {
    uniforms[`${tensor}Start`] = starts[t] ?? 0;
  });
  return { uniforms, workgroups: threadGrid(size) };
}

/**
 * The axes of a walk over the whole of `destination`, padding included, in the order of its memory. `sources`
 * broadcast to it: a missing axis, or one of extent 1, stands still.
 */
export function walkAxes(destination: Operand, sources: readonly Operand[]): WalkAxis[] {
  const sourceStrides = sources.map((source) => broadcastStrides(source, destination.shape.length));
  return memoryAxes(destination.shape, destination.layout).map(({ axis, extent, padded, stride }) => ({
    count: padded,
    extent,
    strides: [stride, ...sourceStrides.map((strides) => strides[axis]!)],
  }));
}

/** The strides of an operand aligned at the last axis with `rank` axes; 0 where it is broadcast. */
function broadcastStrides({ shape, layout }: Operand, rank: number): number[] {
  const strides = memoryStrides(shape, layout);
  const missing = rank - shape.length;
  return Array.from({ length: rank }, (_, axis) =>
    (shape[axis - missing] ?? 1) === 1 ? 0 : strides[axis - missing]!,
  );
}

/** The same walk with as few axes as can be, filled up to `most` with outer axes of one element. */
export function mergeAxes(axes: readonly WalkAxis[], tensors: number, most = AXES): WalkAxis[] {
  const joined = joinAxes(axes);
  check(
    joined.length <= most,
    'unsupported',
    () => `strided kernels take tensors of up to ${most} axes, got ${joined.length}`,
  );
  const single: WalkAxis = { count: 1, extent: 1, strides: new Array<number>(tensors).fill(0) };
  return [...new Array<WalkAxis>(most - joined.length).fill(single), ...joined];
}

/** The same walk with as few axes as can be. */
export function joinAxes(axes: readonly WalkAxis[]): WalkAxis[] {
  const joined: WalkAxis[] = [];
  for (const inner of axes) {
    if (inner.count === 1) continue;
    const outer = joined.at(-1);
    if (outer && isContinued(outer, inner)) {
      joined[joined.length - 1] = {
        count: outer.count * inner.count,
        extent: outer.extent * inner.count,
        strides: inner.strides,
      };
    } else joined.push(inner);
  }
  return joined;
}

/** Whether a step along `outer` is, in every tensor, a step beyond the end of `inner`. */
function isContinued(outer: WalkAxis, inner: WalkAxis): boolean {
  return (
    inner.count === inner.extent &&
    outer.strides.every((stride, tensor) => stride === inner.strides[tensor]! * inner.count)
  );
}

/** The uniforms of the axes: counts, extents and each tensor's strides. */
export function axisUniforms(axes: readonly WalkAxis[], tensors: readonly string[]): Record<string, number> {
  const uniforms: Record<string, number> = {};
  axes.forEach(({ count, extent, strides }, i) => {
    uniforms[`count${i}`] = count;
    uniforms[`extent${i}`] = extent;
    tensors.forEach((tensor, t) => {
      uniforms[`${tensor}${i}`] = strides[t]!;
    });
  });
  return uniforms;
}

/** `name0`, `name1`, … */
export function axisNames(name: string, axes = AXES): string[] {
  return Array.from({ length: axes }, (_, i) => `${name}${i}`);
}

/** WGSL: takes `index` apart into the coordinates `i0` … along the first `axes` axes. */
export function unravel(index: string, axes = AXES): string {
  const steps: string[] = [];
  let rest = index;
  for (let i = axes - 1; i > 0; i--) {
    steps.push(`let i${i} = ${rest} % u.count${i};`, `let rest${i} = ${rest} / u.count${i};`);
    rest = `rest${i}`;
  }
  return [...steps, `let i0 = ${rest};`].join('\n  ');
}

/** WGSL: whether the first `axes` coordinates are those of a value and not of padding. */
export function insideOf(axes = AXES): string {
  return Array.from({ length: axes }, (_, i) => `i${i} < u.extent${i}`).join(' && ');
}

/** WGSL: the offset in a tensor of the first `axes` coordinates. */
export function offsetOf(tensor: string, axes = AXES): string {
  return Array.from({ length: axes }, (_, i) => `i${i} * u.${tensor}${i}`).join(' + ');
}
