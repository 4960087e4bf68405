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

/** By the names that the ops have. */
export const arithmetic = {
  add: { value: (a, b) => a + b, derivatives: { a: () => 1, b: () => 1 } },
  subtract: { value: (a, b) => a - b, derivatives: { a: () => 1, b: () => -1 } },
  multiply: { value: (a, b) => a * b, derivatives: { a: (_, b) => b, b: (a) => a } },
} satisfies Record<string, Arithmetic>;
