/**
 * @file Affine maps of colours: three rows of four numbers, the last of each an offset. Colours are red, green and blue, from 0 to 1.
 */

/** Row by row: red′ = m₀·red + m₁·green + m₂·blue + m₃, and so on. */
export type ColorMatrix = readonly number[];

/** Every colour as it is. */
export const IDENTITY_COLORS: ColorMatrix = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

/** First `second`, then `first`: the product of the matrices. */
export function multiplyColors(first: ColorMatrix, second: ColorMatrix): ColorMatrix {
  return IDENTITY_COLORS.map((_, i) => {
    const [row, column] = [Math.floor(i / 4) * 4, i % 4];
    const product = [0, 1, 2].reduce((sum, k) => sum + first[row + k]! * second[4 * k + column]!, 0);
    return product + (column === 3 ? first[row + 3]! : 0);
  });
}

/** `factor` · colour + `offset`, for all three alike. */
export function scaleColors(factor: number, offset = 0): ColorMatrix {
  return IDENTITY_COLORS.map((value, i) => (i % 4 === 3 ? offset : factor * value));
}

/** How bright red, green and blue look. Source: W3C, Filter Effects Module 1, `feColorMatrix`. */
const LUMA = [0.213, 0.715, 0.072] as const;

/** From grey (0) by the colours as they are (1) to stronger ones. Source: W3C, Filter Effects Module 1, `saturate`. */
export function saturate(factor: number): ColorMatrix {
  return IDENTITY_COLORS.map((value, i) => (i % 4 === 3 ? 0 : (1 - factor) * LUMA[i % 4]! + factor * value));
}

/** Turns the hues by `turns` of a circle; brightness and greys remain. Source: W3C, Filter Effects Module 1, `hueRotate`. */
export function rotateHue(turns: number): ColorMatrix {
  const [cos, sin] = [Math.cos(2 * Math.PI * turns), Math.sin(2 * Math.PI * turns)];
  const [r, g, b] = LUMA;
  return [
    [r + cos * (1 - r) - sin * r, g - cos * g - sin * g, b - cos * b + sin * (1 - b), 0],
    [r - cos * r + sin * 0.143, g + cos * (1 - g) + sin * 0.14, b - cos * b - sin * 0.283, 0],
    [r - cos * r - sin * (1 - r), g - cos * g + sin * g, b + cos * (1 - b) + sin * b, 0],
  ].flat();
}
