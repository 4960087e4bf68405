/**
 * @file Bilinear scaling of 8-bit images, bit for bit that of OpenCV 4's `cv2.resize` (INTER_LINEAR).
 *
 * After `modules/imgproc/src/resize.cpp`. Interpolation is separable: a source row is scaled along x once,
 * to 32-bit integers, and kept while result rows use it; two such rows are then mixed along y. Weights are
 * integers of 11 fractional bits. For half the size OpenCV averages blocks of 2×2 instead: the same, since weights of
 * one half lose no bit.
 */

import { checkArgument, checkProperties, whole } from '../arguments.ts';
import { check } from '../errors.ts';
import { CHANNELS, IMAGE, type Image } from './image.ts';

const WEIGHT_ONE = 2048;
const SIDE = whole(1);
/** What a typed array holds everywhere. */
const MAX_BYTES = 2 ** 31 - 1;

/** For each result position the two source positions and their weights. */
interface Taps {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly firstWeight: Int32Array;
  readonly secondWeight: Int32Array;
}

/**
 * `image` scaled to `width` × `height` pixels, channel order kept. An image of that size already is copied.
 *
 * Throws 'invalid-argument' for a malformed image, and a size that is not a whole number of at least 1;
 * 'shape-mismatch' if the image has other than 3 bytes per pixel, 'unsupported' for a result of more than 2³¹ − 1 bytes.
 */
export function resizeBilinear(image: Image, width: number, height: number): Image {
  checkProperties('the image of resizeBilinear', image, IMAGE);
  checkArgument('width of resizeBilinear', width, SIDE);
  checkArgument('height of resizeBilinear', height, SIDE);
  const { data } = image;
  check(data.length === image.width * image.height * CHANNELS, 'shape-mismatch', () => {
    return `resizeBilinear: an image of ${image.width}×${image.height} pixels has ${CHANNELS} bytes each, but its data has ${data.length}.`;
  });
  check(width * height * CHANNELS <= MAX_BYTES, 'unsupported', () => {
    return `resizeBilinear: ${width}×${height} pixels take more than ${MAX_BYTES} bytes: give a smaller size.`;
  });
  return { ...image, width, height, data: scaledPixels(image, width, height) };
}

/** The rows of an image of `height` that {@link resizeBilinear} looks at to make `scaledHeight` of them, in rising order. */
export function rowsToScale(height: number, scaledHeight: number): number[] {
  if (height === scaledHeight) return [...Array(height).keys()];
  const { first, second } = rowTaps(height, scaledHeight);
  return [...new Set([...first, ...second])].sort((a, b) => a - b);
}

function scaledPixels(image: Image, width: number, height: number): Uint8Array {
  // Not by slice(), which of a Buffer gives a view of the same memory.
  if (image.width === width && image.height === height) return new Uint8Array(image.data);
  return interpolated(image, width, height);
}

function interpolated(image: Image, width: number, height: number): Uint8Array {
  const columns = columnTaps(image.width, width);
  const rows = rowTaps(image.height, height);
  const rowLength = width * CHANNELS;
  const result = new Uint8Array(height * rowLength);
  let above: ScaledRow = { index: -1, values: new Int32Array(rowLength) };
  let below: ScaledRow = { index: -1, values: new Int32Array(rowLength) };
  for (let y = 0; y < height; y++) {
    const first = rows.first[y]!;
    const second = rows.second[y]!;
    // The lower row of one result row is often the upper one of the next.
    if (above.index !== first) [above, below] = [below, above];
    if (above.index !== first) scaleRow(image, first, columns, above);
    if (below.index !== second) scaleRow(image, second, columns, below);
    const a = above.values;
    const b = below.values;
    const aWeight = rows.firstWeight[y]!;
    const bWeight = rows.secondWeight[y]!;
    const start = y * rowLength;
    for (let i = 0; i < rowLength; i++) {
      result[start + i] = (((aWeight * (a[i]! >> 4)) >> 16) + ((bWeight * (b[i]! >> 4)) >> 16) + 2) >> 2;
    }
  }
  return result;
}

/** A source row scaled along x: `[width, 3]` values of 11 fractional bits. */
interface ScaledRow {
  index: number;
  readonly values: Int32Array;
}

function scaleRow(image: Image, index: number, columns: Taps, out: ScaledRow): void {
  const { first, second, firstWeight, secondWeight } = columns;
  const source = image.data;
  const values = out.values;
  const row = index * image.width * CHANNELS;
  for (let x = 0, to = 0; x < first.length; x++) {
    const a = row + first[x]!;
    const b = row + second[x]!;
    const aWeight = firstWeight[x]!;
    const bWeight = secondWeight[x]!;
    values[to++] = source[a]! * aWeight + source[b]! * bWeight;
    values[to++] = source[a + 1]! * aWeight + source[b + 1]! * bWeight;
    values[to++] = source[a + 2]! * aWeight + source[b + 2]! * bWeight;
  }
  out.index = index;
}

/** Along x, a position beyond an edge takes the edge's pixel alone; positions are in bytes of a row. */
function columnTaps(from: number, to: number): Taps {
  const taps = emptyTaps(to);
  for (let x = 0; x < to; x++) {
    let { whole, fraction } = sourcePosition(x, from, to);
    if (whole < 0) [whole, fraction] = [0, 0];
    if (whole >= from - 1) [whole, fraction] = [from - 1, 0];
    setTap(taps, x, whole * CHANNELS, Math.min(whole + 1, from - 1) * CHANNELS, fraction);
  }
  return taps;
}

/** Along y, OpenCV clips the row numbers only and keeps the weights. */
function rowTaps(from: number, to: number): Taps {
  const taps = emptyTaps(to);
  const clip = (row: number): number => Math.min(Math.max(row, 0), from - 1);
  for (let y = 0; y < to; y++) {
    const { whole, fraction } = sourcePosition(y, from, to);
    setTap(taps, y, clip(whole), clip(whole + 1), fraction);
  }
  return taps;
}

/** `(position + ½) · from / to − ½`, pixels' centres on pixels' centres, rounded where OpenCV rounds. */
function sourcePosition(position: number, from: number, to: number): { whole: number; fraction: number } {
  const scale = 1 / (to / from);
  const exact = Math.fround((position + 0.5) * scale - 0.5);
  const whole = Math.floor(exact);
  return { whole, fraction: Math.fround(exact - whole) };
}

function emptyTaps(length: number): Taps {
  return {
    first: new Int32Array(length),
    second: new Int32Array(length),
    firstWeight: new Int32Array(length),
    secondWeight: new Int32Array(length),
  };
}

function setTap(taps: Taps, at: number, first: number, second: number, fraction: number): void {
  taps.first[at] = first;
  taps.second[at] = second;
  taps.firstWeight[at] = roundHalfToEven(Math.fround(Math.fround(1 - fraction) * WEIGHT_ONE));
  taps.secondWeight[at] = roundHalfToEven(Math.fround(fraction * WEIGHT_ONE));
}

function roundHalfToEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest === 0.5) return down + (down % 2);
  return rest < 0.5 ? down : down + 1;
}
