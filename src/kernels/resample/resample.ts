/**
 * @file What all resampling shares: each output pixel is a weighted mean of input pixels, rows and columns apart.
 *
 *     y[oy, ox] = Σ_iy weight(oy, iy) · Σ_ix weight(ox, ix) · x[iy, ix]
 *
 * Its gradient is the same sum with inputs and outputs in each other's place, gathered, so that nothing is added by several threads.
 * A way of resampling is a piece of WGSL with `axisY()` and `axisX()`, and for each axis `inputsOf(output, axis)` and
 * `outputsOf(input, axis)`, the pixels that belong together as [begin, end), and `weightOf(output, input, axis)`.
 */

import { mapEntry } from '../map-grid.ts';

/** The body of the value: `x` to `y`. */
export const RESAMPLE: string = /* @__PURE__ */ mapEntry(
  'out',
  `
  let rows = inputsOf(at.y, axisY());
  let columns = inputsOf(at.x, axisX());
  var sum = vec4f();
  for (var iy = rows.x; iy < rows.y; iy++) {
    var row = vec4f();
    for (var ix = columns.x; ix < columns.y; ix++) {
      row += weightOf(at.x, ix, axisX()) * x[inIndex(image, iy, ix, block)];
    }
    sum += weightOf(at.y, iy, axisY()) * row;
  }
  y[outIndex(image, at.y, at.x, block)] = sum;`,
);

/** The body of the gradient: `dy` to `dx`. */
export const RESAMPLE_BACKWARD: string = /* @__PURE__ */ mapEntry(
  'in',
  `
  let rows = outputsOf(at.y, axisY());
  let columns = outputsOf(at.x, axisX());
  var sum = vec4f();
  for (var oy = rows.x; oy < rows.y; oy++) {
    var row = vec4f();
    for (var ox = columns.x; ox < columns.y; ox++) {
      row += weightOf(ox, at.x, axisX()) * dy[outIndex(image, oy, ox, block)];
    }
    sum += weightOf(oy, at.y, axisY()) * row;
  }
  dx[inIndex(image, at.y, at.x, block)] = sum;`,
);
