/**
 * @file Resizing of channels-last maps to the nearest pixel or bilinearly, forward and backward.
 *
 * Output o sees the place `max((o + shift) · step − shift, 0)`: the nearest pixel is the one at or before it, and bilinearly it is
 * shared by that one and the next (PyTorch, aten/src/ATen/native/UpSample.h). The places are in order, so that the outputs of an
 * input are a run of neighbours. Where it begins is searched for from a little before the place that rounded numbers give.
 */

import type { UpsampleGeometry } from '../../shape/upsample.ts';
import { type BuffersOf, reads, writes } from '../buffers.ts';
import { defineKernel } from '../kernel.ts';
import { inputGrid, MAP_INDEXES, mapUniforms, mapValues, outputGrid } from '../map-grid.ts';
import type { KernelPlan } from '../plan.ts';
import { uniformsOf } from '../uniforms.ts';
import { type Piece, piece } from '../wgsl.ts';
import { RESAMPLE, RESAMPLE_BACKWARD } from './resample.ts';

type Mode = UpsampleGeometry['mode'];

const PLACES = /* @__PURE__ */ piece(
  `
struct Axis { inputs: i32, outputs: i32, step: f32, inverseStep: f32 }
fn axisY() -> Axis { return Axis(u.inHeight, u.outHeight, u.stepY, u.inverseStepY); }
fn axisX() -> Axis { return Axis(u.inWidth, u.outWidth, u.stepX, u.inverseStepX); }
fn placeOf(output: i32, axis: Axis) -> f32 { return (f32(output) + u.shift) * axis.step - u.shift; }
/** The pixel at or before the place of an output; the first one for places before it, which are nearer than 1. */
fn nearOf(output: i32, axis: Axis) -> i32 { return min(i32(placeOf(output, axis)), axis.inputs - 1); }
/** The first output whose near pixel is \`input\` or one after it. */
fn firstOutput(input: i32, axis: Axis) -> i32 {
  if (input <= 0) { return 0; }
  let place = (f32(input) + u.shift) * axis.inverseStep - u.shift;
  var output = i32(clamp(place * 0.999999 - 1.0, 0.0, f32(axis.outputs)));
  while (output < axis.outputs && nearOf(output, axis) < input) { output++; }
  return output;
}`,
  [MAP_INDEXES],
);

const PIXELS: Record<Mode, Piece> = {
  nearest: /* @__PURE__ */ piece(
    `
fn inputsOf(output: i32, axis: Axis) -> vec2i {
  let near = nearOf(output, axis);
  return vec2i(near, near + 1);
}
fn outputsOf(input: i32, axis: Axis) -> vec2i {
  return vec2i(firstOutput(input, axis), firstOutput(input + 1, axis));
}
fn weightOf(output: i32, input: i32, axis: Axis) -> f32 { return 1.0; }`,
    [PLACES],
  ),
  bilinear: /* @__PURE__ */ piece(
    `
/** The weight of the pixel after the near one; none beyond the last. */
fn shareOfNext(output: i32, near: i32, axis: Axis) -> f32 {
  return select(clamp(placeOf(output, axis) - f32(near), 0.0, 1.0), 0.0, near == axis.inputs - 1);
}
fn inputsOf(output: i32, axis: Axis) -> vec2i {
  let near = nearOf(output, axis);
  return vec2i(near, near + select(1, 2, shareOfNext(output, near, axis) > 0.0));
}
fn outputsOf(input: i32, axis: Axis) -> vec2i {
  return vec2i(firstOutput(input - 1, axis), firstOutput(input + 1, axis));
}
fn weightOf(output: i32, input: i32, axis: Axis) -> f32 {
  let near = nearOf(output, axis);
  let share = shareOfNext(output, near, axis);
  return select(share, 1.0 - share, input == near);
}`,
    [PLACES],
  ),
};

const uniforms = {
  ...mapUniforms,
  ...uniformsOf('f32', 'stepY', 'stepX', 'inverseStepY', 'inverseStepX', 'shift'),
};

const forward = /* @__PURE__ */ defineKernel({
  name: 'upsample.forward',
  buffers: { x: reads('vec4f'), y: writes('vec4f') },
  uniforms,
  divisible: true,
  uses: ({ mode }: { mode: Mode }) => [PIXELS[mode]],
  body: () => RESAMPLE,
});

const backward = /* @__PURE__ */ defineKernel({
  name: 'upsample.backward',
  buffers: { dy: reads('vec4f'), dx: writes('vec4f') },
  uniforms,
  divisible: true,
  uses: ({ mode }: { mode: Mode }) => [PIXELS[mode]],
  body: () => RESAMPLE_BACKWARD,
});

function valuesOf(g: UpsampleGeometry): Record<keyof typeof uniforms, number> {
  const { stepY, stepX, shift } = g;
  // With a step of 0 all outputs see the first pixel, and any guess is corrected.
  const inverse = (step: number) => (step === 0 ? 0 : 1 / step);
  return {
    ...mapValues('upsample', g),
    ...{ stepY, stepX, inverseStepY: inverse(stepY), inverseStepX: inverse(stepX), shift },
  };
}

/** The resized maps. */
export function upsamplePlan(g: UpsampleGeometry): KernelPlan<BuffersOf<'x' | 'y'>> {
  return forward({ mode: g.mode }, valuesOf(g), outputGrid('upsample', g));
}

/** dx of {@link upsamplePlan}. */
export function upsampleBackwardPlan(g: UpsampleGeometry): KernelPlan<BuffersOf<'dy' | 'dx'>> {
  return backward({ mode: g.mode }, valuesOf(g), inputGrid('upsample', g));
}
