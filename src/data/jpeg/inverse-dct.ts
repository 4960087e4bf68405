/**
 * @file The inverse DCT, in integers of 12 fractional bits.
 *
 * C. Loeffler, A. Ligtenberg, G. S. Moschytz, "Practical Fast 1-D DCT Algorithms with 11 Multiplications",
 * ICASSP 1989, 988-991, as poppler has it and after it jpeg-js (Apache-2.0), whose every rounding is kept:
 * images decode to the same samples.
 */

import type { Coefficients } from './blocks.ts';

const COS1 = 4017; // cos(π/16)
const SIN1 = 799; // sin(π/16)
const COS3 = 3406; // cos(3π/16)
const SIN3 = 2276; // sin(3π/16)
const COS6 = 1567; // cos(6π/16)
const SIN6 = 3784; // sin(6π/16)
const SQRT2 = 5793; // √2
const SQRT1_2 = 2896; // √2 / 2

const values = new Int32Array(64);

/**
 * The samples of a block: `coefficients`, 64 row by row at `from`, times `quantization`, to 8 rows of `samples`
 * that are `stride` apart, from `to` on.
 */
export function inverseDct(
  coefficients: Coefficients,
  from: number,
  quantization: Int32Array,
  samples: Uint8Array,
  to: number,
  stride: number,
): void {
  for (let i = 0; i < 64; i++) values[i] = coefficients[from + i]! * quantization[i]!;
  for (let row = 0; row < 8; row++) transform(8 * row, 1, 8, 4);
  for (let column = 0; column < 8; column++) transform(column, 8, 12, 0);
  for (let i = 0; i < 64; i++) {
    const sample = 128 + ((values[i]! + 8) >> 4);
    samples[to + (i >> 3) * stride + (i & 7)] = Math.min(Math.max(sample, 0), 255);
  }
}

/**
 * Transforms the 8 values at `at`, `step` apart, in place: a row, or a column of what the rows gave. Products
 * lose `shift` bits, and values that are not multiplied gain `lift`.
 */
function transform(at: number, step: number, shift: number, lift: number): void {
  const p0 = values[at]!;
  const p1 = values[at + step]!;
  const p2 = values[at + 2 * step]!;
  const p3 = values[at + 3 * step]!;
  const p4 = values[at + 4 * step]!;
  const p5 = values[at + 5 * step]!;
  const p6 = values[at + 6 * step]!;
  const p7 = values[at + 7 * step]!;
  const half = 1 << (shift - 1);
  if ((p1 | p2 | p3 | p4 | p5 | p6 | p7) === 0) {
    const constant = (SQRT2 * p0 + 4 * half) >> (shift + 2);
    for (let i = 0; i < 8; i++) values[at + i * step] = constant;
    return;
  }
  const a0 = (SQRT2 * p0 + half) >> shift;
  const a1 = (SQRT2 * p4 + half) >> shift;
  const a4 = (SQRT1_2 * (p1 - p7) + half) >> shift;
  const a7 = (SQRT1_2 * (p1 + p7) + half) >> shift;
  const a5 = p3 << lift;
  const a6 = p5 << lift;

  const b0 = (a0 + a1 + 1) >> 1;
  const b1 = (a0 - a1 + 1) >> 1;
  const b2 = (p2 * COS6 - p6 * SIN6 + half) >> shift;
  const b3 = (p2 * SIN6 + p6 * COS6 + half) >> shift;
  const b4 = (a4 + a6 + 1) >> 1;
  const b6 = (a4 - a6 + 1) >> 1;
  const b5 = (a7 - a5 + 1) >> 1;
  const b7 = (a7 + a5 + 1) >> 1;

  const c0 = (b0 + b3 + 1) >> 1;
  const c3 = (b0 - b3 + 1) >> 1;
  const c1 = (b1 + b2 + 1) >> 1;
  const c2 = (b1 - b2 + 1) >> 1;
  const c4 = (b4 * COS3 - b7 * SIN3 + 2048) >> 12;
  const c7 = (b4 * SIN3 + b7 * COS3 + 2048) >> 12;
  const c5 = (b5 * COS1 - b6 * SIN1 + 2048) >> 12;
  const c6 = (b5 * SIN1 + b6 * COS1 + 2048) >> 12;

  values[at] = c0 + c7;
  values[at + step] = c1 + c6;
  values[at + 2 * step] = c2 + c5;
  values[at + 3 * step] = c3 + c4;
  values[at + 4 * step] = c3 - c4;
  values[at + 5 * step] = c2 - c5;
  values[at + 6 * step] = c1 - c6;
  values[at + 7 * step] = c0 - c7;
}
