/**
 * @file Convolution, forward: `y[n, o, oy, ox] = Σ_{ky, kx, c} x[n, c, oy·s − p + ky·d, ox·s − p + kx·d] · w[o, c, ky, kx]`.
 */

import { type Conv2dGeometry, conv2dMultiplyAdds } from '../../../shape/conv2d.ts';
import { ceilDivide } from '../../../shape/shape.ts';
import { reads } from '../../buffers.ts';
import { RELU } from '../../float-bits.ts';
import { threadEntry, threadGrid, unroll } from '../../grid.ts';
import { defineKernel } from '../../kernel.ts';
import { type Epilogue, epilogueOf, withEpilogue } from '../epilogue.ts';
import {
  closeTaps,
  extents,
  extentTypes,
  inputAddress,
  openTaps,
  outputPixels,
  valueInside,
  type WindowConstants,
  windowConstants,
  windowOrigin,
} from '../window.ts';

/** Output pixels per thread; with four channels each, 32 results live in its registers. */
const PIXELS = 8;

type Variant = WindowConstants & Epilogue;

const kernel = defineKernel({
  name: 'conv2d.forward.plain',
  buffers: (v: Variant) => withEpilogue({ x: reads('vec4f'), weight: reads('vec4f') }, v),
  uniforms: { pixels: 'u32', outChannels: 'u32', ...extentTypes },
  uses: [RELU],
  divisible: true,
  body,
});

/**
 * The plain kernel: a thread computes four neighbouring output channels of {@link PIXELS} pixels, straight from
 * memory. Groups must be aligned to four channels.
 */
export function conv2dForwardPlan(g: Conv2dGeometry, epilogue: Epilogue) {
  const pixels = outputPixels(g);
  const sizes = extents(g);
  return kernel(
    { ...windowConstants(g), ...epilogue },
    Object.assign({ pixels, outChannels: g.outChannels }, sizes),
    threadGrid(ceilDivide(pixels, PIXELS) * sizes.outBlocks),
    conv2dMultiplyAdds(g),
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
  ${unroll(PIXELS, (i) => `let pixel${i} = min(first + ${i}u, u.pixels - 1u); ${windowOrigin(v, i)}`)}
  ${openTaps(v)}
    ${unroll(PIXELS, (i) => inputAddress(v, i, ' + inBlock'))}
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

function accumulate(v: Variant, i: number): string {
  return `{
        let v = ${valueInside(v, `x[at${i} + c]`, i)};
        sum${i} += fma(vec4f(v.x), w0, fma(vec4f(v.y), w1, fma(vec4f(v.z), w2, v.w * w3)));
      }`;
}
