/**
 * @file The sweep of the depthwise kernels (layout.ts): a thread goes down a strip of an image, row after row, and keeps
 * in registers what neighbouring rows and columns share.
 *
 * A convolution links an output pixel, a tap and an input pixel along each axis: `in = out · s + tap · d − p`. One of the
 * two pixels is the *source*, which is loaded, the other one the *target*. Of the side with more pixels, the input,
 * stride-many make a unit, of the other side one, so that unit i of the targets meets units i + `nearest` … i + `farthest` of
 * the sources and all offsets are constants. Step i loads source unit i + `farthest`, which completes target unit i and
 * adds to the `span` ones after it.
 */

import type { Conv2dGeometry } from '../../../shape/conv2d.ts';
import { ceilDivide } from '../../../shape/shape.ts';

/** What is loaded and what is computed: input and output pixels, or the other way round. */
export type Direction = 'forward' | 'backward';

/** One axis of the window, and how many pixels of either side a unit has. */
interface Axis {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
}

/** A product along one axis: the offsets of both pixels from the first pixel of their unit 0. */
interface Link {
  readonly source: number;
  readonly target: number;
  readonly tap: number;
}

/** The products of rows: a step loads row `source` of its unit and adds to row `target` counted from the completed unit. */
export interface RowLinks {
  readonly links: readonly Link[];
  /** The unit of sources that step i loads is i + farthest. */
  readonly farthest: number;
  /** Units of targets that are under way beside the one that a step completes. */
  readonly span: number;
}

/** Everything about the sweep that is constant in a kernel. */
export interface Sweep {
  /** Pixels of a unit along each axis. */
  readonly source: { readonly y: number; readonly x: number };
  readonly target: { readonly y: number; readonly x: number };
  readonly rows: RowLinks;
  /** The products of columns, offsets counted from the first columns of the strip. */
  readonly columns: readonly Link[];
  /** Units of columns per strip. */
  readonly units: number;
}

type Window = Pick<
  Conv2dGeometry,
  'kernelHeight' | 'kernelWidth' | 'strideY' | 'strideX' | 'padTop' | 'padLeft' | 'dilationY' | 'dilationX'
>;

/** The sweep of a window with strips of `units` units of columns. */
export function sweepOf(w: Window, direction: Direction, units: number): Sweep {
  const y = { kernel: w.kernelHeight, stride: w.strideY, dilation: w.dilationY, pad: w.padTop };
  const x = { kernel: w.kernelWidth, stride: w.strideX, dilation: w.dilationX, pad: w.padLeft };
  const inputs = { y: w.strideY, x: w.strideX };
  const outputs = { y: 1, x: 1 };
  const [source, target] = direction === 'forward' ? [inputs, outputs] : [outputs, inputs];
  const columns = Array.from({ length: units }, (_, unit) =>
    unitLinks(x, direction).map((link) => ({
      source: link.source + unit * source.x,
      target: link.target + unit * target.x,
      tap: link.tap,
    })),
  ).flat();
  return { source, target, rows: rowLinks(unitLinks(y, direction), source.y, target.y), columns, units };
}

/** The products that make up target unit 0. */
function unitLinks({ kernel, stride, dilation, pad }: Axis, direction: Direction): Link[] {
  const taps = Array.from({ length: kernel }, (_, tap) => tap);
  if (direction === 'forward') return taps.map((tap) => ({ source: tap * dilation - pad, target: 0, tap }));
  return Array.from({ length: stride }, (_, target) =>
    taps.map((tap) => ({ source: (target + pad - tap * dilation) / stride, target, tap })),
  )
    .flat()
    .filter(({ source }) => Number.isInteger(source));
}

/** The products of one source unit instead of those of one target unit. */
function rowLinks(unit: readonly Link[], sourceRows: number, targetRows: number): RowLinks {
  const unitOf = ({ source }: Link) => Math.floor(source / sourceRows);
  const farthest = Math.max(...unit.map(unitOf));
  const span = farthest - Math.min(...unit.map(unitOf));
  const links = unit.map((link) => ({
    source: link.source - unitOf(link) * sourceRows,
    target: link.target + (farthest - unitOf(link)) * targetRows,
    tap: link.tap,
  }));
  return { links, farthest, span };
}

/** The different values of `offsets`, in ascending order. */
export function distinct(offsets: readonly number[]): number[] {
  return [...new Set(offsets)].sort((a, b) => a - b);
}

/** How the units of a target are shared among threads; the sizes of a {@link Sweep}'s strips, as uniforms. */
export interface Strips {
  /** Strips beside each other. */
  readonly across: number;
  /** Strips one below the other, and units of rows per strip. */
  readonly down: number;
  readonly rows: number;
}

/** Fewer rows per strip are not worth the `span` rows that it loads before its first result. */
const FEWEST_ROWS = 4;

/** Strips of a target of `unitsY` × `unitsX` units, so many that `instances` of them make `threads` threads if they can. */
export function stripsOf(
  { units }: Sweep,
  unitsY: number,
  unitsX: number,
  instances: number,
  threads: number,
): Strips {
  const across = ceilDivide(unitsX, units);
  const wanted = ceilDivide(threads, across * instances);
  const rows = ceilDivide(unitsY, Math.max(1, Math.min(wanted, Math.floor(unitsY / FEWEST_ROWS))));
  return { across, down: ceilDivide(unitsY, rows), rows };
}
