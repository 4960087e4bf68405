/**
 * @file Activation functions and their derivatives in float64.
 */

/** A function of one number and its derivative. */
export interface Activation {
  readonly value: (x: number) => number;
  readonly derivative: (x: number) => number;
  /** The least argument that it is tried with, −7 where nothing is said. */
  readonly from?: number;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/**
 * The standard normal distribution: near 0 by the series Φ(x) = 1/2 + φ(x)·(x + x³/3 + x⁵/(3·5) + …), in the tails by the
 * continued fraction 1 − Φ(x) = φ(x) / (x + 1/(x + 2/(x + 3/(x + …)))). M. Abramowitz and I. Stegun, 26.2.11 and 26.2.14.
 */
export function normalShare(x: number): number {
  if (x < 0) return normalTail(-x);
  return 1 - normalTail(x);
}

function normalTail(x: number): number {
  if (x > 3) {
    let fraction = x;
    for (let k = 200; k > 0; k--) fraction = x + k / fraction;
    return density(x) / fraction;
  }
  let [sum, term] = [x, x];
  for (let k = 3; k < 200; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 - density(x) * sum;
}

const hardSigmoid = (x: number): number => Math.min(1, Math.max(0, x / 6 + 0.5));
const GELU = Math.sqrt(2 / Math.PI);
const inner = (x: number): number => Math.tanh(GELU * (x + 0.044715 * x ** 3));

/** By the names that the ops have, and `geluTanh`; options are those that the test gives. */
export const activations = {
  relu: { value: (x) => Math.max(x, 0), derivative: (x) => (x > 0 ? 1 : 0) },
  sigmoid: { value: sigmoid, derivative: (x) => sigmoid(x) * (1 - sigmoid(x)) },
  neg: { value: (x) => -x, derivative: () => -1 },
  log: { value: Math.log, derivative: (x) => 1 / x, from: 0.25 },
  sqrt: { value: Math.sqrt, derivative: (x) => 0.5 / Math.sqrt(x), from: 0.25 },
  rsqrt: { value: (x) => x ** -0.5, derivative: (x) => -0.5 * x ** -1.5, from: 0.25 },
  clamp: {
    value: (x) => Math.min(Math.max(x, -2.5), 1.25),
    derivative: (x) => (x < -2.5 || x > 1.25 ? 0 : 1),
  },
  leakyRelu: { value: (x) => (x > 0 ? x : 0.25 * x), derivative: (x) => (x > 0 ? 1 : 0.25) },
  elu: {
    value: (x) => (x > 0 ? x : 0.75 * Math.expm1(x)),
    derivative: (x) => (x > 0 ? 1 : 0.75 * Math.exp(x)),
  },
  abs: { value: Math.abs, derivative: Math.sign },
  exp: { value: Math.exp, derivative: Math.exp },
  tanh: { value: Math.tanh, derivative: (x) => 1 - Math.tanh(x) ** 2 },
  silu: {
    value: (x) => x * sigmoid(x),
    derivative: (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
  },
  softplus: { value: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), derivative: sigmoid },
  hardSigmoid: { value: hardSigmoid, derivative: (x) => (Math.abs(x) < 3 ? 1 / 6 : 0) },
  hardSwish: {
    value: (x) => x * hardSigmoid(x),
    derivative: (x) => (x < -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5),
  },
  gelu: { value: (x) => x * normalShare(x), derivative: (x) => normalShare(x) + x * density(x) },
  geluTanh: {
    value: (x) => 0.5 * x * (1 + inner(x)),
    derivative: (x) =>
      0.5 * (1 + inner(x)) + 0.5 * x * (1 - inner(x) ** 2) * GELU * (1 + 3 * 0.044715 * x * x),
  },
} satisfies Record<string, Activation>;
