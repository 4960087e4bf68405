/**
 * @file Winograd's F(2×2, 3×3): a 3×3 convolution of stride 1 with 16 products for four outputs instead of 36.
 *
 *     Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A
 *
 * A. Lavin and S. Gray, "Fast algorithms for convolutional neural networks", CVPR 2016. Outputs are taken in tiles of
 * 2×2, each from a patch d of 4×4 inputs. The sums over channels are 16 products of matrices, one for each place in
 * the transformed patch. The gradient with respect to the input is the same convolution with the filter turned by 180° and its
 * channels exchanged. Results differ from the direct kernels' by rounding; see bench/NOTES.md for how much.
 */

import type { Conv2dGeometry } from '../../shape/conv2d.ts';
import { channelBlocks } from '../../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../../shape/shape.ts';
import { reads, readsTexels, writes } from '../buffers.ts';
import { RELU } from '../float-bits.ts';
import { threadEntry, threadGrid, unroll } from '../grid.ts';
import { defineKernel } from '../kernel.ts';
import { type KernelSequence, sequenceOf } from '../sequence.ts';
import { uniformsOf } from '../uniforms.ts';
import type { BackwardInputBuffers, ForwardBuffers } from './buffers.ts';
import { type Epilogue, epilogueOf, withEpilogue } from './epilogue.ts';
import { declareSums, loadsOf, multiplyRows, ROWS, subgroupEntry, writeRows } from './subgroup/tile.ts';

/** Places in a transformed patch. */
const PLACES = 16;

/** Whether a convolution is one that Winograd's tiles serve. */
export function winogradFits(g: Conv2dGeometry): boolean {
  const { kernelHeight, kernelWidth, strideY, strideX, dilationY, dilationX, groups, padTop, padLeft } = g;
  const ones = [strideY, strideX, dilationY, dilationX, groups].every((value) => value === 1);
  return kernelHeight === 3 && kernelWidth === 3 && ones && padTop <= 2 && padLeft <= 2;
}

/**
 * What the transforms cost on software adapters, in multiply-adds of the product, measured on lavapipe: per patch of an input
 * channel block, per tile of an output channel block, and per channel block of the filter.
 */
const PATCH_COST = 2000;
const TILE_COST = 1250;
const FILTER_COST = 1500;
/** What its three more dispatches cost, in the same unit. */
const DISPATCHES_COST = 6e6;
/** The predicted share of the direct kernel's time below which Winograd's wins in fact. */
const WORTHWHILE = 0.73;
/** Of each scratch buffer between the dispatches: larger ones are avoided by doing fewer images at a time. */
const MOST_SCRATCH_BYTES = 64 * 2 ** 20;

/**
 * Whether Winograd's kernels are likely to be faster on a software adapter than direct ones by subgroups: where there
 * are tiles enough to pay for the transform of the weight, and channels enough to pay for those of the map.
 */
export function winogradPays(g: Conv2dGeometry): boolean {
  if (!winogradFits(g)) return false;
  const wholeRows = (rows: number) => ceilDivide(rows, ROWS) * ROWS;
  const products = g.inChannels * g.outChannels;
  const tiles = g.batch * ceilDivide(g.outHeight, 2) * ceilDivide(g.outWidth, 2);
  const direct = 9 * wholeRows(g.batch * g.outHeight * g.outWidth) * products;
  const transforms =
    tiles * (channelBlocks(g.inChannels) * PATCH_COST + channelBlocks(g.outChannels) * TILE_COST) +
    (products / 4) * FILTER_COST +
    DISPATCHES_COST;
  return PLACES * wholeRows(tiles) * products + transforms < WORTHWHILE * direct;
}

/** What the transforms see: `from` is read, `to` is written, `from` begins `pad` pixels after the first patch. */
interface Correlation {
  readonly batch: number;
  readonly from: { readonly channels: number; readonly height: number; readonly width: number };
  readonly to: { readonly channels: number; readonly height: number; readonly width: number };
  readonly padTop: number;
  readonly padLeft: number;
  readonly turned: boolean;
}

const NO_EPILOGUE: Epilogue = { bias: false, norm: false, residual: false, relu: false };

/** Forward, by subgroups of `lanes`. The epilogue is that of the other forward kernels. */
export function winogradForwardSequence(
  g: Conv2dGeometry,
  lanes: number,
  epilogue: Epilogue,
): KernelSequence<ForwardBuffers> {
  return sequence(forwardCorrelation(g), lanes, epilogue, { x: 'x', y: 'y' });
}

/** The gradient with respect to the input, by subgroups of `lanes`. */
export function winogradBackwardInputSequence(
  g: Conv2dGeometry,
  lanes: number,
): KernelSequence<BackwardInputBuffers> {
  return sequence(backwardInputCorrelation(g), lanes, NO_EPILOGUE, { x: 'dy', y: 'dx' });
}

/** How many images at a time keep the scratch buffers at {@link MOST_SCRATCH_BYTES}. */
export function winogradImages(pass: 'forward' | 'backwardInput', g: Conv2dGeometry): number {
  const one = { ...g, batch: 1 };
  const { patches, products } = scratchOf(
    pass === 'forward' ? forwardCorrelation(one) : backwardInputCorrelation(one),
  );
  return Math.max(1, Math.floor(MOST_SCRATCH_BYTES / 4 / Math.max(patches, products)));
}

function forwardCorrelation({ batch, padTop, padLeft, ...g }: Conv2dGeometry): Correlation {
  const from = { channels: g.inChannels, height: g.inHeight, width: g.inWidth };
  const to = { channels: g.outChannels, height: g.outHeight, width: g.outWidth };
  return { batch, from, to, padTop, padLeft, turned: false };
}

function backwardInputCorrelation(g: Conv2dGeometry): Correlation {
  const { from: to, to: from } = forwardCorrelation(g);
  return { batch: g.batch, from, to, padTop: 2 - g.padTop, padLeft: 2 - g.padLeft, turned: true };
}

function gridOf({ batch, to }: Correlation) {
  const tilesY = ceilDivide(to.height, 2);
  const tilesX = ceilDivide(to.width, 2);
  return { tiles: batch * tilesY * tilesX, tilesY, tilesX };
}

function scratchOf(map: Correlation) {
  const [inBlocks, outBlocks] = [channelBlocks(map.from.channels), channelBlocks(map.to.channels)];
  const { tiles } = gridOf(map);
  return {
    transformedWeight: PLACES * inBlocks * 4 * outBlocks * 4,
    patches: PLACES * tiles * inBlocks * 4,
    products: PLACES * tiles * outBlocks * 4,
  };
}

function sequence<B>(
  map: Correlation,
  lanes: number,
  epilogue: Epilogue,
  { x, y }: { readonly x: string; readonly y: string },
): KernelSequence<B> {
  const { from, to, padTop, padLeft, turned } = map;
  const [inBlocks, outBlocks] = [channelBlocks(from.channels), channelBlocks(to.channels)];
  const grid = gridOf(map);
  const { tiles } = grid;
  const scratch = scratchOf(map);
  for (const size of Object.values(scratch)) checkIndexable(size, "a buffer of Winograd's convolution");
  const columnTiles = ceilDivide(outBlocks, lanes);
  const weightPlan = transformWeight(
    { turned },
    { inBlocks, outBlocks },
    threadGrid(inBlocks * 4 * outBlocks),
  );
  const inputPlan = transformInput(
    { padTop, padLeft },
    { ...grid, inHeight: from.height, inWidth: from.width, inBlocks },
    threadGrid(tiles * inBlocks),
  );
  const productPlan = multiply(
    { lanes },
    { tiles, columnTiles, inBlocks, outBlocks },
    [columnTiles, ceilDivide(tiles, ROWS), PLACES],
    PLACES * tiles * from.channels * to.channels,
  );
  const outputPlan = transformOutput(
    { ...epilogue },
    { ...grid, outHeight: to.height, outWidth: to.width, outChannels: to.channels, outBlocks },
    threadGrid(tiles * outBlocks),
  );
  return sequenceOf(
    scratch,
    [
      { plan: inputPlan, rename: { x, transformed: 'patches' } },
      { plan: productPlan, rename: { weight: 'transformedWeight' }, frees: 'patches' },
      { plan: outputPlan, rename: { y } },
    ],
    [{ plan: weightPlan, rename: { transformed: 'transformedWeight' } }],
  );
}

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

const transformWeight = defineKernel({
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

const transformInput = defineKernel({
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

const multiply = defineKernel({
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

const transformOutput = defineKernel({
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
