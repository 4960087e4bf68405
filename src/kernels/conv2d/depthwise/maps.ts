/**
 * @file Depthwise convolution, forward and gradient with respect to the input: a step of the sweep loads the pixels of a row and adds
 * their products to the results under way.
 */

import { type Conv2dGeometry, conv2dMultiplyAdds } from '../../../shape/conv2d.ts';
import { CHANNEL_BLOCK } from '../../../shape/layout.ts';
import { reads, writes } from '../../buffers.ts';
import { RELU } from '../../float-bits.ts';
import { threadEntry, threadGrid, unroll } from '../../grid.ts';
import { defineKernel } from '../../kernel.ts';
import { type Epilogue, epilogueOf, withEpilogue } from '../epilogue.ts';
import {
  type DepthwiseTarget,
  declareColumns,
  layOut,
  loadPixel,
  openRow,
  type Side,
  STRIP,
  uniformTypes,
  type Variant,
  X,
  Y,
} from './layout.ts';
import { distinct, type Sweep, sweepOf } from './sweep.ts';

const forwardKernel = defineKernel({
  name: 'conv2d.forward.depthwise',
  buffers: (v: Variant & Epilogue) => withEpilogue({ x: reads('vec4f'), weight: reads('vec4f') }, v),
  uniforms: uniformTypes,
  divisible: true,
  uses: [RELU],
  body: (v) => {
    const { setup, start, write } = epilogueOf(v);
    const sweep = sweepOf(v, 'forward', v.units);
    return threadEntry(
      imageSweep(v, sweep, X, Y, `${setup} let start = ${start};`, (sum) => write(sum, 'address')),
    );
  },
});

const backwardInputKernel = defineKernel({
  name: 'conv2d.backwardInput.depthwise',
  buffers: { dy: reads('vec4f'), weight: reads('vec4f'), dx: writes('vec4f') },
  uniforms: uniformTypes,
  divisible: true,
  body: (v: Variant) => {
    const sweep = sweepOf(v, 'backward', v.units);
    return threadEntry(
      imageSweep(
        v,
        sweep,
        { ...Y, name: 'dy' },
        X,
        'let start = vec4f();',
        (sum) => `dx[address] = ${sum};`,
        true,
      ),
    );
  },
});

/** Forward. */
export function depthwiseForwardPlan(g: Conv2dGeometry, epilogue: Epilogue, target: DepthwiseTarget) {
  const { variant, uniforms, strips, blocks } = layOut(g, 'forward', target, 0);
  const grid = threadGrid(strips * blocks);
  return forwardKernel({ ...variant, ...epilogue }, uniforms, grid, conv2dMultiplyAdds(g));
}

/** The gradient with respect to the input. */
export function depthwiseBackwardInputPlan(g: Conv2dGeometry, target: DepthwiseTarget) {
  const { variant, uniforms, strips, blocks } = layOut(g, 'backward', target, 0);
  return backwardInputKernel(variant, uniforms, threadGrid(strips * blocks), conv2dMultiplyAdds(g));
}

/** WGSL: forward and the gradient with respect to the input. `write(sum)` sees `address`. */
function imageSweep(
  v: Variant,
  { rows, columns, source, target, units }: Sweep,
  from: Side,
  to: Side,
  setup: string,
  write: (sum: string) => string,
  transposed = false,
): string {
  const sourceRows = distinct(rows.links.map((link) => link.source));
  const sourceColumns = distinct(columns.map((link) => link.source));
  const width = units * target.x;
  const slots = (rows.span + 1) * target.y;
  const sumsOf = (slot: number) => (make: (column: number) => string) =>
    unroll(width, make).replaceAll('$', `${slot}`);
  return `
  let block = thread % u.inBlocks;
  let strip = thread / u.inBlocks;
  ${STRIP(units)}
  if (image >= u.batch) { return; }
  ${setup}
  ${unroll(v.kernelHeight * v.kernelWidth, (tap) => declareWeight(v, tap))}
  ${declareColumns('column', from, source.x, sourceColumns)}
  ${unroll(slots, (slot) => sumsOf(slot)((t) => `var sum$_${t} = start;`))}
  for (var unit = firstRow - ${rows.span}; unit < lastRow; unit++) {
    ${sourceRows
      .map(
        (r) => `{ ${openRow('column', from, `(unit + ${rows.farthest}) * ${source.y} + ${r}`)}
    ${unroll(
      sourceColumns.length,
      (i) => `{ let v = ${loadPixel('column', from, i)};
      ${rows.links
        .filter((link) => link.source === r)
        .flatMap((row) =>
          columns
            .filter((link) => link.source === sourceColumns[i])
            .map((column) =>
              accumulate(
                v,
                transposed,
                `sum${row.target}_${column.target}`,
                row.tap * v.kernelWidth + column.tap,
              ),
            ),
        )
        .join('\n')} }`,
    )} }`,
      )
      .join('\n')}
    if (unit >= firstRow) {
      ${unroll(
        target.y,
        (e) => `{ let row = u32(unit) * ${target.y}u + ${e}u;
      if (row < ${to.height}) {
        ${unroll(
          width,
          (t) => `if (unitX * ${target.x}u + ${t}u < ${to.width}) {
          let address = ((image * ${to.height} + row) * ${to.width} + unitX * ${target.x}u + ${t}u) * u.inBlocks + block;
          ${write(`sum${e}_${t}`)} }`,
        )}
      } }`,
      )}
    }
    ${unroll(slots, (slot) => sumsOf(slot)((t) => `sum$_${t} = ${slot + target.y < slots ? `sum${slot + target.y}_${t}` : 'start'};`))}
  }
`;
}

/** WGSL: the weights of a tap for the thread's block. */
function declareWeight({ depthwise }: Variant, tap: number): string {
  if (depthwise) return `let w${tap} = weight[${tap * CHANNEL_BLOCK}u * u.inBlocks + block];`;
  return unroll(
    CHANNEL_BLOCK,
    (c) => `let w${tap}_${c} = weight[${tap * CHANNEL_BLOCK + c}u * u.inBlocks + block];`,
  );
}

/** WGSL: adds the product of `v` and a tap to `sum`. */
function accumulate({ depthwise }: Variant, transposed: boolean, sum: string, tap: number): string {
  const w = `w${tap}`;
  if (depthwise) return `${sum} = fma(v, ${w}, ${sum});`;
  if (transposed) return `${sum} += vec4f(dot(v, ${w}_0), dot(v, ${w}_1), dot(v, ${w}_2), dot(v, ${w}_3));`;
  return `${sum} += fma(vec4f(v.x), ${w}_0, fma(vec4f(v.y), ${w}_1, fma(vec4f(v.z), ${w}_2, v.w * ${w}_3)));`;
}
