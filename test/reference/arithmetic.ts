/**
 * @file Functions of two numbers and their derivatives in float64.
 */

/** A function of two numbers and its derivatives. */
export interface Arithmetic {
  readonly value: (a: number, b: number) => number;
  readonly derivatives: {
    readonly a: (a: number, b: number) => number;
    readonly b: (a: number, b: number) => number;
  };
  /** The least operand that it is tried with, −3 where nothing is said. */
  readonly from?: number;
}

/** The gradient of the chosen one of two, half of it for each of equal ones. */
const half = (isChosen: boolean, isTied: boolean): number => (isTied ? 0.5 : isChosen ? 1 : 0);

/** By the names that the ops have. */
export const arithmetic = {
  add: { value: (a, b) => a + b, derivatives: { a: () => 1, b: () => 1 } },
  subtract: { value: (a, b) => a - b, derivatives: { a: () => 1, b: () => -1 } },
  multiply: { value: (a, b) => a * b, derivatives: { a: (_, b) => b, b: (a) => a } },
  divide: {
    value: (a, b) => a / b,
    derivatives: { a: (_, b) => 1 / b, b: (a, b) => -a / b ** 2 },
    from: 0.5,
  },
  pow: {
    value: (a, b) => a ** b,
    derivatives: { a: (a, b) => b * a ** (b - 1), b: (a, b) => a ** b * Math.log(a) },
    from: 0.5,
  },
  maximum: {
    value: Math.max,
    derivatives: { a: (a, b) => half(a > b, a === b), b: (a, b) => half(b > a, a === b) },
  },
  minimum: {
    value: Math.min,
    derivatives: { a: (a, b) => half(a < b, a === b), b: (a, b) => half(b < a, a === b) },
  },
} satisfies Record<string, Arithmetic>;
