/**
 * @file Convolution, gradient with respect to its weight:
 * `dw[o, c, ky, kx] = Σ_{n, oy, ox} dy[n, o, oy, ox] · x[n, c, oy·s − p + ky·d, ox·s − p + kx·d]`.
 *
 * A weight has few elements and each is a long sum, so the sum is split over its pixels (split-k.ts).
 */

import { type Conv2dGeometry, conv2dMultiplyAdds } from '../../../shape/conv2d.ts';
import { reads, writes } from '../../buffers.ts';
import { threadEntry, threadGrid, unroll } from '../../grid.ts';
import { defineKernel } from '../../kernel.ts';
import type { KernelSequence } from '../../sequence.ts';
import { uniformsOf } from '../../uniforms.ts';
import type { BackwardWeightBuffers } from '../buffers.ts';
import { filterBlocks, splitPixels, withSum } from '../split-k.ts';
import { extents, extentTypes, outputPixels, type WindowConstants, windowConstants } from '../window.ts';

interface Variant extends WindowConstants {
  /** Blocks of input channels per thread. */
  readonly blocks: number;
}

const productsKernel = defineKernel({
  name: 'conv2d.backwardWeight.plain',
  buffers: { x: reads('vec4f'), dy: reads('vec4f'), dw: writes('vec4f') },
  uniforms: { ...uniformsOf('u32', 'pixels', 'parts', 'pixelsPerPart', 'weightBlocks'), ...extentTypes },
  divisible: true,
  body,
});

/**
 * The plain kernels: a thread sums eight input channels × four output channels of one tap over its part of the
 * pixels. Groups must be aligned to four channels.
 */
export function conv2dBackwardWeightSequence(g: Conv2dGeometry): KernelSequence<BackwardWeightBuffers> {
  const sizes = extents(g);
  const pixels = outputPixels(g);
  const blocks = sizes.groupInBlocks % 2 === 0 ? 2 : 1;
  const threads = g.kernelHeight * g.kernelWidth * (sizes.groupInBlocks / blocks) * sizes.outBlocks;
  const { parts, pixelsPerPart } = splitPixels(pixels, threads);
  const weightBlocks = filterBlocks(g);
  const products = productsKernel(
    { ...windowConstants(g), blocks },
    Object.assign({ pixels, parts, pixelsPerPart, weightBlocks }, sizes),
    threadGrid(threads * parts),
    conv2dMultiplyAdds(g),
  );
  return withSum(g, products, parts);
}

function body(v: Variant): string {
  const results = v.blocks * 4;
  return threadEntry(`
  let outBlock = thread % u.outBlocks;
  var rest = thread / u.outBlocks;
  let inBlock = rest % (u.groupInBlocks / ${v.blocks}u) * ${v.blocks}u;
  rest /= u.groupInBlocks / ${v.blocks}u;
  let tap = rest % ${v.kernelHeight * v.kernelWidth}u;
  let part = rest / ${v.kernelHeight * v.kernelWidth}u;
  if (part >= u.parts) { return; }
  let xBlock = outBlock / u.groupOutBlocks * u.groupInBlocks + inBlock;
  let shiftY = i32(tap / ${v.kernelWidth}u) * ${v.dilationY} - ${v.padTop};
  let shiftX = i32(tap % ${v.kernelWidth}u) * ${v.dilationX} - ${v.padLeft};
  ${unroll(results, (i) => `var sum${i} = vec4f();`)}
  let last = min((part + 1u) * u.pixelsPerPart, u.pixels);
  for (var pixel = part * u.pixelsPerPart; pixel < last; pixel++) {
    ${address(v)}
    let gradient = dy[pixel * u.outBlocks + outBlock];
    ${unroll(
      v.blocks,
      (q) => `let v${q} = x[at + ${q}u];
    ${unroll(4, (i) => `sum${q * 4 + i} = fma(vec4f(v${q}[${i}]), gradient, sum${q * 4 + i});`)}`,
    )}
  }
  let row = part * u.weightBlocks + (tap * u.groupInBlocks + inBlock) * 4u * u.outBlocks + outBlock;
  ${unroll(results, (i) => `dw[row + ${i}u * u.outBlocks] = sum${i};`)}
`);
}

/** WGSL: the address `at` of the pixel of `x` that the tap leads to; continues with the next pixel if there is none. */
function address({ pointwise, strideY, strideX }: Variant): string {
  if (pointwise) return 'let at = pixel * u.inBlocks + xBlock;';
  return `let row = u32(i32(pixel / u.outWidth % u.outHeight * ${strideY}u) + shiftY);
    let column = u32(i32(pixel % u.outWidth * ${strideX}u) + shiftX);
    if (row >= u.inHeight || column >= u.inWidth) { continue; }
    let image = pixel / (u.outHeight * u.outWidth);
    let at = ((image * u.inHeight + row) * u.inWidth + column) * u.inBlocks + xBlock;`;
}
