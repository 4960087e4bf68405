/**
 * @file Functions in WGSL that are as precise as f32 allows and hand NaN on, which not every driver's own are and do.
 */

import { IS_NAN, IS_NEGATIVE } from './float-bits.ts';
import { piece } from './wgsl.ts';

/** WGSL: 1 / (1 + e^−x), written so that no exponential overflows. */
export const SIGMOID = /* @__PURE__ */ piece(
  `
fn sigmoid(x: vec4f) -> vec4f {
  let e = exp(-abs(x));
  return select(select(vec4f(1.0), e, isNegative(x)) / (vec4f(1.0) + e), x, isNan(x));
}`,
  [IS_NAN, IS_NEGATIVE],
);
