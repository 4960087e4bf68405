/**
 * @file Logarithms near 1, where WGSL's own may err by 2⁻²¹, which is all of a small result.
 */

import { piece } from './wgsl.ts';

/**
 * WGSL: log(1 + e) for e in [0, 1]: with s = e / (2 + e) ≤ 1/3 the series 2·(s + s³/3 + s⁵/5 + … + s¹⁵/15) is short of it
 * by less than 2·s¹⁷/17 / (1 − s²) ≤ 1.1·10⁻⁹, and in f32 the
 * whole errs by less than 2·2⁻²³ of the result, however small e is; what remains is the error of WGSL's exp.
 */
export const LOG_1P = /* @__PURE__ */ piece(`
fn log1p(e: vec4f) -> vec4f {
  let s = e / (vec4f(2.0) + e);
  let t = s * s;
  var tail = vec4f(1.0 / 15.0);
  tail = tail * t + vec4f(1.0 / 13.0);
  tail = tail * t + vec4f(1.0 / 11.0);
  tail = tail * t + vec4f(1.0 / 9.0);
  tail = tail * t + vec4f(1.0 / 7.0);
  tail = tail * t + vec4f(1.0 / 5.0);
  tail = tail * t + vec4f(1.0 / 3.0);
  return 2.0 * (s + s * t * tail);
}`);

/** WGSL: log(x) for x ≥ 1. */
export const LOG_AT_LEAST_1 = /* @__PURE__ */ piece(
  'fn logAtLeast1(x: f32) -> f32 { return select(log(x), log1p(vec4f(x - 1.0)).x, x < 2.0); }',
  [LOG_1P],
);
