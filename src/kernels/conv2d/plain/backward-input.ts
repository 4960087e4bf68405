/**
 * @file Convolution, gradient with respect to its input:
 * `dx[n, c, iy, ix] = Σ_{ky, kx, o} dy[n, o, (iy + p − ky·d) / s, (ix + p − kx·d) / s] · w[o, c, ky, kx]`
 * over the taps for which the division is exact and its result lies in the output.
 */

import { type Conv2dGeometry, conv2dMultiplyAdds } from '../../../shape/conv2d.ts';
import { ceilDivide } from '../../../shape/shape.ts';
import { reads, writes } from '../../buffers.ts';
import { threadEntry, unroll, WORKGROUP } from '../../grid.ts';
import { defineKernel } from '../../kernel.ts';
import {
  outputAddress,
  phaseGrid,
  phasePixel,
  phaseTap,
  phaseTypes,
  phaseValues,
  threadPhase,
  writePhasePixel,
} from '../phase.ts';
import {
  closeTaps,
  extents,
  extentTypes,
  openTaps,
  valueInside,
  type WindowConstants,
  windowConstants,
} from '../window.ts';

/** Input pixels per thread; with four channels each, 32 results live in its registers. */
const PIXELS = 8;

const kernel = defineKernel({
  name: 'conv2d.backwardInput.plain',
  buffers: { dy: reads('vec4f'), weight: reads('vec4f'), dx: writes('vec4f') },
  uniforms: { ...phaseTypes, ...extentTypes },
  divisible: true,
  body,
});

/**
 * The plain kernel: a thread computes four neighbouring channels of {@link PIXELS} input pixels of one phase
 * (phase.ts). Groups must be aligned to four channels.
 */
export function conv2dBackwardInputPlan(g: Conv2dGeometry) {
  const phase = phaseValues(g);
  const sizes = extents(g);
  const workgroups = ceilDivide(ceilDivide(phase.pixels, PIXELS) * sizes.inBlocks, WORKGROUP);
  return kernel(
    windowConstants(g),
    Object.assign({}, phase, sizes),
    phaseGrid(g, workgroups, WORKGROUP),
    conv2dMultiplyAdds(g),
  );
}

function body(v: WindowConstants): string {
  return threadEntry(`
  ${threadPhase(v)}
  let block = thread % u.inBlocks;
  let first = thread / u.inBlocks * ${PIXELS}u;
  if (first >= u.pixels) { return; }
  let group = block / u.groupInBlocks;
  let outBlock = group * u.groupOutBlocks;
  let channel = block % u.groupInBlocks * 4u;
  ${unroll(PIXELS, (i) => `var sum${i} = vec4f();`)}
  ${unroll(PIXELS, (i) => phasePixel(i, `first + ${i}u`))}
  ${openTaps(v)}
    ${phaseTap(v, 'u.groupOutBlocks')}
    ${unroll(PIXELS, (i) => outputAddress(v, i))}
    let row = (tap * u.groupInBlocks * 4u + channel) * u.outBlocks + outBlock;
    for (var o = 0u; o < steps; o++) {
      let w0 = weight[row + o];
      let w1 = weight[row + u.outBlocks + o];
      let w2 = weight[row + 2u * u.outBlocks + o];
      let w3 = weight[row + 3u * u.outBlocks + o];
      ${unroll(PIXELS, (i) => accumulate(v, i))}
    }
  ${closeTaps(v)}
  ${unroll(PIXELS, (i) => `if (first + ${i}u < u.pixels) { ${writePhasePixel(v, i, (index) => `dx[${index}] = sum${i};`)} }`)}
`);
}

function accumulate(v: WindowConstants, i: number): string {
  return `{
        let v = ${valueInside(v, `dy[at${i} + outBlock + o]`, i)};
        sum${i} += vec4f(dot(v, w0), dot(v, w1), dot(v, w2), dot(v, w3));
      }`;
}
