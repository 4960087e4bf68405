/**
 * @file Maximum pooling on channels-last maps, forward and backward.
 *
 * A maximum starts at −FLT_MAX; the first of equal ones in row-major order gets the gradient (PaddlePaddle 1.8,
 * operators/math/pooling.cc). NaN in a window is its maximum.
 */

import { check } from '../../errors.ts';
import { channelBlocks } from '../../shape/layout.ts';
import type { Pool2dGeometry } from '../../shape/pool2d.ts';
import { reads, writes } from '../buffers.ts';
import { IS_NAN } from '../float-bits.ts';
import { defineKernel } from '../kernel.ts';
import { inputGrid, mapEntry, outputGrid } from '../map-grid.ts';
import { POOLING, type PoolVariant, poolUniforms, poolValues, poolVariant, poolWindows } from './windows.ts';

/** Taps of a window are numbered with 16 bits. */
const MOST_TAPS = 2 ** 16;

/** 32-bit words of the indexes of a maximum pooling: for each channel block of the outputs, 16 bits per channel. */
export function maxPool2dIndexesSize(g: Pool2dGeometry): number {
  return g.batch * g.outHeight * g.outWidth * channelBlocks(g.channels) * 2;
}

const maxForward = defineKernel({
  name: 'maxPool2d.forward',
  buffers: ({ indexes }: PoolVariant & { indexes: boolean }) => ({
    x: reads('vec4f'),
    y: writes('vec4f'),
    ...(indexes && { indexes: writes('vec2u') }),
  }),
  uniforms: poolUniforms,
  divisible: true,
  uses: ({ indexes: _, ...variant }) => [IS_NAN, poolWindows(variant)],
  body: ({ indexes }) =>
    mapEntry(
      'out',
      `
  let start = windowStart(at);
  let begin = windowBegin(start);
  let end = windowEnd(start);
  var largest = vec4f(-0x1.fffffep+127f);
  var tap = vec4u(u32((begin.y - start.y) * u.kernelWidth + begin.x - start.x));
  for (var iy = begin.y; iy < end.y; iy++) {
    for (var ix = begin.x; ix < end.x; ix++) {
      let value = x[inIndex(image, iy, ix, block)];
      let larger = ((value > largest) | isNan(value)) & !isNan(largest);
      largest = select(largest, value, larger);
      ${indexes ? 'tap = select(tap, vec4u(u32((iy - start.y) * u.kernelWidth + ix - start.x)), larger);' : ''}
    }
  }
  let output = outIndex(image, at.y, at.x, block);
  y[output] = largest;
  ${indexes ? 'indexes[output] = tap.xz | (tap.yw << vec2u(16u));' : ''}`,
    ),
});

/**
 * The maximum of each window and, if wanted, which tap of the window it is: indexes are
 * `array<vec2u>`, see {@link maxPool2dIndexesSize}.
 */
export function maxPool2dPlan(g: Pool2dGeometry, { indexes }: { readonly indexes: boolean }) {
  checkTaps(g);
  return maxForward({ indexes, ...poolVariant(g) }, poolValues(g), outputGrid(POOLING, g));
}

const maxBackward = defineKernel({
  name: 'maxPool2d.backward',
  buffers: { dy: reads('vec4f'), indexes: reads('vec2u'), dx: writes('vec4f') },
  uniforms: poolUniforms,
  divisible: true,
  uses: (variant: PoolVariant) => [poolWindows(variant)],
  body: () =>
    mapEntry(
      'in',
      `
  let begin = firstOutput(at);
  let end = endOutput(at);
  var sum = vec4f();
  for (var oy = begin.y; oy < end.y; oy++) {
    for (var ox = begin.x; ox < end.x; ox++) {
      let output = outIndex(image, oy, ox, block);
      let start = windowStart(vec2i(ox, oy));
      let tap = u32((at.y - start.y) * u.kernelWidth + at.x - start.x);
      let pair = indexes[output];
      let taps = vec4u(pair.x & 0xffffu, pair.x >> 16u, pair.y & 0xffffu, pair.y >> 16u);
      sum += select(vec4f(), dy[output], taps == vec4u(tap));
    }
  }
  dx[inIndex(image, at.y, at.x, block)] = sum;`,
    ),
});

/** dx of maximum pooling. */
export function maxPool2dBackwardPlan(g: Pool2dGeometry) {
  checkTaps(g);
  return maxBackward(poolVariant(g), poolValues(g), inputGrid(POOLING, g));
}

function checkTaps({ kernelHeight, kernelWidth }: Pool2dGeometry): void {
  check(
    kernelHeight * kernelWidth <= MOST_TAPS,
    'unsupported',
    () =>
      `a maximum over a window of ${kernelHeight}×${kernelWidth} has more than ${MOST_TAPS} taps: ` +
      'take it in two stages (pool2dStages)',
  );
}
