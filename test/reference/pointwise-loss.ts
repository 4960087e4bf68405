/**
 * @file Losses of two arrays of one shape, in float64: of each element, of the error d = x − z,
 *
 *     mse d²,   l1 |d|,   smoothL1 d² / (2β) where |d| < β, else |d| − β/2,
 *
 * and over the pixels of each sample and class: dice 1 − (2·Σ p·t + s) / (Σ p + Σ t + s).
 */

import { map, type NdArray } from './array.ts';
import { sum, sumBackward } from './reduce.ts';

/** A loss of an error, and its derivative. */
export interface PointwiseLoss {
  readonly value: (d: number) => number;
  readonly slope: (d: number) => number;
}

export const mse: PointwiseLoss = { value: (d) => d * d, slope: (d) => 2 * d };
export const l1: PointwiseLoss = { value: Math.abs, slope: Math.sign };
export const smoothL1 = (beta: number): PointwiseLoss => ({
  value: (d) => (Math.abs(d) < beta ? (d * d) / (2 * beta) : Math.abs(d) - beta / 2),
  slope: (d) => (Math.abs(d) < beta ? d / beta : Math.sign(d)),
});

/** The loss of each element. */
export function pointwiseLoss({ value }: PointwiseLoss, x: NdArray, z: NdArray): NdArray {
  return map(x, (a, i) => value(a - z.data[i]!));
}

/** dL/dx and dL/dz, given the gradient of each element's loss. */
export function pointwiseLossBackward({ slope }: PointwiseLoss, x: NdArray, z: NdArray, dy: NdArray) {
  const dx = map(x, (a, i) => dy.data[i]! * slope(a - z.data[i]!));
  return { dx, dz: map(dx, (value) => -value) };
}

const pixels = ({ shape }: NdArray) => ({ axes: [...shape.keys()].slice(2) });
const product = (a: NdArray, b: NdArray) => map(a, (value, i) => value * b.data[i]!);

/** The Dice loss of each sample and class, `[N, C]` of `[N, C, …]`. */
export function dice(p: NdArray, t: NdArray, smooth = 1): NdArray {
  const [overlap, ps, ts] = [product(p, t), p, t].map((x) => sum(x, pixels(p)));
  return map(overlap!, (o, i) => 1 - (2 * o + smooth) / (ps!.data[i]! + ts!.data[i]! + smooth));
}

/** dL/dp; dL/dt is the same with p and t exchanged. */
export function diceBackward(p: NdArray, t: NdArray, dy: NdArray, smooth = 1): NdArray {
  const [overlap, ps, ts] = [product(p, t), p, t].map((x) => sum(x, pixels(p)));
  const total = map(ps!, (value, i) => value + ts!.data[i]! + smooth);
  const byOverlap = map(dy, (d, i) => (-2 * d) / total.data[i]!);
  const byTotal = map(dy, (d, i) => (d * (2 * overlap!.data[i]! + smooth)) / total.data[i]! ** 2);
  const [spread, constant] = [byOverlap, byTotal].map((d) => sumBackward(p.shape, d, pixels(p)));
  return map(t, (value, i) => spread!.data[i]! * value + constant!.data[i]!);
}
