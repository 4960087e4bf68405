/**
 * @file Resizing and adaptive averages in float64: each output is a sum of inputs with weights, rows and columns apart.
 *
 *     y[n, c, i, j] = Σ_{u, v} rows[i][u] · columns[j][v] · x[n, c, u, v]
 *
 * The rules of PyTorch 2.13, of which those for `nearest` are in float32 there: a place on the border of two pixels falls to one of
 * them by its rounding.
 */

import { assertShape, type NdArray, shape4, zeros } from './array.ts';

/** For each output along an axis its inputs, with their weights. */
export type Taps = readonly (readonly { readonly input: number; readonly weight: number }[])[];

const outputs = <T>(count: number, make: (output: number) => T): T[] =>
  Array.from({ length: count }, (_, output) => make(output));

/** Output i is input ⌊i · step⌋, the step being that of the scale that was asked for, but for sizes that are equal or double. */
export function nearestTaps(from: number, to: number, scale = to / from): Taps {
  const step = Math.fround(to === from || to === 2 * from ? from / to : 1 / scale);
  return outputs(to, (i) => [{ input: Math.min(Math.floor(Math.fround(i * step)), from - 1), weight: 1 }]);
}

/** Output i lies between two inputs: at (i + 1/2) · step − 1/2, but not before the first, or at i · (from − 1) / (to − 1). */
export function bilinearTaps(from: number, to: number, alignCorners: boolean, scale = to / from): Taps {
  const step = from === to ? 1 : 1 / scale;
  return outputs(to, (i) => {
    const place = alignCorners ? (i * (from - 1)) / Math.max(1, to - 1) : Math.max(0, (i + 0.5) * step - 0.5);
    const near = Math.min(Math.floor(place), from - 1);
    const share = Math.min(place - near, 1);
    return [
      { input: near, weight: 1 - share },
      { input: Math.min(near + 1, from - 1), weight: share },
    ];
  });
}

/** Output i is the mean of the inputs from ⌊i · from / to⌋ to before ⌈(i + 1) · from / to⌉. */
export function averageTaps(from: number, to: number): Taps {
  return outputs(to, (i) => {
    const begin = Math.floor((i * from) / to);
    const end = Math.ceil(((i + 1) * from) / to);
    return outputs(end - begin, (u) => ({ input: begin + u, weight: 1 / (end - begin) }));
  });
}

/** The resampled maps of x `[N, C, H, W]`. */
export function resample(x: NdArray, rows: Taps, columns: Taps): NdArray {
  const [batch, channels, height, width] = shape4(x.shape);
  const y = zeros([batch, channels, rows.length, columns.length]);
  forEachProduct(batch * channels, [height, width], rows, columns, (from, to, weight) => {
    y.data[to]! += weight * x.data[from]!;
  });
  return y;
}

/** dL/dx of {@link resample}, x being of this shape. */
export function resampleBackward(shape: readonly number[], dy: NdArray, rows: Taps, columns: Taps): NdArray {
  const [batch, channels, height, width] = shape4(shape);
  assertShape(dy, [batch, channels, rows.length, columns.length], 'dy');
  const dx = zeros(shape);
  forEachProduct(batch * channels, [height, width], rows, columns, (from, to, weight) => {
    dx.data[from]! += weight * dy.data[to]!;
  });
  return dx;
}

function forEachProduct(
  maps: number,
  [height, width]: readonly [number, number],
  rows: Taps,
  columns: Taps,
  visit: (from: number, to: number, weight: number) => void,
): void {
  for (let map = 0; map < maps; map++)
    rows.forEach((rowTaps, i) => {
      columns.forEach((columnTaps, j) => {
        for (const row of rowTaps)
          for (const column of columnTaps)
            visit(
              (map * height + row.input) * width + column.input,
              (map * rows.length + i) * columns.length + j,
              row.weight * column.weight,
            );
      });
    });
}
