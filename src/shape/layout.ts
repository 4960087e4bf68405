/**
 * @file How a tensor of a given shape lies in memory.
 *
 * Shapes, names and state dicts are those of the original, `[N, C, H, W]` and `[out, in / groups, kh, kw]`.
 * In memory images lie channels-last and filters as `[kh, kw, in, out]`, both with channels padded by zeros
 * to a multiple of 4, so that every load of every convolution is one `vec4` along channels.
 *
 * Padding is zero at all times: a kernel that writes such a tensor writes zeros there.
 */

import { oneOf, type Rule } from '../arguments.ts';
import { check } from '../errors.ts';
import { ceilDivide, formatShape, roundUp, type Shape, sizeOf } from './shape.ts';

/** The order of a tensor's axes in memory. */
export type Layout =
  /** As written, last axis fastest, no padding. */
  | 'row-major'
  /** `[N, C, H, W]` as `[N, H, W, C]`, C padded to a multiple of 4. */
  | 'channels-last'
  /** `[out, in, kh, kw]` as `[kh, kw, in, out]`, in and out padded to multiples of 4. */
  | 'filter';

/** Channels lie in blocks of four, the components of one vec4. */
export const CHANNEL_BLOCK = 4;

/** For each axis of memory, outermost first, which logical axis it is; and which of them are padded. */
const ORDERS = {
  'channels-last': { axes: [0, 2, 3, 1], padded: [false, false, false, true] },
  filter: { axes: [2, 3, 1, 0], padded: [false, false, true, true] },
} as const;

/** One axis of a tensor as it lies in memory. */
export interface MemoryAxis {
  /** The logical axis. */
  readonly axis: number;
  /** Its extent without padding. */
  readonly extent: number;
  /** Its extent with padding. */
  readonly padded: number;
  /** How many elements lie between neighbours along it. */
  readonly stride: number;
}

/** The layout a tensor of this rank has unless another is asked for. */
export function defaultLayout(shape: Shape): Layout {
  return shape.length === 4 ? 'channels-last' : 'row-major';
}

/** A layout. */
export const LAYOUT: Rule = oneOf('row-major', 'channels-last', 'filter');

/** Throws 'invalid-argument' where a tensor of this shape cannot have this layout. */
export function checkLayout(shape: Shape, layout: Layout): void {
  check(
    layout === 'row-major' || shape.length === 4,
    'invalid-argument',
    () => `layout '${layout}' needs a tensor of rank 4, the shape is ${formatShape(shape)}`,
  );
}

/** The axes as they lie in memory, outermost first. */
export function memoryAxes(shape: Shape, layout: Layout): MemoryAxis[] {
  const order = layout === 'row-major' ? undefined : ORDERS[layout];
  const axes: MemoryAxis[] = [];
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const axis = order ? order.axes[i]! : i;
    const extent = shape[axis]!;
    const padded = order?.padded[i] ? roundUp(extent, CHANNEL_BLOCK) : extent;
    axes.unshift({ axis, extent, padded, stride });
    stride *= padded;
  }
  return axes;
}

/** The number of elements in memory, padding included. Asked for every tensor of a step, so that it makes no arrays. */
export function memorySize(shape: Shape, layout: Layout): number {
  if (layout === 'row-major') return sizeOf(shape);
  const { axes, padded } = ORDERS[layout];
  let size = 1;
  for (let i = 0; i < axes.length; i++) {
    const extent = shape[axes[i]!]!;
    size *= padded[i] ? roundUp(extent, CHANNEL_BLOCK) : extent;
  }
  return size;
}

/** For each logical axis, the distance in memory between neighbours along it. */
export function memoryStrides(shape: Shape, layout: Layout): number[] {
  const strides = new Array<number>(shape.length).fill(0);
  for (const { axis, stride } of memoryAxes(shape, layout)) strides[axis] = stride;
  return strides;
}

/** Whether two layouts of one shape order and pad the same, so that the bytes may be shared. */
export function sameMemory(shape: Shape, a: Layout, b: Layout): boolean {
  if (a === b) return true;
  const significant = (layout: Layout) =>
    memoryAxes(shape, layout)
      .filter(({ padded }) => padded > 1)
      .map(({ axis, padded }) => `${axis}:${padded}`)
      .join();
  return significant(a) === significant(b);
}

/** How many channel blocks a channel count fills. */
export function channelBlocks(channels: number): number {
  return ceilDivide(channels, CHANNEL_BLOCK);
}

type Values = Float32Array | Int32Array | Uint32Array | Uint8Array;

/** Logical row-major `values` in memory order, padding zero. Returns `values` itself where the two agree. */
export function pack<T extends Values>(values: T, shape: Shape, layout: Layout): T {
  if (layout === 'row-major') return values;
  const packed = new (values.constructor as new (size: number) => T)(memorySize(shape, layout));
  forEachElement(shape, layout, (logical, memory) => {
    packed[memory] = values[logical]!;
  });
  return packed;
}

/** Memory-order `values` in logical row-major order, without padding. */
export function unpack<T extends Values>(values: T, shape: Shape, layout: Layout): T {
  if (layout === 'row-major') return values.subarray(0, sizeOf(shape)) as T;
  const unpacked = new (values.constructor as new (size: number) => T)(sizeOf(shape));
  forEachElement(shape, layout, (logical, memory) => {
    unpacked[logical] = values[memory]!;
  });
  return unpacked;
}

/** Calls `visit` with the logical and the memory index of every element of a rank-4 tensor. */
function forEachElement(
  shape: Shape,
  layout: Layout,
  visit: (logical: number, memory: number) => void,
): void {
  const [d0, d1, d2, d3] = shape as [number, number, number, number];
  const [s0, s1, s2, s3] = memoryStrides(shape, layout) as [number, number, number, number];
  let logical = 0;
  for (let i0 = 0; i0 < d0; i0++)
    for (let i1 = 0; i1 < d1; i1++)
      for (let i2 = 0; i2 < d2; i2++) {
        const row = i0 * s0 + i1 * s1 + i2 * s2;
        for (let i3 = 0; i3 < d3; i3++) visit(logical++, row + i3 * s3);
      }
}
