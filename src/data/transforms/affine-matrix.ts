/**
 * @file Affine maps of places: two rows of three numbers, x′ = a·x + b·y + c and y′ = d·x + e·y + f.
 */

/** `[a, b, c, d, e, f]` */
export type AffineMatrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** Every place where it is. */
export const IDENTITY_AFFINE: AffineMatrix = [1, 0, 0, 0, 1, 0];

/** First `second`, then `first`: the product of the matrices. */
export function multiplyAffine(first: AffineMatrix, second: AffineMatrix): AffineMatrix {
  const [a, b, c, d, e, f] = first;
  const [p, q, r, s, t, u] = second;
  return [a * p + b * s, a * q + b * t, a * r + b * u + c, d * p + e * s, d * q + e * t, d * r + e * u + f];
}

/** The linear map `[a, b, d, e]` about the middle of the image, (½, ½), after which places are moved by `shift`. */
export function aboutMiddle(
  [a, b, d, e]: readonly [number, number, number, number],
  [x, y]: readonly [number, number] = [0, 0],
): AffineMatrix {
  return [a, b, (1 - a - b) / 2 + x, d, e, (1 - d - e) / 2 + y];
}
