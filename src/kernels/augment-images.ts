/**
 * @file From the bytes of images to the network's input, each image moved, recoloured, cut out and mixed by parameters of its own:
 *
 *     v(p) = (clamp(M · x(A · p) + t) / 255 − mean) / std, 0 inside the rectangle,   y = share · v of the image + (1 − share) · v of its partner
 *
 * A takes pixel centres of the result to places in the source, where x is sampled bilinearly; outside it is black. With A and M
 * the identity these are `normalizeImages`' values, bit for bit.
 */

import { check } from '../errors.ts';
import { CHANNEL_BLOCK } from '../shape/layout.ts';
import { checkIndexable } from '../shape/shape.ts';
import { type BuffersOf, reads, writes } from './buffers.ts';
import { threadEntry, threadGrid } from './grid.ts';
import { defineKernel } from './kernel.ts';
import { type ImageNormalization, normalizationUniforms } from './normalize-image.ts';
import type { KernelPlan } from './plan.ts';
import { uniformsOf } from './uniforms.ts';

/**
 * Numbers per image, six rows of four: the rows of A in pixels, after each the share and the number of the partner; the three rows
 * of M and t on bytes; the rectangle's left, top, right and bottom in pixels.
 */
export const AUGMENTATION_LENGTH = 24;
const ROWS = AUGMENTATION_LENGTH / 4;

/** Some images of a batch. */
export interface AugmentedSize {
  /** Images in the whole batch. */
  readonly batch: number;
  /** The first image to be made, and how many. */
  readonly first: number;
  readonly images: number;
  readonly height: number;
  readonly width: number;
}

const kernel = /* @__PURE__ */ defineKernel({
  name: 'augmentImages',
  buffers: { bytes: reads('u32'), parameters: reads('vec4f'), y: writes('vec4f') },
  uniforms: {
    ...uniformsOf('u32', 'batch', 'first', 'pixels', 'height', 'width'),
    ...uniformsOf('f32', 'mean0', 'mean1', 'mean2', 'scale0', 'scale1', 'scale2'),
  },
  writesPadding: true,
  divisible: true,
  body: () => `
fn byteAt(i: u32) -> f32 { return f32((bytes[i / 4u] >> ((i % 4u) * 8u)) & 255u); }

fn pixelAt(image: u32, x: i32, y: i32) -> vec3f {
  if (x < 0 || y < 0 || x >= i32(u.width) || y >= i32(u.height)) { return vec3f(); }
  let i = ((image * u.height + u32(y)) * u.width + u32(x)) * 3u;
  return vec3f(byteAt(i), byteAt(i + 1u), byteAt(i + 2u));
}

fn sampleAt(image: u32, place: vec2f) -> vec3f {
  // A pixel beyond the edge is as black as any that is farther away.
  let p = clamp(place, vec2f(-2.0), vec2f(f32(u.width), f32(u.height)) + 1.0);
  let corner = floor(p);
  let share = p - corner;
  let x = i32(corner.x);
  let y = i32(corner.y);
  let upper = mix(pixelAt(image, x, y), pixelAt(image, x + 1, y), share.x);
  let lower = mix(pixelAt(image, x, y + 1), pixelAt(image, x + 1, y + 1), share.x);
  return mix(upper, lower, share.y);
}

fn valueOf(image: u32, column: f32, row: f32) -> vec3f {
  let first = image * ${ROWS}u;
  let erased = parameters[first + 5u];
  if (column >= erased.x && row >= erased.y && column < erased.z && row < erased.w) { return vec3f(); }
  let at = vec3f(column + 0.5, row + 0.5, 1.0);
  let place = vec2f(dot(parameters[first].xyz, at), dot(parameters[first + 1u].xyz, at)) - 0.5;
  let x = vec4f(sampleAt(image, place), 1.0);
  let colour = vec3f(dot(parameters[first + 2u], x), dot(parameters[first + 3u], x), dot(parameters[first + 4u], x));
  let mean = vec3f(u.mean0, u.mean1, u.mean2);
  return (clamp(colour, vec3f(), vec3f(255.0)) - mean) * vec3f(u.scale0, u.scale1, u.scale2);
}
${threadEntry(`
  if (thread >= u.pixels) { return; }
  let image = u.first + thread / (u.width * u.height);
  let column = f32(thread % u.width);
  let row = f32((thread / u.width) % u.height);
  var value = valueOf(image, column, row);
  let share = parameters[image * ${ROWS}u].w;
  if (share != 1.0) {
    let partner = min(u32(parameters[image * ${ROWS}u + 1u].w), u.batch - 1u);
    value = share * value + (1.0 - share) * valueOf(partner, column, row);
  }
  y[thread] = vec4f(value, 0.0);`)}`,
});

/**
 * Bytes `[batch, H, W, 3]` and parameters `[batch, 24]` to `[images, 3, H, W]`, channels-last: those from `first` on. The bytes
 * are padded to a multiple of 4. Throws 'invalid-argument' where a deviation is not positive.
 */
export function augmentImagesPlan(
  { batch, first, images, height, width }: AugmentedSize,
  normalization: ImageNormalization = {},
): KernelPlan<BuffersOf<'bytes' | 'parameters' | 'y'>> {
  const pixels = images * height * width;
  checkIndexable(pixels * CHANNEL_BLOCK, 'augmentImages');
  checkIndexable(batch * height * width * 3, 'augmentImages');
  check(batch > 0, 'invalid-argument', () => 'augmentImages takes one image or more');
  const uniforms = { batch, first, pixels, height, width, ...normalizationUniforms(normalization) };
  return kernel({}, uniforms, threadGrid(pixels));
}
