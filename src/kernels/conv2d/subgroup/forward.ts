/**
 * @file Convolution, forward, by subgroups: a lane loads a pixel's channels, all lanes multiply by them.
 * The formula is that of `plain/forward.ts`.
 */

import { type Conv2dGeometry, conv2dMultiplyAdds, isPointwise } from '../../../shape/conv2d.ts';
import { ceilDivide } from '../../../shape/shape.ts';
import { readsTexels } from '../../buffers.ts';
import { RELU } from '../../float-bits.ts';
import { unroll, workgroupGrid } from '../../grid.ts';
import { defineKernel } from '../../kernel.ts';
import { type Epilogue, epilogueOf, withEpilogue } from '../epilogue.ts';
import {
  closeTaps,
  extents,
  extentTypes,
  inputAddress,
  openTaps,
  outputPixels,
  uniformWindow,
  valueInside,
  windowOrigin,
  windowTypes,
  windowUniforms,
} from '../window.ts';
import { declareSums, loadsOf, multiplyRows, ROWS, subgroupEntry, writeRows } from './tile.ts';

interface Variant extends Epilogue {
  readonly lanes: number;
  readonly pointwise: boolean;
  /** The input is one channel block, as images are: there is no loop over them. */
  readonly oneBlock: boolean;
}

const kernel = defineKernel({
  name: 'conv2d.forward.subgroup',
  buffers: (v: Variant) => withEpilogue({ x: readsTexels('x'), weight: readsTexels('weight') }, v),
  uniforms: { pixels: 'u32', columnTiles: 'u32', outChannels: 'u32', ...extentTypes, ...windowTypes },
  features: ['subgroups'],
  uses: [RELU],
  divisible: true,
  body,
});

/** Forward. Without groups. */
export function subgroupForwardPlan(g: Conv2dGeometry, lanes: number, epilogue: Epilogue) {
  const pixels = outputPixels(g);
  const sizes = extents(g);
  const columnTiles = ceilDivide(sizes.outBlocks, lanes);
  return kernel(
    { pointwise: isPointwise(g), lanes, oneBlock: sizes.inBlocks === 1, ...epilogue },
    Object.assign({ pixels, columnTiles, outChannels: g.outChannels }, sizes, windowUniforms(g)),
    workgroupGrid(ceilDivide(pixels, ROWS) * columnTiles, lanes),
    conv2dMultiplyAdds(g),
  );
}

function body(v: Variant): string {
  const loads = loadsOf(v.lanes);
  const window = uniformWindow(v.pointwise);
  const epilogue = epilogueOf(v);
  return subgroupEntry(
    v.lanes,
    `
  let first = tile / u.columnTiles * ${ROWS}u;
  if (first >= u.pixels) { return; }
  let column = tile % u.columnTiles * ${v.lanes}u + lane;
  let block = min(column, u.outBlocks - 1u);
  ${declareSums(epilogue.start)}
  ${unroll(loads, (i) => `let pixel${i} = min(first + ${i * v.lanes}u + lane, u.pixels - 1u); ${windowOrigin(window, i)}`)}
  ${openTaps(window)}
    ${unroll(loads, (i) => inputAddress(window, i))}
    var row = tap * u.inBlocks * 4u * u.outBlocks + block;
    ${v.oneBlock ? 'const c = 0u; {' : 'for (var c = 0u; c < u.inBlocks; c++) {'}
      ${unroll(loads, (i) => `let a${i} = ${valueInside(v, `xAt(at${i} + c)`, i)};`)}
      ${unroll(4, (step) => `let w${step} = weightAt(row + ${step}u * u.outBlocks);`)}
      row += 4u * u.outBlocks;
      ${multiplyRows(v.lanes)}
    }
  ${closeTaps(window)}
  if (column < u.outBlocks) {
    ${epilogue.setup}
    ${writeRows('first', 'u.pixels', (row) => epilogue.write(`sum${row}`, `(first + ${row}u) * u.outBlocks + block`))}
  }`,
  );
}
