/**
 * @file Convolutions whose groups share vec4s of channels: depthwise ones, and groups of sizes that are no
 * multiple of four. All three passes; formulas as in the dense kernels, sums over a group's channels only.
 */

import { type Conv2dGeometry, conv2dMultiplyAdds } from '../../shape/conv2d.ts';
import { channelBlocks } from '../../shape/layout.ts';
import { roundUp } from '../../shape/shape.ts';
import { reads, writes } from '../buffers.ts';
import { RELU } from '../float-bits.ts';
import { threadEntry, threadGrid } from '../grid.ts';
import { defineKernel } from '../kernel.ts';
import type { KernelSequence } from '../sequence.ts';
import type { BackwardWeightBuffers } from './buffers.ts';
import { type Epilogue, epilogueOf, withEpilogue } from './epilogue.ts';
import { filterBlocks, splitPixels, withSum } from './split-k.ts';
import {
  closeTaps,
  extents,
  extentTypes,
  openTaps,
  outputPixels,
  type WindowConstants,
  windowConstants,
} from './window.ts';

interface Variant extends WindowConstants {
  /** Input and output channels per group: a thread's inner loop. */
  readonly groupIn: number;
  readonly groupOut: number;
}

const uniforms = { threads: 'u32', inChannels: 'u32', outChannels: 'u32', ...extentTypes } as const;

function variant(g: Conv2dGeometry): Variant {
  return { ...windowConstants(g), groupIn: g.inChannels / g.groups, groupOut: g.outChannels / g.groups };
}

function plan<P>(
  make: (v: Variant, u: Record<keyof typeof uniforms, number>, multiplyAdds: number) => P,
  g: Conv2dGeometry,
  threads: number,
): P {
  const { inChannels, outChannels } = g;
  const sizes = { ...extents(g), groupInBlocks: 0, groupOutBlocks: 0 };
  return make(variant(g), { threads, inChannels, outChannels, ...sizes }, conv2dMultiplyAdds(g));
}

const forwardKernel = defineKernel({
  name: 'conv2d.forward.grouped',
  buffers: (v: Variant & Epilogue) => withEpilogue({ x: reads('f32'), weight: reads('f32') }, v),
  uniforms,
  divisible: true,
  uses: [RELU],
  body: (v) => {
    const epilogue = epilogueOf(v);
    return threadEntry(`
  if (thread >= u.threads) { return; }
  let block = thread % u.outBlocks;
  let pixel = thread / u.outBlocks;
  let originY = i32(pixel / u.outWidth % u.outHeight * ${v.strideY}u) - ${v.padTop};
  let originX = i32(pixel % u.outWidth * ${v.strideX}u) - ${v.padLeft};
  let image = pixel / (u.outHeight * u.outWidth);
  var sum = ${epilogue.start};
  ${openTaps(v)}
    let row = u32(originY + ky * ${v.dilationY});
    let column = u32(originX + kx * ${v.dilationX});
    if (row < u.inHeight && column < u.inWidth) {
      let at = ((image * u.inHeight + row) * u.inWidth + column) * u.inBlocks * 4u;
      for (var component = 0u; component < 4u; component++) {
        let channel = block * 4u + component;
        if (channel >= u.outChannels) { break; }
        let first = at + channel / ${v.groupOut}u * ${v.groupIn}u;
        var part = 0f;
        for (var c = 0u; c < ${v.groupIn}u; c++) {
          part = fma(x[first + c], weight[(tap * ${rowsPerTap(v)}u + c) * u.outBlocks * 4u + channel], part);
        }
        sum[component] += part;
      }
    }
  ${closeTaps(v)}
  ${epilogue.setup}
  ${epilogue.write('sum', 'thread')}
`);
  },
});

const backwardInputKernel = defineKernel({
  name: 'conv2d.backwardInput.grouped',
  buffers: { dy: reads('f32'), weight: reads('f32'), dx: writes('vec4f') },
  uniforms,
  divisible: true,
  body: (v: Variant) =>
    threadEntry(`
  if (thread >= u.threads) { return; }
  let block = thread % u.inBlocks;
  let pixel = thread / u.inBlocks;
  let y = i32(pixel / u.inWidth % u.inHeight) + ${v.padTop};
  let x = i32(pixel % u.inWidth) + ${v.padLeft};
  let image = pixel / (u.inHeight * u.inWidth);
  var sum = vec4f();
  ${openTaps(v)}
    let row = y - ky * ${v.dilationY};
    let column = x - kx * ${v.dilationX};
    if (row >= 0 && column >= 0 && row % ${v.strideY} == 0 && column % ${v.strideX} == 0
      && row / ${v.strideY} < i32(u.outHeight) && column / ${v.strideX} < i32(u.outWidth)) {
      let outPixel = (image * u.outHeight + u32(row / ${v.strideY})) * u.outWidth + u32(column / ${v.strideX});
      for (var component = 0u; component < 4u; component++) {
        let channel = block * 4u + component;
        if (channel >= u.inChannels) { break; }
        let first = channel / ${v.groupIn}u * ${v.groupOut}u;
        let weightRow = (tap * ${rowsPerTap(v)}u + channel % ${v.groupIn}u) * u.outBlocks * 4u;
        var part = 0f;
        for (var o = first; o < first + ${v.groupOut}u; o++) {
          part = fma(dy[outPixel * u.outBlocks * 4u + o], weight[weightRow + o], part);
        }
        sum[component] += part;
      }
    }
  ${closeTaps(v)}
  dx[thread] = sum;
`),
});

const backwardWeightKernel = defineKernel({
  name: 'conv2d.backwardWeight.grouped',
  buffers: { x: reads('f32'), dy: reads('vec4f'), dw: writes('vec4f') },
  uniforms: { ...uniforms, pixels: 'u32', pixelsPerPart: 'u32' },
  divisible: true,
  body: (v: Variant) =>
    threadEntry(`
  if (thread >= u.threads) { return; }
  let block = thread % u.outBlocks;
  let c = thread / u.outBlocks % ${rowsPerTap(v)}u;
  let tap = thread / u.outBlocks / ${rowsPerTap(v)}u % ${v.kernelHeight * v.kernelWidth}u;
  let part = thread / u.outBlocks / ${rowsPerTap(v) * v.kernelHeight * v.kernelWidth}u;
  let shiftY = i32(tap / ${v.kernelWidth}u) * ${v.dilationY} - ${v.padTop};
  let shiftX = i32(tap % ${v.kernelWidth}u) * ${v.dilationX} - ${v.padLeft};
  let channels = vec4u(0u, 1u, 2u, 3u) + block * 4u;
  let real = (channels < vec4u(u.outChannels)) & vec4<bool>(c < ${v.groupIn}u);
  let source = select(vec4u(), channels / ${v.groupOut}u * ${v.groupIn}u + c, real);
  var sum = vec4f();
  let last = min((part + 1u) * u.pixelsPerPart, u.pixels);
  for (var pixel = part * u.pixelsPerPart; pixel < last; pixel++) {
    let row = u32(i32(pixel / u.outWidth % u.outHeight * ${v.strideY}u) + shiftY);
    let column = u32(i32(pixel % u.outWidth * ${v.strideX}u) + shiftX);
    if (row >= u.inHeight || column >= u.inWidth) { continue; }
    let image = pixel / (u.outHeight * u.outWidth);
    let at = ((image * u.inHeight + row) * u.inWidth + column) * u.inBlocks * 4u;
    let values = vec4f(x[at + source.x], x[at + source.y], x[at + source.z], x[at + source.w]);
    sum = fma(values, dy[pixel * u.outBlocks + block], sum);
  }
  dw[thread] = select(vec4f(), sum, real);
`),
});

/** Forward. */
export function groupedForwardPlan(g: Conv2dGeometry, epilogue: Epilogue) {
  const threads = outputPixels(g) * channelBlocks(g.outChannels);
  return plan(
    (v, u, multiplyAdds) => forwardKernel({ ...v, ...epilogue }, u, threadGrid(threads), multiplyAdds),
    g,
    threads,
  );
}

/** The gradient with respect to the input. */
export function groupedBackwardInputPlan(g: Conv2dGeometry) {
  const threads = g.batch * g.inHeight * g.inWidth * channelBlocks(g.inChannels);
  return plan(
    (v, u, multiplyAdds) => backwardInputKernel(v, u, threadGrid(threads), multiplyAdds),
    g,
    threads,
  );
}

/** Gradient with respect to the weight. */
export function groupedBackwardWeightSequence(g: Conv2dGeometry): KernelSequence<BackwardWeightBuffers> {
  const pixels = outputPixels(g);
  const weightBlocks = filterBlocks(g);
  const { parts, pixelsPerPart } = splitPixels(pixels, weightBlocks);
  const threads = weightBlocks * parts;
  const products = plan(
    (v, u, multiplyAdds) =>
      backwardWeightKernel(v, { ...u, pixels, pixelsPerPart }, threadGrid(threads), multiplyAdds),
    g,
    threads,
  );
  return withSum(g, products, parts);
}

/** Rows of a tap in the weight's memory: a group's input channels with padding. */
function rowsPerTap({ groupIn }: Variant): number {
  return roundUp(groupIn, 4);
}
