/**
 * @file Products of batches of matrices in float64: `c = a·b`, `da = dc·bᵀ`, `db = aᵀ·dc`, with a `[…, n, k]` and b `[…, k, m]`,
 * whose axes in front broadcast. Gradients are summed over the axes along which an operand was broadcast.
 */

import { type NdArray, sizeOf, zeros } from './array.ts';
import { broadcastShape } from './elementwise.ts';

/** The shape of the product. */
export function matmulShape(a: readonly number[], b: readonly number[]): number[] {
  return [...broadcastShape(a.slice(0, -2), b.slice(0, -2)), a.at(-2)!, b.at(-1)!];
}

/** Calls `visit` with the places of each a, b and c that meet in a product. */
function forEachProduct(
  a: readonly number[],
  b: readonly number[],
  visit: (a: number, b: number, c: number) => void,
): void {
  const c = matmulShape(a, b);
  const [n, m, k] = [c.at(-2)!, c.at(-1)!, a.at(-1)!];
  const batch = c.slice(0, -2);
  /** Which matrix of an operand belongs to the batch's `index`th. */
  const matrixOf = (own: readonly number[], index: number) => {
    let [matrix, stride, rest] = [0, 1, index];
    for (let axis = 1; axis <= batch.length; axis++) {
      const extent = own.at(-2 - axis) ?? 1;
      if (extent > 1) matrix += (rest % batch.at(-axis)!) * stride;
      rest = Math.floor(rest / batch.at(-axis)!);
      stride *= extent;
    }
    return matrix;
  };
  for (let index = 0; index < sizeOf(batch); index++) {
    const [aAt, bAt, cAt] = [matrixOf(a, index) * n * k, matrixOf(b, index) * k * m, index * n * m];
    for (let i = 0; i < n; i++)
      for (let j = 0; j < m; j++)
        for (let l = 0; l < k; l++) visit(aAt + i * k + l, bAt + l * m + j, cAt + i * m + j);
  }
}

export function matmul(a: NdArray, b: NdArray): NdArray {
  const c = zeros(matmulShape(a.shape, b.shape));
  forEachProduct(a.shape, b.shape, (i, j, k) => {
    c.data[k]! += a.data[i]! * b.data[j]!;
  });
  return c;
}

export function matmulBackward(a: NdArray, b: NdArray, dc: NdArray): { da: NdArray; db: NdArray } {
  const [da, db] = [zeros(a.shape), zeros(b.shape)];
  forEachProduct(a.shape, b.shape, (i, j, k) => {
    da.data[i]! += dc.data[k]! * b.data[j]!;
    db.data[j]! += dc.data[k]! * a.data[i]!;
  });
  return { da, db };
}
