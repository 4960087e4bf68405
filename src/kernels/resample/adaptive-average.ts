/**
 * @file Averages over windows that divide a channels-last map as evenly as can be, forward and backward.
 *
 * Output o of O takes the inputs from ⌊o · I / O⌋ to before ⌈(o + 1) · I / O⌉ of I (PyTorch, AdaptivePooling.h); so the outputs of
 * input i are those from ⌊i · O / I⌋ to before ⌈(i + 1) · O / I⌉.
 */

import type { MapSizes } from '../../shape/maps.ts';
import { checkIndexable } from '../../shape/shape.ts';
import { type BuffersOf, reads, writes } from '../buffers.ts';
import { defineKernel } from '../kernel.ts';
import { inputGrid, MAP_INDEXES, mapUniforms, mapValues, outputGrid } from '../map-grid.ts';
import type { KernelPlan } from '../plan.ts';
import { piece } from '../wgsl.ts';
import { RESAMPLE, RESAMPLE_BACKWARD } from './resample.ts';

/** A thread loops over a window of at most so many pixels by itself. */
const LARGEST_WINDOW = 64;

const WINDOWS = /* @__PURE__ */ piece(
  `
struct Axis { inputs: i32, outputs: i32 }
fn axisY() -> Axis { return Axis(u.inHeight, u.outHeight); }
fn axisX() -> Axis { return Axis(u.inWidth, u.outWidth); }
/** The pixels among \`others\` that pixel \`i\` of \`all\` covers, in part at least. */
fn windowOf(i: i32, all: i32, others: i32) -> vec2i {
  return vec2i(i * others / all, ((i + 1) * others + all - 1) / all);
}
fn inputsOf(output: i32, axis: Axis) -> vec2i { return windowOf(output, axis.outputs, axis.inputs); }
fn outputsOf(input: i32, axis: Axis) -> vec2i { return windowOf(input, axis.inputs, axis.outputs); }
fn weightOf(output: i32, input: i32, axis: Axis) -> f32 {
  let inputs = inputsOf(output, axis);
  return 1.0 / f32(inputs.y - inputs.x);
}`,
  [MAP_INDEXES],
);

const forward = /* @__PURE__ */ defineKernel({
  name: 'adaptiveAvgPool2d.forward',
  buffers: { x: reads('vec4f'), y: writes('vec4f') },
  uniforms: mapUniforms,
  divisible: true,
  uses: [WINDOWS],
  body: () => RESAMPLE,
});

const backward = /* @__PURE__ */ defineKernel({
  name: 'adaptiveAvgPool2d.backward',
  buffers: { dy: reads('vec4f'), dx: writes('vec4f') },
  uniforms: mapUniforms,
  divisible: true,
  uses: [WINDOWS],
  body: () => RESAMPLE_BACKWARD,
});

/**
 * The poolings to run one after the other, in place of one: two for large windows, along rows and along columns, because a
 * thread would loop long over a square one.
 */
export function adaptiveStages<G extends MapSizes>(g: G): readonly G[] {
  const pixels = Math.ceil(g.inHeight / g.outHeight) * Math.ceil(g.inWidth / g.outWidth);
  const isLine = g.inHeight === g.outHeight || g.inWidth === g.outWidth;
  if (pixels <= LARGEST_WINDOW || isLine) return [g];
  return [
    { ...g, outHeight: g.inHeight },
    { ...g, inWidth: g.outWidth },
  ];
}

function valuesOf(g: MapSizes): Record<keyof typeof mapUniforms, number> {
  checkIndexable((g.inHeight + 1) * (g.outHeight + 1), 'a window of adaptiveAvgPool2d');
  checkIndexable((g.inWidth + 1) * (g.outWidth + 1), 'a window of adaptiveAvgPool2d');
  return mapValues('adaptiveAvgPool2d', g);
}

/** The average of each window. */
export function adaptiveAvgPool2dPlan(g: MapSizes): KernelPlan<BuffersOf<'x' | 'y'>> {
  return forward({}, valuesOf(g), outputGrid('adaptiveAvgPool2d', g));
}

/** dx of {@link adaptiveAvgPool2dPlan}. */
export function adaptiveAvgPool2dBackwardPlan(g: MapSizes): KernelPlan<BuffersOf<'dy' | 'dx'>> {
  return backward({}, valuesOf(g), inputGrid('adaptiveAvgPool2d', g));
}
