/**
 * @file Resizing maps, and averaging them down to a size.
 */

import { checkArgument, checkOptions } from '../../arguments.ts';
import type { BuffersOf } from '../../kernels/buffers.ts';
import type { KernelPlan } from '../../kernels/plan.ts';
import {
  adaptiveAvgPool2dBackwardPlan,
  adaptiveAvgPool2dPlan,
  adaptiveStages,
} from '../../kernels/resample/adaptive-average.ts';
import { upsampleBackwardPlan, upsamplePlan } from '../../kernels/resample/upsample.ts';
import { inputMaps, inputShape, type MapSizes, outputShape } from '../../shape/maps.ts';
import { checkShape } from '../../shape/shape.ts';
import {
  UPSAMPLE_OPTIONS,
  type UpsampleGeometry,
  type UpsampleOptions,
  upsampleGeometry,
} from '../../shape/upsample.ts';
import { expandPair, PAIR, type Pair } from '../../shape/window.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { runOverBatch } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import { checkFloat } from './operands.ts';
import { toLayout } from './shape.ts';

/** An op that makes maps of maps by one kernel each way. */
function resampleOp<G extends MapSizes>(
  name: string,
  forwardPlan: (g: G) => KernelPlan<BuffersOf<'x' | 'y'>>,
  backwardPlan: (g: G) => KernelPlan<BuffersOf<'dy' | 'dx'>>,
) {
  return defineOp<G, Record<string, never>>({
    name,
    forward: ([x], g) => {
      const y = empty(x!.device, outputShape(g));
      runOverBatch(g.batch, ({ images }) => forwardPlan({ ...g, batch: images }), { x: x!, y });
      return { output: y, saved: {} };
    },
    backward: (dy, _, g) => {
      const dx = empty(dy.device, inputShape(g));
      runOverBatch(g.batch, ({ images }) => backwardPlan({ ...g, batch: images }), { dy, dx });
      return [dx];
    },
  });
}

const upsampleOp = /* @__PURE__ */ resampleOp<UpsampleGeometry>(
  'upsample',
  upsamplePlan,
  upsampleBackwardPlan,
);

const adaptiveAvgPool2dOp = /* @__PURE__ */ resampleOp<MapSizes>(
  'adaptiveAvgPool2d',
  adaptiveAvgPool2dPlan,
  adaptiveAvgPool2dBackwardPlan,
);

/**
 * `x` `[N, C, H, W]` with maps of another size, larger or smaller, as PyTorch's `interpolate` has it. 'nearest': output i is the
 * pixel `floor(i / scale)`. 'bilinear': the pixels around the place under the center of the output, `(i + 1/2) / scale − 1/2`, or with
 * `alignCorners` around `i · (H − 1) / (H' − 1)`. With `size` the scale is `H' / H`; with `scale` the size is `floor(H · scale)`.
 *
 * Throws 'shape-mismatch' for another rank or a result without pixels, 'invalid-argument' unless one of size and scale is given,
 * and for `alignCorners` with 'nearest'.
 */
export function upsample(x: Tensor, options: UpsampleOptions): Tensor {
  checkTensor('upsample', 'x', x);
  checkOptions('upsample', options, UPSAMPLE_OPTIONS);
  checkFloat('upsample', x);
  const g = upsampleGeometry(x.shape, options);
  return upsampleOp([toLayout(x, 'channels-last')], g);
}

/**
 * The means of `x` `[N, C, H, W]` over windows that divide the map into `outputSize`, one number or `[height, width]`: output i of O
 * is the mean from `floor(i · H / O)` to before `ceil((i + 1) · H / O)`, as PyTorch has it, so that windows overlap where H is no
 * multiple of O. Throws 'shape-mismatch' for another rank, 'invalid-argument' for a size that is none.
 */
export function adaptiveAvgPool2d(x: Tensor, outputSize: Pair): Tensor {
  checkTensor('adaptiveAvgPool2d', 'x', x);
  checkArgument('the output size of adaptiveAvgPool2d', outputSize, PAIR);
  checkFloat('adaptiveAvgPool2d', x);
  const maps = inputMaps('adaptiveAvgPool2d', x.shape);
  const [outHeight, outWidth] = expandPair(outputSize, 'the output size of adaptiveAvgPool2d');
  checkShape([maps.batch, maps.channels, outHeight, outWidth], 'the result of adaptiveAvgPool2d');
  const stages = adaptiveStages({ ...maps, outHeight, outWidth });
  return stages.reduce((map, g) => adaptiveAvgPool2dOp([map], g), toLayout(x, 'channels-last'));
}
