/**
 * @file The kernels of Winograd's convolution: transforms of filter, patches and products, and the product between them.
 */

import { reads, readsTexels, writes } from '../../buffers.ts';
import { RELU } from '../../float-bits.ts';
import { threadEntry, unroll } from '../../grid.ts';
import { defineKernel } from '../../kernel.ts';
import { uniformsOf } from '../../uniforms.ts';
import { type Epilogue, epilogueOf, withEpilogue } from '../epilogue.ts';
import { declareSums, loadsOf, multiplyRows, ROWS, subgroupEntry, writeRows } from '../subgroup/tile.ts';

/** WGSL: `G g Gᵀ` along one axis: four values of three. */
const TRANSFORM_3 = (a: string, b: string, c: string) => [
  a,
  `(0.5 * (${a} + ${b} + ${c}))`,
  `(0.5 * (${a} - ${b} + ${c}))`,
  c,
];

/** WGSL: `Bᵀ d` along one axis: four values of four. */
const TRANSFORM_4 = (a: string, b: string, c: string, d: string) => [
  `(${a} - ${c})`,
  `(${b} + ${c})`,
  `(${c} - ${b})`,
  `(${b} - ${d})`,
];

/** WGSL: `Aᵀ m` along one axis: two values of four. */
const TRANSFORM_2 = (a: string, b: string, c: string, d: string) => [
  `(${a} + ${b} + ${c})`,
  `(${b} - ${c} - ${d})`,
];

/** The filter's `G g Gᵀ`. */
export const transformWeight = defineKernel({
  name: 'conv2d.winograd.weight',
  buffers: { weight: reads('f32'), transformed: writes('vec4f') },
  uniforms: uniformsOf('u32', 'inBlocks', 'outBlocks'),
  // Row `row` of the product is an input channel; turned, an output channel of the filter.
  divisible: true,
  body: ({ turned }: { turned: boolean }) =>
    threadEntry(`
  let row = thread / u.outBlocks;
  let block = thread % u.outBlocks;
  if (row >= u.inBlocks * 4u) { return; }
  ${unroll(9, (tap) => `let g${tap} = ${turned ? turnedTap(8 - tap) : straightTap(tap)};`)}
  ${unroll(3, (x) =>
    TRANSFORM_3(`g${x}`, `g${3 + x}`, `g${6 + x}`)
      .map((value, y) => `let t${y}${x} = ${value};`)
      .join('\n'),
  )}
  ${unroll(4, (y) =>
    TRANSFORM_3(`t${y}0`, `t${y}1`, `t${y}2`)
      .map(
        (value, x) =>
          `transformed[(${4 * y + x}u * u.inBlocks * 4u + row) * u.outBlocks + block] = ${value};`,
      )
      .join('\n'),
  )}
`),
});

/** WGSL: four output channels of one input channel at a tap. */
function straightTap(tap: number): string {
  const at = (component: number) =>
    `weight[((${tap}u * u.inBlocks * 4u + row) * u.outBlocks + block) * 4u + ${component}u]`;
  return `vec4f(${[0, 1, 2, 3].map(at).join(', ')})`;
}

/** WGSL: four input channels of one output channel at a tap; here the filter's inputs are this pass's outputs. */
function turnedTap(tap: number): string {
  const at = (component: number) =>
    `weight[((${tap}u * u.outBlocks + block) * 4u + ${component}u) * u.inBlocks * 4u + row]`;
  return `vec4f(${[0, 1, 2, 3].map(at).join(', ')})`;
}

/** WGSL: where tile number `tile` lies: in image `image`, at (tileY, tileX). */
const TILE_PLACE = `
  let image = tile / (u.tilesY * u.tilesX);
  let tileY = tile / u.tilesX % u.tilesY;
  let tileX = tile % u.tilesX;`;

/** The patches' `Bᵀ d B`. */
export const transformInput = defineKernel({
  name: 'conv2d.winograd.input',
  buffers: { x: reads('vec4f'), transformed: writes('vec4f') },
  uniforms: uniformsOf('u32', 'tiles', 'tilesY', 'tilesX', 'inHeight', 'inWidth', 'inBlocks'),
  divisible: true,
  body: ({ padTop, padLeft }: { padTop: number; padLeft: number }) =>
    threadEntry(`
  let tile = thread / u.inBlocks;
  let block = thread % u.inBlocks;
  if (tile >= u.tiles) { return; }
  ${TILE_PLACE}
  ${unroll(4, (i) => `let row${i} = u32(i32(tileY * 2u + ${i}u) - ${padTop}); let column${i} = u32(i32(tileX * 2u + ${i}u) - ${padLeft});`)}
  ${unroll(16, (i) => {
    const [y, x] = [Math.floor(i / 4), i % 4];
    return `let inside${i} = row${y} < u.inHeight && column${x} < u.inWidth;
  let at${i} = select(0u, ((image * u.inHeight + row${y}) * u.inWidth + column${x}) * u.inBlocks + block, inside${i});
  let d${y}${x} = select(vec4f(), x[at${i}], inside${i});`;
  })}
  ${unroll(4, (x) =>
    TRANSFORM_4(`d0${x}`, `d1${x}`, `d2${x}`, `d3${x}`)
      .map((value, y) => `let t${y}${x} = ${value};`)
      .join('\n'),
  )}
  ${unroll(4, (y) =>
    TRANSFORM_4(`t${y}0`, `t${y}1`, `t${y}2`, `t${y}3`)
      .map((value, x) => `transformed[(${4 * y + x}u * u.tiles + tile) * u.inBlocks + block] = ${value};`)
      .join('\n'),
  )}
`),
});

/** The sums over channels: a product of matrices for each place in the transformed patch. */
export const multiply = defineKernel({
  name: 'conv2d.winograd.product',
  buffers: { patches: readsTexels('patches'), weight: readsTexels('weight'), products: writes('vec4f') },
  uniforms: uniformsOf('u32', 'tiles', 'columnTiles', 'inBlocks', 'outBlocks'),
  features: ['subgroups'],
  divisible: true,
  body: ({ lanes }: { lanes: number }) =>
    subgroupEntry(
      lanes,
      `
  let place = workgroup.z;
  let first = tile / u.columnTiles * ${ROWS}u;
  if (first >= u.tiles) { return; }
  let column = tile % u.columnTiles * ${lanes}u + lane;
  let block = min(column, u.outBlocks - 1u);
  ${declareSums('vec4f()')}
  ${unroll(loadsOf(lanes), (i) => `let at${i} = (place * u.tiles + min(first + ${i * lanes}u + lane, u.tiles - 1u)) * u.inBlocks;`)}
  var row = place * u.inBlocks * 4u * u.outBlocks + block;
  for (var c = 0u; c < u.inBlocks; c++) {
    ${unroll(loadsOf(lanes), (i) => `let a${i} = patchesAt(at${i} + c);`)}
    ${unroll(4, (step) => `let w${step} = weightAt(row + ${step}u * u.outBlocks);`)}
    row += 4u * u.outBlocks;
    ${multiplyRows(lanes)}
  }
  if (column < u.outBlocks) {
    ${writeRows('first', 'u.tiles', (r) => `products[(place * u.tiles + first + ${r}u) * u.outBlocks + block] = sum${r};`)}
  }`,
    ),
});

/** `Aᵀ m A` of the products, with the epilogue of the other forward kernels. */
export const transformOutput = defineKernel({
  name: 'conv2d.winograd.output',
  buffers: (v: Epilogue) => withEpilogue({ products: reads('vec4f') }, v),
  uniforms: uniformsOf(
    'u32',
    'tiles',
    'tilesY',
    'tilesX',
    'outHeight',
    'outWidth',
    'outChannels',
    'outBlocks',
  ),
  divisible: true,
  uses: [RELU],
  body: (v) => {
    const epilogue = epilogueOf(v);
    return threadEntry(`
  let tile = thread / u.outBlocks;
  let block = thread % u.outBlocks;
  if (tile >= u.tiles) { return; }
  ${TILE_PLACE}
  ${unroll(16, (i) => `let m${Math.floor(i / 4)}${i % 4} = products[(${i}u * u.tiles + tile) * u.outBlocks + block];`)}
  ${unroll(4, (x) =>
    TRANSFORM_2(`m0${x}`, `m1${x}`, `m2${x}`, `m3${x}`)
      .map((value, y) => `let t${y}${x} = ${value};`)
      .join('\n'),
  )}
  ${epilogue.setup}
  let start = ${epilogue.start};
  ${unroll(2, (y) =>
    TRANSFORM_2(`t${y}0`, `t${y}1`, `t${y}2`, `t${y}3`)
      .map(
        (value, x) => `if (tileY * 2u + ${y}u < u.outHeight && tileX * 2u + ${x}u < u.outWidth) {
    let sum = start + ${value};
    let pixel = (image * u.outHeight + tileY * 2u + ${y}u) * u.outWidth + tileX * 2u + ${x}u;
    ${epilogue.write('sum', 'pixel * u.outBlocks + block')}
  }`,
      )
      .join('\n'),
  )}
`);
  },
});
