/**
 * @file Ops on elements as random programs call them, and the same in float64. What an op is not defined for it is not given:
 * log is taken of |x| + ½.
 */

import * as fovea from '../../src/autograd/ops.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { Activation } from '../reference/activations.ts';
import { type Arithmetic, arithmetic } from '../reference/arithmetic.ts';

interface UnaryOp extends Activation {
  readonly run: (x: Tensor) => Tensor;
}

interface BinaryOp {
  readonly run: (a: Tensor, b: Tensor) => Tensor;
  readonly value: (a: number, b: number) => number;
  /** None where there is no gradient. */
  readonly derivatives?: Arithmetic['derivatives'];
}

const positive = (x: number): number => Math.abs(x) + 0.5;
const positiveOf = (x: Tensor): Tensor => fovea.add(fovea.abs(x), 0.5);

/** By the names of the ops. */
export const UNARY = {
  neg: { run: fovea.neg, value: (x) => -x, derivative: () => -1 },
  log: {
    run: (x) => fovea.log(positiveOf(x)),
    value: (x) => Math.log(positive(x)),
    derivative: (x) => Math.sign(x) / positive(x),
  },
  sqrt: {
    run: (x) => fovea.sqrt(positiveOf(x)),
    value: (x) => Math.sqrt(positive(x)),
    derivative: (x) => (Math.sign(x) * 0.5) / Math.sqrt(positive(x)),
  },
  rsqrt: {
    run: (x) => fovea.rsqrt(positiveOf(x)),
    value: (x) => positive(x) ** -0.5,
    derivative: (x) => Math.sign(x) * -0.5 * positive(x) ** -1.5,
  },
  clamp: {
    run: (x) => fovea.clamp(x, { min: -1, max: 0.75 }),
    value: (x) => Math.min(Math.max(x, -1), 0.75),
    derivative: (x) => (x < -1 || x > 0.75 ? 0 : 1),
  },
  leakyRelu: {
    run: (x) => fovea.leakyRelu(x, { negativeSlope: 0.25 }),
    value: (x) => (x > 0 ? x : 0.25 * x),
    derivative: (x) => (x > 0 ? 1 : 0.25),
  },
  elu: {
    run: (x) => fovea.elu(x, { alpha: 0.75 }),
    value: (x) => (x > 0 ? x : 0.75 * Math.expm1(x)),
    derivative: (x) => (x > 0 ? 1 : 0.75 * Math.exp(x)),
  },
} satisfies Record<string, UnaryOp>;

/** By the names of the ops. */
export const BINARY: Readonly<Record<BinaryName, BinaryOp>> = {
  divide: {
    run: (a, b) => fovea.divide(a, positiveOf(b)),
    value: (a, b) => a / positive(b),
    derivatives: { a: (_, b) => 1 / positive(b), b: (a, b) => (-a * Math.sign(b)) / positive(b) ** 2 },
  },
  pow: {
    run: (a, b) => fovea.pow(positiveOf(a), fovea.tanh(b)),
    value: (a, b) => positive(a) ** Math.tanh(b),
    derivatives: {
      a: (a, b) => Math.sign(a) * Math.tanh(b) * positive(a) ** (Math.tanh(b) - 1),
      b: (a, b) => positive(a) ** Math.tanh(b) * Math.log(positive(a)) * (1 - Math.tanh(b) ** 2),
    },
  },
  maximum: { ...arithmetic.maximum, run: fovea.maximum },
  minimum: { ...arithmetic.minimum, run: fovea.minimum },
  equal: { run: fovea.equal, value: (a, b) => Number(a === b) },
  notEqual: { run: fovea.notEqual, value: (a, b) => Number(a !== b) },
  greater: { run: fovea.greater, value: (a, b) => Number(a > b) },
  greaterEqual: { run: fovea.greaterEqual, value: (a, b) => Number(a >= b) },
  less: { run: fovea.less, value: (a, b) => Number(a < b) },
  lessEqual: { run: fovea.lessEqual, value: (a, b) => Number(a <= b) },
};

/** The comparisons. */
export const COMPARISONS = ['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual'] as const;
/** A name of {@link UNARY}. */
export type UnaryName = keyof typeof UNARY;
/** A name of {@link BINARY}. */
export type BinaryName = 'divide' | 'pow' | 'maximum' | 'minimum' | (typeof COMPARISONS)[number];

export const UNARY_NAMES = Object.keys(UNARY) as readonly UnaryName[];
export const BINARY_NAMES = Object.keys(BINARY) as readonly BinaryName[];
export const isUnary = (name: string): name is UnaryName => name in UNARY;
export const isBinary = (name: string): name is BinaryName => name in BINARY;
