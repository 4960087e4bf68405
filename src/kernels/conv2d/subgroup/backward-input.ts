/**
 * @file Convolution, gradient with respect to its input, by subgroups: a lane loads the gradients of a pixel's output channels,
 * all lanes multiply by them. Formula and phases are those of `plain/backward-input.ts`.
 */

import { type Conv2dGeometry, conv2dMultiplyAdds, isPointwise } from '../../../shape/conv2d.ts';
import { ceilDivide } from '../../../shape/shape.ts';
import { readsTexels, writes } from '../../buffers.ts';
import { unroll } from '../../grid.ts';
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
  uniformWindow,
  valueInside,
  type WindowTerms,
  windowTypes,
  windowUniforms,
} from '../window.ts';
import {
  declareSums,
  loadsOf,
  multiplyRows,
  ROWS,
  subgroupEntry,
  transposeColumns,
  writeRows,
} from './tile.ts';

interface Variant {
  readonly lanes: number;
  readonly pointwise: boolean;
  /** There is one phase: pixels are numbered as they lie in memory. */
  readonly unitStride: boolean;
}

const kernel = defineKernel({
  name: 'conv2d.backwardInput.subgroup',
  buffers: { dy: readsTexels('dy'), weight: readsTexels('weight'), dx: writes('vec4f') },
  uniforms: { ...phaseTypes, columnTiles: 'u32', ...extentTypes, ...windowTypes },
  features: ['subgroups'],
  divisible: true,
  body,
});

/** The gradient with respect to the input. Without groups. */
export function subgroupBackwardInputPlan(g: Conv2dGeometry, lanes: number) {
  const phase = phaseValues(g);
  const sizes = extents(g);
  const columnTiles = ceilDivide(sizes.inBlocks, lanes);
  return kernel(
    { pointwise: isPointwise(g), unitStride: g.strideY * g.strideX === 1, lanes },
    Object.assign({ columnTiles }, phase, sizes, windowUniforms(g)),
    phaseGrid(g, ceilDivide(phase.pixels, ROWS) * columnTiles, lanes),
    conv2dMultiplyAdds(g),
  );
}

function body(v: Variant): string {
  const loads = loadsOf(v.lanes);
  const uniforms = uniformWindow(v.pointwise);
  const window = v.unitStride ? { ...uniforms, strideY: 1, strideX: 1 } : uniforms;
  return subgroupEntry(
    v.lanes,
    `
  ${threadPhase(window)}
  let first = tile / u.columnTiles * ${ROWS}u;
  if (first >= u.pixels) { return; }
  let own = tile % u.columnTiles * ${v.lanes}u + lane;
  let block = min(own, u.inBlocks - 1u);
  ${declareSums('vec4f()')}
  ${unroll(loads, (i) => phasePixel(i, `first + ${i * v.lanes}u + lane`))}
  ${openTaps(window)}
    ${phaseTap(window, 'u.outBlocks')}
    ${unroll(loads, (i) => outputAddress(window, i))}
    let row = (tap * u.inBlocks + block) * 4u * u.outBlocks;
    for (var o = 0u; o < steps; o++) {
      ${unroll(loads, (i) => `let a${i} = ${valueInside(v, `dyAt(at${i} + o)`, i)};`)}
      ${transposeColumns((c) => `weightAt(row + ${c}u * u.outBlocks + o)`)}
      ${multiplyRows(v.lanes)}
    }
  ${closeTaps(window)}
  if (own < u.inBlocks) {
    ${writeRows('first', 'u.pixels', (row) => writePixel(v, window, row))}
  }`,
  );
}

/** WGSL: stores row `row`, if the phase has such a pixel. */
function writePixel({ unitStride }: Variant, window: WindowTerms, row: number): string {
  if (unitStride) return `dx[(first + ${row}u) * u.inBlocks + block] = sum${row};`;
  return `${phasePixel('', `first + ${row}u`)}
      ${writePhasePixel(window, '', (index) => `dx[${index}] = sum${row};`)}`;
}
