/**
 * @file Depthwise convolution, gradient with respect to the weight: a thread walks down some strips and adds up the gradient of its
 * block's filter in registers; a pass adds the threads' sums.
 */

import { type Conv2dGeometry, conv2dMultiplyAdds } from '../../../shape/conv2d.ts';
import { CHANNEL_BLOCK } from '../../../shape/layout.ts';
import { reads, writes } from '../../buffers.ts';
import { threadEntry, threadGrid, unroll } from '../../grid.ts';
import { defineKernel } from '../../kernel.ts';
import type { KernelSequence } from '../../sequence.ts';
import type { BackwardWeightBuffers } from '../buffers.ts';
import { withSum } from '../split-k.ts';
import {
  type DepthwiseTarget,
  declareColumns,
  layOut,
  loadPixel,
  openRow,
  STRIP,
  uniformTypes,
  type Variant,
  X,
  Y,
} from './layout.ts';
import { distinct, type Sweep, sweepOf } from './sweep.ts';

type RowLink = Sweep['rows']['links'][number];

const backwardWeightKernel = defineKernel({
  name: 'conv2d.backwardWeight.depthwise',
  buffers: { x: reads('vec4f'), dy: reads('vec4f'), dw: writes('vec4f') },
  uniforms: uniformTypes,
  divisible: true,
  body: weightSweep,
});

/** Gradient with respect to the weight, split over strips. */
export function depthwiseBackwardWeightSequence(
  g: Conv2dGeometry,
  target: DepthwiseTarget,
): KernelSequence<BackwardWeightBuffers> {
  const { variant, uniforms, blocks } = layOut(g, 'forward', target, 1);
  const grid = threadGrid(uniforms.parts * blocks);
  const products = backwardWeightKernel(variant, uniforms, grid, conv2dMultiplyAdds(g));
  return withSum(g, products, uniforms.parts);
}

/** WGSL: the gradient with respect to the weight. Here rows of dy are kept, each until the last row of x it meets. */
function weightSweep(v: Variant): string {
  const { rows, columns, source, units } = sweepOf(v, 'forward', v.units);
  const sourceRows = distinct(rows.links.map((link) => link.source));
  const sourceColumns = distinct(columns.map((link) => link.source));
  const taps = v.kernelHeight * v.kernelWidth;
  const results = v.depthwise ? 1 : CHANNEL_BLOCK;
  const gradients = Array.from({ length: units }, (_, t) => t);
  const products = (row: RowLink, kx: number) => {
    const pairs = columns.filter((link) => link.tap === kx);
    return unroll(results, (c) => {
      const value = (source: number) =>
        v.depthwise ? `v${sourceColumns.indexOf(source)}` : `vec4f(v${sourceColumns.indexOf(source)}[${c}])`;
      const sum = pairs.reduce((rest, { source, target }) => {
        const [a, b] = [value(source), `d${row.target}_${target}`];
        return rest === '' ? `${a} * ${b}` : `fma(${a}, ${b}, ${rest})`;
      }, '');
      return `sum${row.tap * v.kernelWidth + kx}_${c} += ${sum};`;
    });
  };
  return threadEntry(`
  let block = thread % u.inBlocks;
  let part = thread / u.inBlocks;
  if (part >= u.parts) { return; }
  ${unroll(taps * results, (i) => `var sum${Math.floor(i / results)}_${i % results} = vec4f();`)}
  let lastStrip = min((part + 1u) * u.stripsPerPart, u.batch * u.across * u.down);
  for (var strip = part * u.stripsPerPart; strip < lastStrip; strip++) {
    ${STRIP(units)}
    ${declareColumns('column', X, source.x, sourceColumns)}
    ${declareColumns('gradient', Y, 1, gradients)}
    ${unroll(rows.span + 1, (slot) => unroll(units, (t) => `var d${slot}_${t} = vec4f();`))}
    for (var unit = firstRow - ${rows.span}; unit < lastRow; unit++) {
      { ${openRow('gradient', { ...Y, name: 'dy' }, `unit + ${rows.span}`, `unit + ${rows.span} < lastRow`)}
      ${unroll(units, (t) => `d${rows.span}_${t} = ${loadPixel('gradient', { ...Y, name: 'dy' }, t)};`)} }
      ${sourceRows
        .map(
          (r) => `{ ${openRow('column', X, `(unit + ${rows.farthest}) * ${source.y} + ${r}`)}
      ${unroll(sourceColumns.length, (i) => `let v${i} = ${loadPixel('column', X, i)};`)}
      ${rows.links
        .filter((link) => link.source === r)
        .map((row) => unroll(v.kernelWidth, (kx) => products(row, kx)))
        .join('\n')} }`,
        )
        .join('\n')}
      ${unroll(rows.span, (slot) => unroll(units, (t) => `d${slot}_${t} = d${slot + 1}_${t};`))}
    }
  }
  let first = part * ${taps * CHANNEL_BLOCK}u * u.inBlocks + block;
  ${v.depthwise ? `for (var row = 0u; row < ${taps * CHANNEL_BLOCK}u; row++) { dw[first + row * u.inBlocks] = vec4f(); }` : ''}
  ${unroll(taps * results, (i) => `dw[first + ${i * (CHANNEL_BLOCK / results)}u * u.inBlocks] = sum${Math.floor(i / results)}_${i % results};`)}
`);
}
