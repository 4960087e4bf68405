/**
 * @file Average pooling on channels-last maps, forward and backward.
 *
 * What a window counts beyond the padding (in ceil mode) is no part of any average, as PyTorch and PaddlePaddle 3 have it;
 * PaddlePaddle 1.8 divided by the whole window.
 */

import type { Pool2dGeometry } from '../../shape/pool2d.ts';
import { reads, writes } from '../buffers.ts';
import { defineKernel } from '../kernel.ts';
import { inputGrid, mapEntry, outputGrid } from '../map-grid.ts';
import { type Piece, piece } from '../wgsl.ts';
import { POOLING, type PoolVariant, poolUniforms, poolValues, poolVariant, poolWindows } from './windows.ts';

/** By what an average is divided. */
export interface AvgPool2dAttributes {
  /** By the pixels of the window that lie in the image, and not by those that lie in the padded image. */
  readonly exclusive: boolean;
}

type AverageVariant = PoolVariant & { readonly exclusive: boolean };

/** WGSL: by what the average of the window that starts at `start` is divided. */
function divisor({ exclusive, ...variant }: AverageVariant): Piece {
  const extent = exclusive ? 'windowEnd(start) - windowBegin(start)' : 'paddedEnd(start) - start';
  return piece(
    `fn divisor(start: vec2i) -> f32 { let extent = ${extent}; return f32(extent.x * extent.y); }`,
    [poolWindows(variant)],
  );
}

const avgForward = defineKernel({
  name: 'avgPool2d.forward',
  buffers: { x: reads('vec4f'), y: writes('vec4f') },
  uniforms: poolUniforms,
  divisible: true,
  uses: (variant: AverageVariant) => [divisor(variant)],
  body: () =>
    mapEntry(
      'out',
      `
  let start = windowStart(at);
  let begin = windowBegin(start);
  let end = windowEnd(start);
  var sum = vec4f();
  for (var iy = begin.y; iy < end.y; iy++) {
    for (var ix = begin.x; ix < end.x; ix++) { sum += x[inIndex(image, iy, ix, block)]; }
  }
  y[outIndex(image, at.y, at.x, block)] = sum / divisor(start);`,
    ),
});

/** The average of each window. */
export function avgPool2dPlan(g: Pool2dGeometry, { exclusive }: AvgPool2dAttributes) {
  return avgForward({ exclusive, ...poolVariant(g) }, poolValues(g), outputGrid(POOLING, g));
}

const avgBackward = defineKernel({
  name: 'avgPool2d.backward',
  buffers: { dy: reads('vec4f'), dx: writes('vec4f') },
  uniforms: poolUniforms,
  divisible: true,
  uses: (variant: AverageVariant) => [divisor(variant)],
  body: () =>
    mapEntry(
      'in',
      `
  let begin = firstOutput(at);
  let end = endOutput(at);
  var sum = vec4f();
  for (var oy = begin.y; oy < end.y; oy++) {
    for (var ox = begin.x; ox < end.x; ox++) {
      sum += dy[outIndex(image, oy, ox, block)] / divisor(windowStart(vec2i(ox, oy)));
    }
  }
  dx[inIndex(image, at.y, at.x, block)] = sum;`,
    ),
});

/** dx of average pooling. */
export function avgPool2dBackwardPlan(g: Pool2dGeometry, { exclusive }: AvgPool2dAttributes) {
  return avgBackward({ exclusive, ...poolVariant(g) }, poolValues(g), inputGrid(POOLING, g));
}
