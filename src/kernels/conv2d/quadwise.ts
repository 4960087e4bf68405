/**
 * @file Convolutions in which four output channels depend on four input channels: depthwise ones (a channel on itself)
 * and those with groups of four. There is little to compute on a value once it is loaded, so that loads are what counts:
 * a thread holds the whole filter of its four channels in registers and walks down a strip of the image (quadwise-walk.ts).
 * All three passes; formulas as in the plain kernels.
 */

import { type Conv2dGeometry, conv2dWeightShape } from '../../shape/conv2d.ts';
import { channelQuads, LANES, memorySize } from '../../shape/layout.ts';
import { ceilDivide } from '../../shape/shape.ts';
import { threadEntry, threadGrid, unroll } from '../grid.ts';
import { defineKernel, type KernelPlan, type KernelTarget, reads, writes } from '../kernel.ts';
import {
  type Epilogue,
  epilogueBuffers,
  epilogueFunctions,
  epilogueSetup,
  epilogueStart,
  epilogueWrite,
} from './epilogue.ts';
import { type Direction, distinct, stripsOf, type Walk, walkOf } from './quadwise-walk.ts';
import { type BackwardWeightPlans, withSum } from './split.ts';
import { extents, extentTypes, type WindowConstants, windowConstants } from './window.ts';

interface Variant extends WindowConstants {
  readonly depthwise: boolean;
  /** Units of columns a strip. */
  readonly units: number;
  readonly [constant: string]: number | boolean;
}

/** Loads a step: a software adapter's loads are long code, more of it than the instruction cache holds costs double. */
const MOST_LOADS = 6;
/** vec4 products a step, and vec4 sums that are under way: what compiles fast and fits into registers. */
const MOST_PRODUCTS = 256;
const MOST_SUMS = 32;
/** Threads that keep an adapter busy. */
const ENOUGH_THREADS = { software: 512, hardware: 16384 };

type QuadwiseTarget = Pick<KernelTarget, 'software'>;

/** Whether these kernels serve the convolution: by its channels, and by its window being small enough to be unrolled. */
export function quadwiseFits(g: Conv2dGeometry): boolean {
  const { groups, inChannels, outChannels } = g;
  if (inChannels !== outChannels || (groups !== inChannels && groups * LANES !== inChannels)) return false;
  return (['forward', 'backward'] as const).every((direction) =>
    stepFits(walkOf(g, direction, 1), isDepthwise(g)),
  );
}

function isDepthwise({ groups, inChannels }: Conv2dGeometry): boolean {
  return groups === inChannels;
}

function stepFits({ rows, columns, target, units }: Walk, depthwise: boolean): boolean {
  const products = rows.links.length * columns.length * (depthwise ? 1 : LANES);
  const sums = (rows.span + 1) * target.y * units * target.x;
  return products <= MOST_PRODUCTS && sums <= MOST_SUMS;
}

/** Loads of a step in the direction of the walk. */
function loadsOf({ rows, columns }: Walk): number {
  return (
    distinct(rows.links.map(({ source }) => source)).length *
    distinct(columns.map(({ source }) => source)).length
  );
}

/** The widest strips whose steps fit, as long as a row is not cut into uneven ones; `ownLoads` a unit come in addition. */
function chooseWalk(g: Conv2dGeometry, direction: Direction, width: number, ownLoads: number): Walk {
  const fits = (walk: Walk) =>
    stepFits(walk, isDepthwise(g)) && loadsOf(walk) + ownLoads * walk.units <= MOST_LOADS;
  let most = 1;
  while (most < width && fits(walkOf(g, direction, most + 1))) most++;
  return walkOf(g, direction, ceilDivide(width, ceilDivide(width, most)));
}

const uniformTypes = {
  ...extentTypes,
  outChannels: 'u32',
  across: 'u32',
  down: 'u32',
  rows: 'u32',
  parts: 'u32',
  stripsAPart: 'u32',
} as const;

/** What the plan of every pass consists of. */
function layOut(g: Conv2dGeometry, direction: Direction, { software }: QuadwiseTarget, ownLoads: number) {
  const [height, width] = direction === 'forward' ? [g.outHeight, g.outWidth] : [g.inHeight, g.inWidth];
  const [unitY, unitX] = direction === 'forward' ? [1, 1] : [g.strideY, g.strideX];
  const unitsX = ceilDivide(width, unitX);
  const walk = chooseWalk(g, direction, unitsX, ownLoads);
  const quads = channelQuads(g.inChannels);
  const threads = ENOUGH_THREADS[software ? 'software' : 'hardware'];
  const { across, down, rows } = stripsOf(walk, ceilDivide(height, unitY), unitsX, g.batch * quads, threads);
  const strips = g.batch * across * down;
  const parts = Math.min(strips, ceilDivide(threads, quads));
  const stripsAPart = ceilDivide(strips, parts);
  const variant: Variant = { ...windowConstants(g), depthwise: isDepthwise(g), units: walk.units };
  const sizes = { ...extents(g), groupInQuads: 0, groupOutQuads: 0, outChannels: g.outChannels };
  return {
    variant,
    strips,
    quads,
    uniforms: { ...sizes, across, down, rows, parts: ceilDivide(strips, stripsAPart), stripsAPart },
  };
}

const forwardKernel = defineKernel({
  name: 'conv2d.quadwise.forward',
  buffers: (v: Variant & Epilogue) => ({
    x: reads('vec4f'),
    weight: reads('vec4f'),
    ...epilogueBuffers(v),
    y: writes('vec4f'),
  }),
  uniforms: uniformTypes,
  body: (v) => {
    const walk = walkOf(v, 'forward', v.units);
    const write = (sum: string) => epilogueWrite(v, sum, 'address');
    return `${epilogueFunctions(v)}${threadEntry(`
  ${imageWalk(v, walk, X, Y, `${epilogueSetup(v)} let start = ${epilogueStart(v)};`, write)}`)}`;
  },
});

const backwardInputKernel = defineKernel({
  name: 'conv2d.quadwise.backwardInput',
  buffers: { dy: reads('vec4f'), weight: reads('vec4f'), dx: writes('vec4f') },
  uniforms: uniformTypes,
  body: (v: Variant) => {
    const walk = walkOf(v, 'backward', v.units);
    return threadEntry(
      imageWalk(
        v,
        walk,
        { ...Y, name: 'dy' },
        X,
        'let start = vec4f();',
        (sum) => `dx[address] = ${sum};`,
        true,
      ),
    );
  },
});

const backwardWeightKernel = defineKernel({
  name: 'conv2d.quadwise.backwardWeight',
  buffers: { x: reads('vec4f'), dy: reads('vec4f'), dw: writes('vec4f') },
  uniforms: uniformTypes,
  body: weightWalk,
});

/** Forward. Buffers: x, weight, those of the epilogue, y. */
export function quadwiseForwardPlan(
  g: Conv2dGeometry,
  epilogue: Epilogue,
  target: QuadwiseTarget,
): KernelPlan {
  const { variant, uniforms, strips, quads } = layOut(g, 'forward', target, 0);
  return forwardKernel({ ...variant, ...epilogue }, uniforms, threadGrid(strips * quads));
}

/** Gradient by the input. Buffers: dy, weight, dx. */
export function quadwiseBackwardInputPlan(g: Conv2dGeometry, target: QuadwiseTarget): KernelPlan {
  const { variant, uniforms, strips, quads } = layOut(g, 'backward', target, 0);
  return backwardInputKernel(variant, uniforms, threadGrid(strips * quads));
}

/** Gradient by the weight, split over strips. */
export function quadwiseBackwardWeightPlans(g: Conv2dGeometry, target: QuadwiseTarget): BackwardWeightPlans {
  const { variant, uniforms, quads } = layOut(g, 'forward', target, 1);
  const products = backwardWeightKernel(variant, uniforms, threadGrid(uniforms.parts * quads));
  return withSum(products, uniforms.parts, memorySize(conv2dWeightShape(g), 'filter') / 4);
}

/** A side of the convolution, in WGSL: the buffer and its extents. */
interface Side {
  readonly name: string;
  readonly height: string;
  readonly width: string;
}

const X: Side = { name: 'x', height: 'u.inHeight', width: 'u.inWidth' };
const Y: Side = { name: 'y', height: 'u.outHeight', width: 'u.outWidth' };

/** WGSL: where strip number `strip` lies: `image`, its first unit of rows and of columns. */
const STRIP = (units: number) => `let unitX = strip % u.across * ${units}u;
  let firstRow = i32(strip / u.across % u.down * u.rows);
  let lastRow = firstRow + i32(u.rows);
  let image = strip / (u.across * u.down);`;

/** WGSL: the columns of a side that `offsets` lead to, `{prefix}{i}`, and whether the image has them. */
function declareColumns(prefix: string, { width }: Side, unit: number, offsets: readonly number[]): string {
  return unroll(
    offsets.length,
    (i) => `let ${prefix}${i} = u32(i32(unitX * ${unit}u) + ${offsets[i]});
  let ${prefix}Inside${i} = ${prefix}${i} < ${width};`,
  );
}

/** WGSL: the value of a side at its column number `i`, zero outside; `row` is its `{prefix}Row`. */
function loadPixel(prefix: string, { name }: Side, i: number): string {
  const inside = `${prefix}InRow && ${prefix}Inside${i}`;
  return `select(vec4f(), ${name}[select(0u, (${prefix}Start + ${prefix}${i}) * u.inQuads + quad, ${inside})], ${inside})`;
}

/** WGSL: what {@link loadPixel} needs about row `row`. */
function openRow(prefix: string, { height, width }: Side, row: string, exists = 'true'): string {
  return `let ${prefix}Row = u32(${row});
    let ${prefix}InRow = ${prefix}Row < ${height} && ${exists};
    let ${prefix}Start = (image * ${height} + ${prefix}Row) * ${width};`;
}

/** WGSL: forward and the gradient by the input. `write(sum)` sees `address`. */
function imageWalk(
  v: Variant,
  { rows, columns, source, target, units }: Walk,
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
  let quad = thread % u.inQuads;
  let strip = thread / u.inQuads;
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
          let address = ((image * ${to.height} + row) * ${to.width} + unitX * ${target.x}u + ${t}u) * u.inQuads + quad;
          ${write(`sum${e}_${t}`)} }`,
        )}
      } }`,
      )}
    }
    ${unroll(slots, (slot) => sumsOf(slot)((t) => `sum$_${t} = ${slot + target.y < slots ? `sum${slot + target.y}_${t}` : 'start'};`))}
  }
`;
}

/** WGSL: the weights of a tap for the thread's quad. */
function declareWeight({ depthwise }: Variant, tap: number): string {
  if (depthwise) return `let w${tap} = weight[${tap * LANES}u * u.inQuads + quad];`;
  return unroll(LANES, (c) => `let w${tap}_${c} = weight[${tap * LANES + c}u * u.inQuads + quad];`);
}

/** WGSL: adds the product of `v` and a tap to `sum`. */
function accumulate({ depthwise }: Variant, transposed: boolean, sum: string, tap: number): string {
  const w = `w${tap}`;
  if (depthwise) return `${sum} = fma(v, ${w}, ${sum});`;
  if (transposed) return `${sum} += vec4f(dot(v, ${w}_0), dot(v, ${w}_1), dot(v, ${w}_2), dot(v, ${w}_3));`;
  return `${sum} += fma(vec4f(v.x), ${w}_0, fma(vec4f(v.y), ${w}_1, fma(vec4f(v.z), ${w}_2, v.w * ${w}_3)));`;
}

/** WGSL: the gradient by the weight. Here rows of dy are kept, each until the last row of x it meets. */
function weightWalk(v: Variant): string {
  const { rows, columns, source, units } = walkOf(v, 'forward', v.units);
  const sourceRows = distinct(rows.links.map((link) => link.source));
  const sourceColumns = distinct(columns.map((link) => link.source));
  const taps = v.kernelHeight * v.kernelWidth;
  const results = v.depthwise ? 1 : LANES;
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
  let quad = thread % u.inQuads;
  let part = thread / u.inQuads;
  if (part >= u.parts) { return; }
  ${unroll(taps * results, (i) => `var sum${Math.floor(i / results)}_${i % results} = vec4f();`)}
  let lastStrip = min((part + 1u) * u.stripsAPart, u.batch * u.across * u.down);
  for (var strip = part * u.stripsAPart; strip < lastStrip; strip++) {
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
  let first = part * ${taps * LANES}u * u.inQuads + quad;
  ${v.depthwise ? `for (var row = 0u; row < ${taps * LANES}u; row++) { dw[first + row * u.inQuads] = vec4f(); }` : ''}
  ${unroll(taps * results, (i) => `dw[first + ${i * (LANES / results)}u * u.inQuads] = sum${Math.floor(i / results)}_${i % results};`)}
`);
}

type RowLink = Walk['rows']['links'][number];
