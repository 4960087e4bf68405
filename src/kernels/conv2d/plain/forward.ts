/**
 * @file Convolution, forward: `y[n, o, oy, ox] = Σ_{ky, kx, c} x[n, c, oy·s − p + ky·d, ox·s − p + kx·d] · w[o, c, ky, kx]`.
 */

import type { Conv2dGeometry } from '../../../shape/conv2d.ts';
import { ceilDivide } from '../../../shape/shape.ts';
import { RELU } from '../../float-bits.ts';
import { threadEntry, threadGrid, unroll } from '../../grid.ts';
import { defineKernel, type KernelPlan, reads } from '../../kernel.ts';
import type { ForwardBuffers } from '../buffers.ts';
import { type Epilogue, epilogueOf, withEpilogue } from '../epilogue.ts';
import {
  closeTaps,
  extents,
  extentTypes,
  openTaps,
  type WindowConstants,
  windowConstants,
} from '../window.ts';

/** Output pixels a thread; with four channels each, 32 results live in its registers. */
const PIXELS = 8;

type Variant = WindowConstants & Epilogue;

const kernel = defineKernel({
  name: 'conv2d.forward.plain',
  buffers: (v: Variant) => withEpilogue({ x: reads('vec4f'), weight: reads('vec4f') }, v),
  uniforms: { pixels: 'u32', outChannels: 'u32', ...extentTypes },
  uses: [RELU],
  body,
});

/**
 * The plain kernel: a thread computes four neighbouring output channels of {@link PIXELS} pixels, straight from
 * memory. Groups must be aligned to four channels.
 */
export function conv2dForwardPlan(g: Conv2dGeometry, epilogue: Epilogue): KernelPlan<ForwardBuffers> {
  const pixels = g.batch * g.outHeight * g.outWidth;
  const sizes = extents(g);
  return kernel(
    { ...windowConstants(g), ...epilogue },
    { pixels, outChannels: g.outChannels, ...sizes },
    threadGrid(ceilDivide(pixels, PIXELS) * sizes.outBlocks),
  );
}

function body(v: Variant): string {
  const epilogue = epilogueOf(v);
  return threadEntry(`
  let block = thread % u.outBlocks;
  let first = thread / u.outBlocks * ${PIXELS}u;
  if (first >= u.pixels) { return; }
  let inBlock = block / u.groupOutBlocks * u.groupInBlocks;
  let start = ${epilogue.start};
  ${unroll(PIXELS, (i) => `var sum${i} = start;`)}
  ${unroll(PIXELS, (i) => pixelOrigin(v, i))}
  ${openTaps(v)}
    ${unroll(PIXELS, (i) => tapAddress(v, i))}
    var row = tap * u.groupInBlocks * 4u * u.outBlocks + block;
    for (var c = 0u; c < u.groupInBlocks; c++) {
      let w0 = weight[row];
      let w1 = weight[row + u.outBlocks];
      let w2 = weight[row + 2u * u.outBlocks];
      let w3 = weight[row + 3u * u.outBlocks];
      row += 4u * u.outBlocks;
      ${unroll(PIXELS, (i) => accumulate(v, i))}
    }
  ${closeTaps(v)}
  ${epilogue.setup}
  ${unroll(PIXELS, (i) => `if (first + ${i}u < u.pixels) { ${epilogue.write(`sum${i}`, `(first + ${i}u) * u.outBlocks + block`)} }`)}
`);
}

/** WGSL: where the window of output pixel `first + i` begins. Pixels beyond the last one repeat it. */
function pixelOrigin({ pointwise, strideY, strideX, padTop, padLeft }: Variant, i: number): string {
  const pixel = `let pixel${i} = min(first + ${i}u, u.pixels - 1u);`;
  if (pointwise) return pixel;
  return `${pixel}
  let image${i} = pixel${i} / (u.outHeight * u.outWidth) * u.inHeight;
  let y${i} = i32(pixel${i} / u.outWidth % u.outHeight * ${strideY}u) - ${padTop};
  let x${i} = i32(pixel${i} % u.outWidth * ${strideX}u) - ${padLeft};`;
}

/** WGSL: the address of the tap's pixel in `x`, and whether it lies in the image. */
function tapAddress({ pointwise, dilationY, dilationX }: Variant, i: number): string {
  if (pointwise) return `let at${i} = pixel${i} * u.inBlocks + inBlock;`;
  return `let row${i} = u32(y${i} + ky * ${dilationY});
    let column${i} = u32(x${i} + kx * ${dilationX});
    let inside${i} = row${i} < u.inHeight && column${i} < u.inWidth;
    let at${i} = select(0u, ((image${i} + row${i}) * u.inWidth + column${i}) * u.inBlocks + inBlock, inside${i});`;
}

function accumulate({ pointwise }: Variant, i: number): string {
  const value = `x[at${i} + c]`;
  return `{
        let v = ${pointwise ? value : `select(vec4f(), ${value}, inside${i})`};
        sum${i} += fma(vec4f(v.x), w0, fma(vec4f(v.y), w1, fma(vec4f(v.z), w2, v.w * w3)));
      }`;
}
