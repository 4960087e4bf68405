/**
 * @file From the bytes of images to the network's input: `y = (x / 255 − mean) / std`, channel by channel.
 *
 * The bytes lie as decoders give them, `[N, H, W, 3]`, four in a 32-bit word. A thread takes four pixels: three
 * words in, four vec4s out, the fourth lane of each being padding.
 */

import { check } from '../errors.ts';
import { CHANNEL_BLOCK } from '../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../shape/shape.ts';
import { reads, writes } from './buffers.ts';
import { threadEntry, threadGrid, unroll } from './grid.ts';
import { defineKernel } from './kernel.ts';

/** A number for each of the three channels, in the order in which they lie in memory. */
export type ChannelTriple = readonly [number, number, number];

/** What is subtracted from bytes / 255, and what that is divided by. */
export interface ImageNormalization {
  /** 0.5 each by default: with the default of `std`, `x / 255 · 2 − 1`. */
  readonly mean?: ChannelTriple;
  /** 0.5 each by default. */
  readonly std?: ChannelTriple;
}

const CHANNELS = 3;
const PIXELS_PER_THREAD = 4;
const HALF: ChannelTriple = [0.5, 0.5, 0.5];

const kernel = defineKernel({
  name: 'normalizeImages',
  buffers: { bytes: reads('u32'), y: writes('vec4f') },
  uniforms: {
    pixels: 'u32',
    mean0: 'f32',
    mean1: 'f32',
    mean2: 'f32',
    scale0: 'f32',
    scale1: 'f32',
    scale2: 'f32',
  },
  divisible: true,
  body: () =>
    threadEntry(`
  let first = thread * ${PIXELS_PER_THREAD}u;
  if (first >= u.pixels) { return; }
  let mean = vec3f(u.mean0, u.mean1, u.mean2);
  let scale = vec3f(u.scale0, u.scale1, u.scale2);
${unroll(CHANNELS, (i) => `  let word${i} = bytes[thread * ${CHANNELS}u + ${i}u];`)}
${unroll(PIXELS_PER_THREAD, (pixel) => {
  const channels = [0, 1, 2].map((channel) => byte(pixel * CHANNELS + channel));
  return `  if (first + ${pixel}u < u.pixels) {
    y[first + ${pixel}u] = vec4f((vec3f(${channels.join(', ')}) - mean) * scale, 0.0);
  }`;
})}`),
});

/** WGSL: byte `i` of the thread's words, little endian, as a float. */
function byte(i: number): string {
  return `f32((word${i >> 2} >> ${(i % 4) * 8}u) & 255u)`;
}

/**
 * Bytes `[N, H, W, 3]` to `[N, 3, H, W]`, channels-last, for `pixels` = N·H·W; the bytes are padded to a
 * multiple of 4. Throws 'invalid-argument' where a deviation is not positive.
 */
export function normalizeImagePlan(pixels: number, normalization: ImageNormalization = {}) {
  checkIndexable(pixels * CHANNEL_BLOCK, 'normalizeImages');
  const uniforms = { pixels, ...normalizationUniforms(normalization) };
  return kernel({}, uniforms, threadGrid(ceilDivide(pixels, PIXELS_PER_THREAD)));
}

/** What a kernel subtracts from bytes, and what it multiplies by then. Throws 'invalid-argument' where a deviation is not positive. */
export function normalizationUniforms({ mean = HALF, std = HALF }: ImageNormalization) {
  check(
    std.every((deviation) => deviation > 0),
    'invalid-argument',
    () => `normalizeImage: the deviations are ${std.join(', ')}, they must be positive`,
  );
  // (x / 255 − mean) / std = (x − 255 · mean) · (1 / (255 · std)): with the default mean the difference is exact.
  const [mean0, mean1, mean2] = mean.map((value) => 255 * value) as unknown as ChannelTriple;
  const [scale0, scale1, scale2] = std.map((value) => 1 / (255 * value)) as unknown as ChannelTriple;
  return { mean0, mean1, mean2, scale0, scale1, scale2 };
}
