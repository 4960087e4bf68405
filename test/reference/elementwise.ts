/**
 * @file ReLU, sigmoid, and addition and multiplication with numpy's broadcasting, in float64.
 *
 *     relu(x) = max(x, 0),         dx = dy where x > 0, else 0
 *     sigmoid(x) = 1/(1 + e^−x),   dx = dy·s·(1 − s), s = sigmoid(x)
 *     a + b,                       da = dy, db = dy,         each summed over the axes it was broadcast along
 *     a · b,                       da = dy·b, db = dy·a,     likewise
 */

import { assertShape, coordinatesOf, indexOf, map, type NdArray, zeros } from './array.ts';

/** dL by both operands. */
export interface BinaryGradients {
  readonly da: NdArray;
  readonly db: NdArray;
}

/** max(x, 0). */
export function relu(x: NdArray): NdArray {
  return map(x, (value) => Math.max(value, 0));
}

/** dL/dx of {@link relu}, which is 0 at 0. */
export function reluBackward(x: NdArray, dy: NdArray): NdArray {
  assertShape(dy, x.shape, 'dy');
  return map(dy, (value, i) => (x.data[i]! > 0 ? value : 0));
}

/** 1/(1 + e^−x). */
export function sigmoid(x: NdArray): NdArray {
  return map(x, (value) => 1 / (1 + Math.exp(-value)));
}

/** dL/dx of {@link sigmoid}. */
export function sigmoidBackward(x: NdArray, dy: NdArray): NdArray {
  assertShape(dy, x.shape, 'dy');
  const s = sigmoid(x);
  return map(dy, (value, i) => value * s.data[i]! * (1 - s.data[i]!));
}

/** a + b. */
export function add(a: NdArray, b: NdArray): NdArray {
  return binary(a, b, (left, right) => left + right);
}

/** The gradients of {@link add}. */
export function addBackward(a: NdArray, b: NdArray, dy: NdArray): BinaryGradients {
  assertShape(dy, broadcastShape(a.shape, b.shape), 'dy');
  return { da: sumToShape(dy, a.shape), db: sumToShape(dy, b.shape) };
}

/** a · b. */
export function multiply(a: NdArray, b: NdArray): NdArray {
  return binary(a, b, (left, right) => left * right);
}

/** The gradients of {@link multiply}. */
export function multiplyBackward(a: NdArray, b: NdArray, dy: NdArray): BinaryGradients {
  assertShape(dy, broadcastShape(a.shape, b.shape), 'dy');
  return { da: sumToShape(multiply(dy, b), a.shape), db: sumToShape(multiply(dy, a), b.shape) };
}

/** The common shape: aligned at the last axis, extents must be equal or 1, and a missing axis counts as 1. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - (rank - a.length)] ?? 1;
    const right = b[axis - (rank - b.length)] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new Error(`shapes [${a}] and [${b}] cannot be broadcast together`);
    }
    return left === 1 ? right : left;
  });
}

/** The gradient of a broadcast from `shape`: each element's copies are summed. */
export function sumToShape(gradient: NdArray, shape: readonly number[]): NdArray {
  const sum = zeros(shape);
  gradient.data.forEach((value, i) => {
    sum.data[broadcastSource(coordinatesOf(i, gradient.shape), shape)]! += value;
  });
  return sum;
}

/** f of the elements of two arrays that broadcast. */
export function binary(a: NdArray, b: NdArray, f: (left: number, right: number) => number): NdArray {
  const shape = broadcastShape(a.shape, b.shape);
  return map(zeros(shape), (_, i) => {
    const coordinates = coordinatesOf(i, shape);
    const left = a.data[broadcastSource(coordinates, a.shape)]!;
    const right = b.data[broadcastSource(coordinates, b.shape)]!;
    return f(left, right);
  });
}

/** The index, in an operand of the given shape, of the element that appears at `coordinates` of the result. */
function broadcastSource(coordinates: readonly number[], shape: readonly number[]): number {
  const own = coordinates.slice(coordinates.length - shape.length);
  return indexOf(
    own.map((coordinate, axis) => (shape[axis] === 1 ? 0 : coordinate)),
    shape,
  );
}
