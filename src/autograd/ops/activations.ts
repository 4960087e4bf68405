/**
 * @file Activation functions and their like: each one is declared by its value and its derivative.
 *
 * All hand NaN on, which not every driver's `exp` does.
 */

import { checkOptions, NUMBER, type OptionRules, oneOf } from '../../arguments.ts';
import { IS_NEGATIVE, RELU } from '../../kernels/float-bits.ts';
import { OR_NAN, SIGMOID } from '../../kernels/float-functions.ts';
import { LOG_1P } from '../../kernels/logarithm.ts';
import { piece } from '../../kernels/wgsl.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type UnaryOpDefinition, unaryOp } from '../unary-op.ts';

/**
 * WGSL: tanh. WGSL's own may err by 10⁻⁵ whatever the result; here small arguments take the series
 * x − x³/3 + 2x⁵/15 − 17x⁷/315 + 62x⁹/2835, short by less than 0.0089·0.3¹⁰ < 6·10⁻⁸ of the result.
 */
const TANH = /* @__PURE__ */ piece(
  `
fn tanhOf(x: vec4f) -> vec4f {
  let e = exp(-2.0 * abs(x));
  let far = (1.0 - e) / (1.0 + e);
  let t = x * x;
  let near = x * (1.0 - t * (1.0 / 3.0 - t * (2.0 / 15.0 - t * (17.0 / 315.0 - t * (62.0 / 2835.0)))));
  return orNan(x, select(select(far, -far, isNegative(x)), near, abs(x) < vec4f(0.3)));
}
// 1 − tanh², of which nothing would be left for large arguments.
fn tanhSlope(x: vec4f) -> vec4f {
  let e = exp(-2.0 * abs(x));
  return orNan(x, 4.0 * e / ((1.0 + e) * (1.0 + e)));
}`,
  [OR_NAN, IS_NEGATIVE],
);

/**
 * WGSL: the standard normal distribution Φ(x) = erfc(−x / √2) / 2 and its density φ(x). With t = 1 / (1 + z / 2),
 * erfc(z) = t · exp(−z² + P(t)) for z ≥ 0, where P of degree 9 was fitted to log(erfc(z)·exp(z²) / t) at the Chebyshev
 * nodes of t; it is off by less than 10⁻⁷ of the result, however small that is.
 */
const NORMAL = /* @__PURE__ */ piece(
  `
fn normalTail(z: vec4f) -> vec4f {
  let t = 1.0 / (1.0 + 0.5 * z);
  var p = vec4f(0.170859749);
  p = p * t - 0.822091382;
  p = p * t + 1.4883968;
  p = p * t - 1.1350775;
  p = p * t + 0.278789169;
  p = p * t - 0.186258919;
  p = p * t + 0.0967781233;
  p = p * t + 0.374092578;
  p = p * t + 1.00002366;
  p = p * t - 1.26551223;
  return 0.5 * t * exp(p - z * z);
}
fn normalShare(x: vec4f) -> vec4f {
  let tail = normalTail(abs(x) * 0.70710678);
  return orNan(x, select(1.0 - tail, tail, isNegative(x)));
}
fn normalDensity(x: vec4f) -> vec4f { return 0.39894228 * exp(-0.5 * x * x); }`,
  [OR_NAN, IS_NEGATIVE],
);

const RELU_OP = {
  name: 'relu',
  value: 'relu(x)',
  derivative: 'select(dy, vec4f(), isNegative(y) | (bitcast<vec4u>(y) == vec4u()))',
  uses: [RELU, IS_NEGATIVE],
} as const;

/** `max(x, 0)`; its gradient at 0 is 0. NaN stays NaN. */
export const relu: (x: Tensor) => Tensor = /* @__PURE__ */ unaryOp(RELU_OP);

const SIGMOID_OP = {
  name: 'sigmoid',
  value: 'sigmoid(x)',
  derivative: 'y * (1.0 - y)',
  uses: [SIGMOID],
} as const;

/** `1 / (1 + e⁻ˣ)` */
export const sigmoid: (x: Tensor) => Tensor = /* @__PURE__ */ unaryOp(SIGMOID_OP);

const TANH_OP = {
  name: 'tanh',
  value: 'tanhOf(x)',
  derivative: 'tanhSlope(x)',
  uses: [TANH],
} as const;

/** The hyperbolic tangent. */
export const tanh: (x: Tensor) => Tensor = /* @__PURE__ */ unaryOp(TANH_OP);

const SILU_OP = {
  name: 'silu',
  value: 'x * sigmoid(x)',
  derivative: 'sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x)))',
  uses: [SIGMOID],
} as const;

/** `x · sigmoid(x)`, also called swish. S. Elfwing et al., "Sigmoid-weighted linear units", 2018. */
export const silu: (x: Tensor) => Tensor = /* @__PURE__ */ unaryOp(SILU_OP);

const SOFTPLUS_OP = {
  name: 'softplus',
  value: 'orNan(x, select(x, vec4f(), isNegative(x)) + log1p(exp(-abs(x))))',
  derivative: 'sigmoid(x)',
  uses: [OR_NAN, IS_NEGATIVE, LOG_1P, SIGMOID],
} as const;

/** `log(1 + eˣ)`, written so that nothing overflows. */
export const softplus: (x: Tensor) => Tensor = /* @__PURE__ */ unaryOp(SOFTPLUS_OP);

const HARD_SIGMOID_OP = {
  name: 'hardSigmoid',
  value: 'orNan(x, clamp(x / 6.0 + 0.5, vec4f(), vec4f(1.0)))',
  derivative: 'orNan(x, select(vec4f(), vec4f(1.0 / 6.0), abs(x) < vec4f(3.0)))',
  uses: [OR_NAN],
} as const;

/** `min(max(x / 6 + 1/2, 0), 1)`, as PyTorch has it (Paddle's has a slope of 0.2 where nothing is said). */
export const hardSigmoid: (x: Tensor) => Tensor = /* @__PURE__ */ unaryOp(HARD_SIGMOID_OP);

const HARD_SWISH_OP = {
  name: 'hardSwish',
  value: 'orNan(x, select(x * clamp(x / 6.0 + 0.5, vec4f(), vec4f(1.0)), vec4f(), x <= vec4f(-3.0)))',
  derivative: 'orNan(x, select(select(x / 3.0 + 0.5, vec4f(1.0), x > vec4f(3.0)), vec4f(), x < vec4f(-3.0)))',
  uses: [OR_NAN],
} as const;

/** `x · hardSigmoid(x)`. A. Howard et al., "Searching for MobileNetV3", 2019. */
export const hardSwish: (x: Tensor) => Tensor = /* @__PURE__ */ unaryOp(HARD_SWISH_OP);

/** How {@link gelu} is computed. */
export interface GeluOptions {
  /** 'none' for `x · Φ(x)`, the default, or 'tanh' for `x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³)))`. */
  readonly approximate?: 'none' | 'tanh';
}

/** The rules of {@link GeluOptions}. */
export const GELU_OPTIONS: OptionRules<GeluOptions> = { approximate: oneOf('none', 'tanh') };

const GELU_OP = {
  name: 'gelu',
  value: 'x * normalShare(x)',
  derivative: 'normalShare(x) + x * normalDensity(x)',
  uses: [NORMAL],
} as const;

const exactGelu = /* @__PURE__ */ unaryOp(GELU_OP);

const GELU_TANH_OP = {
  name: 'geluTanh',
  value: 'x * sigmoid(twice(x))',
  derivative: 'sigmoid(twice(x)) * (1.0 + x * sigmoid(-twice(x)) * twiceSlope(x))',
  uses: [SIGMOID],
  functions: `
  fn twice(x: vec4f) -> vec4f { return 1.5957691 * (x + 0.044715 * x * x * x); }
  fn twiceSlope(x: vec4f) -> vec4f { return 1.5957691 * (1.0 + 0.134145 * x * x); }`,
} as const;

/** (1 + tanh(u)) / 2 is sigmoid(2u), which keeps its precision where tanh is near −1. */
const tanhGelu = /* @__PURE__ */ unaryOp(GELU_TANH_OP);

/**
 * The Gaussian error linear unit. D. Hendrycks and K. Gimpel, "Gaussian error linear units", 2016. Throws 'invalid-argument'
 * for another approximation.
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  checkOptions('gelu', options, GELU_OPTIONS);
  return options.approximate === 'tanh' ? tanhGelu(x) : exactGelu(x);
}

/** How {@link leakyRelu} is computed. */
export interface LeakyReluOptions {
  /** The slope below 0, 0.01 by default. */
  readonly negativeSlope?: number;
}

/** The rules of {@link LeakyReluOptions}. */
export const LEAKY_RELU_OPTIONS: OptionRules<LeakyReluOptions> = { negativeSlope: NUMBER };

const LEAKY_RELU_OP = {
  name: 'leakyRelu',
  value: 'select(x, negativeSlope * x, isNegative(x))',
  derivative: 'orNan(x, select(vec4f(1.0), negativeSlope, x <= vec4f()))',
  parameters: ['negativeSlope'],
  uses: [IS_NEGATIVE, OR_NAN],
} as const;

const leakyReluOp = /* @__PURE__ */ unaryOp(LEAKY_RELU_OP);

/** `x` above 0, `negativeSlope · x` below; its gradient at 0 is the slope. A. Maas et al., 2013. */
export function leakyRelu(x: Tensor, options: LeakyReluOptions = {}): Tensor {
  checkOptions('leakyRelu', options, LEAKY_RELU_OPTIONS);
  const { negativeSlope = 0.01 } = options;
  return leakyReluOp(x, { negativeSlope });
}

/** How {@link elu} is computed. */
export interface EluOptions {
  /** What `−elu(x)` nears far below 0, 1 by default. */
  readonly alpha?: number;
}

/** The rules of {@link EluOptions}. */
export const ELU_OPTIONS: OptionRules<EluOptions> = { alpha: NUMBER };

// e^x − 1 is 2t / (1 − t) with t = tanh(x / 2), and then keeps its precision near 0.
const ELU_OP = {
  name: 'elu',
  value: 'select(x, alpha * 2.0 * tanhOf(0.5 * x) / (1.0 - tanhOf(0.5 * x)), isNegative(x))',
  derivative: 'orNan(x, select(vec4f(1.0), alpha * exp(x), x <= vec4f()))',
  parameters: ['alpha'],
  uses: [TANH],
} as const;

const eluOp = /* @__PURE__ */ unaryOp(ELU_OP);

/** `x` above 0, `alpha · (eˣ − 1)` below; its gradient at 0 is alpha. D.-A. Clevert et al., 2015. */
export function elu(x: Tensor, options: EluOptions = {}): Tensor {
  checkOptions('elu', options, ELU_OPTIONS);
  const { alpha = 1 } = options;
  return eluOp(x, { alpha });
}

/** All declarations, for those who look at every kernel. */
export const ACTIVATIONS: readonly UnaryOpDefinition<string>[] = [
  RELU_OP,
  SIGMOID_OP,
  LEAKY_RELU_OP,
  ELU_OP,
  TANH_OP,
  SILU_OP,
  SOFTPLUS_OP,
  HARD_SIGMOID_OP,
  HARD_SWISH_OP,
  GELU_OP,
  GELU_TANH_OP,
];
