/**
 * @file Questions about floats asked of their bits, because a WGSL compiler may assume that no float is NaN:
 * `x != x` may be folded to false, and `max(x, 0)` may turn NaN into 0.
 */

import { piece } from './wgsl.ts';

/** WGSL: which components are NaN: all exponent bits set, and some of the fraction's. */
export const IS_NAN = /* @__PURE__ */ piece(`
fn isNan(x: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(x) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
}`);

/** WGSL: whether a number is NaN. */
export const IS_NAN_SCALAR = /* @__PURE__ */ piece(
  'fn isNanScalar(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }',
);

/** WGSL: whether a number is neither NaN nor infinite. */
export const IS_FINITE = /* @__PURE__ */ piece(
  'fn isFinite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) < 0x7f800000u; }',
);

/** WGSL: ∞, −∞ and NaN by their bits, which no constant may be. */
export const SPECIAL = /* @__PURE__ */ piece(`
fn infinity(sign: u32) -> f32 {
  var bits = 0x7f800000u | sign;
  return bitcast<f32>(bits);
}
fn notANumber() -> f32 {
  var bits = 0x7fc00000u;
  return bitcast<f32>(bits);
}`);

/** WGSL: the greater and the smaller of two numbers, NaN if one is. */
export const EXTREMES = /* @__PURE__ */ piece(
  `
fn greater(a: f32, b: f32) -> f32 { return select(select(max(a, b), b, isNanScalar(b)), a, isNanScalar(a)); }
fn smaller(a: f32, b: f32) -> f32 { return select(select(min(a, b), b, isNanScalar(b)), a, isNanScalar(a)); }`,
  [IS_NAN_SCALAR],
);

/**
 * WGSL: which components are below zero, −0 included and NaN excluded. As signed integers, −0 is the least
 * number, −∞ is −0x800000, and the negative NaNs come after it.
 */
export const IS_NEGATIVE = /* @__PURE__ */ piece(`
fn isNegative(x: vec4f) -> vec4<bool> {
  return bitcast<vec4i>(x) <= vec4i(-0x800000);
}`);

/** WGSL: the positive part of each component; −0 becomes 0, NaN stays. */
export const RELU = /* @__PURE__ */ piece(
  'fn relu(v: vec4f) -> vec4f { return select(v, vec4f(), isNegative(v)); }',
  [IS_NEGATIVE],
);
