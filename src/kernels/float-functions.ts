/**
 * @file Functions in WGSL that hold for all floats on every driver: near the ends of their range, at the infinite ones, −0 and
 * NaN, where WGSL leaves much open.
 */

import { IS_NAN, IS_NEGATIVE } from './float-bits.ts';
import { piece } from './wgsl.ts';

/** WGSL: `value`, or x where that is NaN. */
export const OR_NAN = /* @__PURE__ */ piece(
  'fn orNan(x: vec4f, value: vec4f) -> vec4f { return select(value, x, isNan(x)); }',
  [IS_NAN],
);

/** WGSL: 1 / (1 + e^−x), written so that no exponential overflows. */
export const SIGMOID = /* @__PURE__ */ piece(
  `
fn sigmoid(x: vec4f) -> vec4f {
  let e = exp(-abs(x));
  return select(select(vec4f(1.0), e, isNegative(x)) / (vec4f(1.0) + e), x, isNan(x));
}`,
  [IS_NAN, IS_NEGATIVE],
);

/**
 * WGSL: which components are less, and which are equal. Bits are compared, so that subnormal numbers are told apart and
 * NaN is neither; −0 is 0.
 */
export const COMPARISONS = /* @__PURE__ */ piece(
  `
fn orderOf(x: vec4f) -> vec4i {
  let magnitude = bitcast<vec4i>(x) & vec4i(0x7fffffff);
  return select(magnitude, -magnitude, bitcast<vec4i>(x) < vec4i());
}
fn isLess(a: vec4f, b: vec4f) -> vec4<bool> {
  return (orderOf(a) < orderOf(b)) & !(isNan(a) | isNan(b));
}
fn isEqual(a: vec4f, b: vec4f) -> vec4<bool> {
  return (orderOf(a) == orderOf(b)) & !(isNan(a) | isNan(b));
}`,
  [IS_NAN],
);

/** WGSL: the larger and the smaller of two numbers, NaN where one is; 0 is larger than −0. */
export const EXTREMES = /* @__PURE__ */ piece(
  `
fn larger(a: vec4f, b: vec4f) -> vec4f {
  let equal = bitcast<vec4f>(bitcast<vec4u>(a) & bitcast<vec4u>(b));
  return orNan(a, orNan(b, select(select(b, a, isLess(b, a)), equal, isEqual(a, b))));
}
fn smaller(a: vec4f, b: vec4f) -> vec4f {
  let equal = bitcast<vec4f>(bitcast<vec4u>(a) | bitcast<vec4u>(b));
  return orNan(a, orNan(b, select(select(b, a, isLess(a, b)), equal, isEqual(a, b))));
}`,
  [COMPARISONS, OR_NAN],
);

/** WGSL: √x; NaN below zero, −0 of −0. */
export const SQUARE_ROOT = /* @__PURE__ */ piece(
  `
fn squareRoot(x: vec4f) -> vec4f {
  let bits = bitcast<vec4u>(x);
  let magnitude = bits & vec4u(0x7fffffffu);
  let root = select(sqrt(x), x, (magnitude == vec4u()) | (magnitude >= vec4u(0x7f800000u)));
  return select(root, bitcast<vec4f>(bits | vec4u(0x7fc00000u)), bits > vec4u(0x80000000u));
}`,
);

/**
 * WGSL: log x; −∞ of 0, NaN below. With x = 2ᵏ·m, m in [√½, √2), and s = (m − 1) / (m + 1) it is
 * k·log 2 + 2·(s + s³/3 + s⁵/5 + s⁷/7 + s⁹/9), short by less than 2·s¹¹/11 / (1 − s²) ≤ 8·10⁻¹⁰. WGSL's own may err by 2⁻²¹
 * around 1, which is all of a small result. The high part of log 2 has 15 bits, so that its products with k are exact.
 */
export const LOGARITHM = /* @__PURE__ */ piece(
  `
fn logarithm(x: vec4f) -> vec4f {
  let bits = bitcast<vec4u>(x);
  let magnitude = bits & vec4u(0x7fffffffu);
  // Subnormal numbers, which a driver may take for 0, are multiples of 2^-149.
  let subnormal = magnitude < vec4u(0x00800000u);
  let normal = select(magnitude, bitcast<vec4u>(vec4f(magnitude)), subnormal);
  let shifted = normal + vec4u(0x3f800000u - 0x3f3504f3u);
  let k = vec4f(vec4i(shifted >> vec4u(23u)) - select(vec4i(127), vec4i(276), subnormal));
  let m = bitcast<vec4f>((shifted & vec4u(0x007fffffu)) + vec4u(0x3f3504f3u));
  let s = (m - 1.0) / (m + 1.0);
  let t = s * s;
  let tail = s * t * (2.0 / 3.0 + t * (2.0 / 5.0 + t * (2.0 / 7.0 + t * (2.0 / 9.0))));
  let y = k * 0.693145752 + (k * 1.42860677e-6 + (2.0 * s + tail));
  let atZero = bitcast<vec4f>(magnitude | vec4u(0xff800000u));
  let extended = select(select(y, atZero, magnitude == vec4u()), x, magnitude >= vec4u(0x7f800000u));
  return select(extended, bitcast<vec4f>(bits | vec4u(0x7fc00000u)), bits > vec4u(0x80000000u));
}`,
);

/**
 * WGSL: aᵇ as C has it: 1 where b is 0 or a is 1, NaN where a is negative and b no whole number. Whole exponents up to 32 are
 * products, others e^(b·log|a|).
 */
export const POWER = /* @__PURE__ */ piece(
  `
fn wholePower(a: vec4f, b: vec4f) -> vec4f {
  var n = vec4u(abs(b));
  var factor = select(a, 1.0 / a, b < vec4f());
  var y = vec4f(1.0);
  for (var i = 0u; i < 6u; i++) {
    y = select(y, y * factor, (n & vec4u(1u)) == vec4u(1u));
    factor *= factor;
    n >>= vec4u(1u);
  }
  return y;
}
fn power(a: vec4f, b: vec4f) -> vec4f {
  let whole = floor(b) == b;
  let odd = whole & (abs(b) < vec4f(16777216.0)) & (fract(abs(b) * 0.5) != vec4f());
  let one = bitcast<vec4u>(abs(a)) == vec4u(0x3f800000u);
  let exponent = select(b * logarithm(abs(a)), vec4f(), one);
  let infinity = bitcast<vec4f>(vec4u(0x7f800000u) | (bitcast<vec4u>(a) & vec4u()));
  // exp is asked for nothing that is no number in f32.
  let inside = exp(clamp(exponent, vec4f(-104.0), vec4f(88.8)));
  let size = select(select(inside, vec4f(), exponent < vec4f(-103.9)), infinity, exponent > vec4f(88.73));
  let signed = bitcast<vec4f>(bitcast<vec4u>(size) | select(vec4u(), vec4u(0x80000000u), odd & isNegative(a)));
  let finite = isLess(abs(a), infinity) & (a != vec4f());
  let undefined_ = isNegative(a) & finite & !whole;
  let nan = bitcast<vec4f>(bitcast<vec4u>(a) | vec4u(0x7fc00000u));
  let y = select(select(signed, wholePower(a, b), whole & (abs(b) <= vec4f(32.0))), nan, undefined_);
  return select(orNan(a, orNan(b, y)), vec4f(1.0), isEqual(b, vec4f()) | isEqual(a, vec4f(1.0)));
}`,
  [LOGARITHM, COMPARISONS, OR_NAN, IS_NEGATIVE],
);
