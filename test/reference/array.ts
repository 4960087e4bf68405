/**
 * @file Float64 arrays for the reference implementations: construction, indexing, seeded random fills and
 * the measures of error by which results are judged.
 *
 * Nothing in test/reference imports from src/: the truth must not share a mistake with what it judges.
 */

/** A dense array in row-major order; images are `[N, C, H, W]`. */
export interface NdArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** A shape of rank 4: `[N, C, H, W]`, or `[out, in / groups, kh, kw]` for the weight of a convolution. */
export type Shape4 = readonly [number, number, number, number];

/** The number of elements of a shape; 1 for the empty shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** An array of zeros. */
export function zeros(shape: readonly number[]): NdArray {
  return { shape: [...shape], data: new Float64Array(sizeOf(shape)) };
}

/** An array whose elements all are `value`. */
export function full(shape: readonly number[], value: number): NdArray {
  return { shape: [...shape], data: new Float64Array(sizeOf(shape)).fill(value) };
}

/** An array that holds a copy of `values`, in row-major order. */
export function fromArray(shape: readonly number[], values: ArrayLike<number>): NdArray {
  if (values.length !== sizeOf(shape)) {
    throw new Error(`shape [${shape}] holds ${sizeOf(shape)} values, not ${values.length}`);
  }
  return { shape: [...shape], data: Float64Array.from(values) };
}

/** The same elements in another shape of equal size. */
export function reshape(array: NdArray, shape: readonly number[]): NdArray {
  return fromArray(shape, array.data);
}

/** `[N, C, H, W]` to `[N, C·H·W]`. */
export function flatten(array: NdArray): NdArray {
  const batch = array.shape[0] ?? 1;
  return reshape(array, [batch, array.data.length / batch]);
}

/** `f` of every element. */
export function map(array: NdArray, f: (value: number, index: number) => number): NdArray {
  return { shape: array.shape, data: array.data.map(f) };
}

/** Throws unless `array` has exactly the given shape. */
export function assertShape(array: NdArray, shape: readonly number[], name: string): void {
  const same = array.shape.length === shape.length && shape.every((extent, i) => extent === array.shape[i]);
  if (!same) throw new Error(`${name} has shape [${array.shape}], expected [${shape}]`);
}

/** A shape that must have rank 4, typed as such. */
export function shape4(shape: readonly number[]): Shape4 {
  if (shape.length !== 4) throw new Error(`shape [${shape}] has rank ${shape.length}, expected 4`);
  return shape as Shape4;
}

/** The coordinates of the element at row-major `index`. */
export function coordinatesOf(index: number, shape: readonly number[]): number[] {
  const coordinates = new Array<number>(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    coordinates[axis] = index % shape[axis]!;
    index = Math.floor(index / shape[axis]!);
  }
  return coordinates;
}

/** The row-major index of the element at `coordinates`. */
export function indexOf(coordinates: readonly number[], shape: readonly number[]): number {
  return shape.reduce((index, extent, axis) => index * extent + coordinates[axis]!, 0);
}

/** A seeded generator of uniform numbers in [0, 1): xorshift32 (Marsaglia, 2003). */
export function xorshift(seed: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b9) ^ 0x6a09e667) >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  // Seeds that differ in a few bits begin alike; some steps drive them apart.
  for (let i = 0; i < 8; i++) next();
  return next;
}

/** Uniform values in [low, high]. Like all fills, float32 values, so that a GPU sees the same input. */
export function randomUniform(shape: readonly number[], next: () => number, low = -1, high = 1): NdArray {
  return map(zeros(shape), () => Math.fround(low + (high - low) * next()));
}

/** Standard normal values (Box–Muller), as float32 values. */
export function randomNormal(shape: readonly number[], next: () => number): NdArray {
  return map(zeros(shape), () =>
    Math.fround(Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())),
  );
}

/**
 * Values in random order of which no two are nearer to each other than `spacing`, nor any to 0 than half of it:
 * …, −1.5, −0.5, 0.5, 1.5, … times `spacing`. For ops with kinks, such as the maximum and ReLU.
 */
export function randomDistinct(shape: readonly number[], next: () => number, spacing = 1 / 16): NdArray {
  const size = sizeOf(shape);
  const values = Array.from({ length: size }, (_, i) => (i - Math.floor(size / 2) + 0.5) * spacing);
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
  return fromArray(shape, values.map(Math.fround));
}

/** max |actual − expected|; NaN if any element of either is. */
export function maxAbsDifference(actual: NdArray, expected: NdArray): number {
  assertShape(actual, expected.shape, 'actual');
  return expected.data.reduce((max, value, i) => Math.max(max, Math.abs(actual.data[i]! - value)), 0);
}

/** ‖actual − expected‖₂ / ‖expected‖₂; 0 where both norms are. NaN if any element of either is. */
export function relativeError(actual: NdArray, expected: NdArray): number {
  assertShape(actual, expected.shape, 'actual');
  return ratio(norm(expected.data.map((value, i) => actual.data[i]! - value)), norm(expected.data));
}

/** max |actual − expected| / rms(scale): the worst element, on the scale of the whole, or of what it came from. */
export function scaledMaxError(actual: NdArray, expected: NdArray, scale = expected): number {
  const rms = norm(scale.data) / Math.sqrt(Math.max(1, scale.data.length));
  return ratio(maxAbsDifference(actual, expected), rms);
}

function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function ratio(error: number, scale: number): number {
  return error === 0 ? 0 : error / scale;
}
