/**
 * @file Layer norm and group norm in float64. Elements are normalized in groups, each by its mean μ and biased variance σ²
 * over m elements:
 *
 *     y = x̂·w + b,   x̂ = (x − μ)·r,   r = 1/√(σ² + ε)
 *
 * and backward, with g = dy·w and sums over a group or over the elements that share a weight:
 *
 *     dx = r·(g − Σg/m − x̂·Σ(g·x̂)/m),   dw = Σ dy·x̂,   db = Σ dy
 */

import { coordinatesOf, indexOf, map, type NdArray, zeros } from './array.ts';

/** What is normalized, and how. */
export interface Norm {
  readonly x: NdArray;
  /** Of which group an element is. */
  readonly group: (coordinates: readonly number[]) => number;
  /** The index of an element's weight and bias. */
  readonly parameter: (coordinates: readonly number[]) => number;
  /** 1 unless told. */
  readonly weight?: NdArray | undefined;
  /** 0 unless told. */
  readonly bias?: NdArray | undefined;
  readonly epsilon: number;
}

/** Layer norm over `axes`; weight and bias have the shape of these. */
export function layerNorm(
  x: NdArray,
  axes: readonly number[],
  rest: Pick<Norm, 'weight' | 'bias' | 'epsilon'>,
): Norm {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const indexAlong = (along: readonly number[]) => (coordinates: readonly number[]) =>
    indexOf(
      along.map((axis) => coordinates[axis]!),
      along.map((axis) => x.shape[axis]!),
    );
  return { x, group: indexAlong(kept), parameter: indexAlong(axes), ...rest };
}

/** Group norm of `[N, C, …]`; weight and bias are `[C]`. */
export function groupNorm(x: NdArray, groups: number, rest: Pick<Norm, 'weight' | 'bias' | 'epsilon'>): Norm {
  const width = x.shape[1]! / groups;
  const group = ([n, c]: readonly number[]) => n! * groups + Math.floor(c! / width);
  return { x, group, parameter: ([, c]) => c!, ...rest };
}

/** By element: its group, the index of its parameters, and x̂; by group: r. */
function normalize({ x, group, parameter, epsilon }: Norm) {
  const coordinates = Array.from(x.data, (_, i) => coordinatesOf(i, x.shape));
  const groups = coordinates.map(group);
  const means = groupMeans(x, groups);
  const variances = groupMeans(
    map(x, (value, i) => (value - means.get(groups[i]!)!) ** 2),
    groups,
  );
  const inverse = new Map([...variances].map(([id, variance]) => [id, 1 / Math.sqrt(variance + epsilon)]));
  const normalized = map(x, (value, i) => (value - means.get(groups[i]!)!) * inverse.get(groups[i]!)!);
  return { groups, parameters: coordinates.map(parameter), normalized, inverse };
}

function groupMeans({ data }: NdArray, groups: readonly number[]) {
  const sums = new Map<number, number>();
  data.forEach((value, i) => {
    sums.set(groups[i]!, (sums.get(groups[i]!) ?? 0) + value);
  });
  const count = data.length / sums.size;
  return new Map([...sums].map(([id, sum]) => [id, sum / count]));
}

/** y */
export function norm(given: Norm): NdArray {
  const { normalized, parameters } = normalize(given);
  const { weight, bias } = given;
  return map(
    normalized,
    (value, i) => value * (weight?.data[parameters[i]!] ?? 1) + (bias?.data[parameters[i]!] ?? 0),
  );
}

/** The gradients, given dL/dy; those of weight and bias have `shape`. `terms` is what cancels in dx. */
export function normBackward(given: Norm, dy: NdArray, shape: readonly number[]) {
  const { normalized, parameters, groups, inverse } = normalize(given);
  const { weight } = given;
  const g = map(dy, (value, i) => value * (weight?.data[parameters[i]!] ?? 1));
  const means = groupMeans(g, groups);
  const products = map(g, (value, i) => value * normalized.data[i]!);
  const slopes = groupMeans(products, groups);
  const terms = map(g, (value, i) => value * inverse.get(groups[i]!)!);
  const dx = map(
    g,
    (value, i) =>
      inverse.get(groups[i]!)! *
      (value - means.get(groups[i]!)! - normalized.data[i]! * slopes.get(groups[i]!)!),
  );
  const dweight = zeros(shape);
  const dbias = zeros(shape);
  dy.data.forEach((value, i) => {
    dweight.data[parameters[i]!]! += value * normalized.data[i]!;
    dbias.data[parameters[i]!]! += value;
  });
  return { dx, dweight, dbias, terms };
}
