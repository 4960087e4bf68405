/**
 * @file The numbers of `Random` (src/random.ts) in WGSL: Philox 4×32-10, J. Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011.
 */

import { unroll } from './grid.ts';
import { piece } from './wgsl.ts';

const ROUNDS = 10;

/**
 * WGSL: `philox(block, key)` gives the numbers 4·block … 4·block + 3 of `new Random(key.x, key.y)`. WGSL has no product of 64
 * bits: its upper half is put together of those of 16-bit halves, of which no sum reaches 2³².
 */
export const PHILOX = /* @__PURE__ */ piece(`
fn multiplyHigh(a: u32, b: u32) -> u32 {
  let middle = (a >> 16u) * (b & 0xffffu) + (((a & 0xffffu) * (b & 0xffffu)) >> 16u);
  let middleLow = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (middle >> 16u) + (middleLow >> 16u);
}
fn philoxRound(c: vec4u, key: vec2u) -> vec4u {
  let high0 = multiplyHigh(0xd2511f53u, c.x);
  let high1 = multiplyHigh(0xcd9e8d57u, c.z);
  return vec4u(high1 ^ c.y ^ key.x, 0xcd9e8d57u * c.z, high0 ^ c.w ^ key.y, 0xd2511f53u * c.x);
}
fn philox(block: u32, key: vec2u) -> vec4u {
  let step = vec2u(0x9e3779b9u, 0xbb67ae85u);
  var c = vec4u(block, 0u, 0u, 0u);
${unroll(ROUNDS, (round) => `  c = philoxRound(c, key + ${round}u * step);`)}
  return c;
}`);
