/**
 * @file Max and average pooling.
 */

import { BOOLEAN, checkOptions, type OptionRules } from '../../arguments.ts';
import { avgPool2dBackwardPlan, avgPool2dPlan } from '../../kernels/pool/average.ts';
import { maxPool2dBackwardPlan, maxPool2dIndexesSize, maxPool2dPlan } from '../../kernels/pool/max.ts';
import { pool2dStages } from '../../kernels/pool/windows.ts';
import { inputShape, outputShape } from '../../shape/maps.ts';
import {
  POOL2D_OPTIONS,
  type Pool2dAttributes,
  type Pool2dGeometry,
  pool2dGeometry,
} from '../../shape/pool2d.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { runOverBatch } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import { checkFloat } from './operands.ts';
import { toLayout } from './shape.ts';

const maxPoolOp = defineOp<Pool2dGeometry, { indexes: Tensor<'u32'> | undefined }>({
  name: 'maxPool2d',
  forward: ([x], g, recording) => {
    const y = empty(x!.device, outputShape(g));
    const indexes = recording ? empty(x!.device, [maxPool2dIndexesSize(g)], { dtype: 'u32' }) : undefined;
    const plan = (images: number) => maxPool2dPlan({ ...g, batch: images }, { indexes: recording });
    runOverBatch(g.batch, ({ images }) => plan(images), { x: x!, y, indexes });
    return { output: y, saved: { indexes } };
  },
  backward: (dy, { saved: { indexes } }, g) => {
    const dx = empty(dy.device, inputShape(g));
    const plan = (images: number) => maxPool2dBackwardPlan({ ...g, batch: images });
    runOverBatch(g.batch, ({ images }) => plan(images), { dy, indexes: indexes!, dx });
    return [dx];
  },
});

const avgPoolOp = defineOp<{ g: Pool2dGeometry; exclusive: boolean }, Record<string, never>>({
  name: 'avgPool2d',
  forward: ([x], { g, exclusive }) => {
    const y = empty(x!.device, outputShape(g));
    const plan = (images: number) => avgPool2dPlan({ ...g, batch: images }, { exclusive });
    runOverBatch(g.batch, ({ images }) => plan(images), { x: x!, y });
    return { output: y, saved: {} };
  },
  backward: (dy, _, { g, exclusive }) => {
    const dx = empty(dy.device, inputShape(g));
    const plan = (images: number) => avgPool2dBackwardPlan({ ...g, batch: images }, { exclusive });
    runOverBatch(g.batch, ({ images }) => plan(images), { dy, dx });
    return [dx];
  },
});

/** How an average is taken. */
export type AvgPool2dAttributes = Pool2dAttributes & {
  /** Whether padding is left out of the mean, true by default. */
  readonly exclusive?: boolean;
};

const AVG_POOL2D_OPTIONS: OptionRules<AvgPool2dAttributes> = { ...POOL2D_OPTIONS, exclusive: BOOLEAN };

/** Applies the stages of a pooling one after the other; a large window has two. */
function inStages<Options extends Pool2dAttributes>(
  name: string,
  x: Tensor,
  options: Options,
  rules: OptionRules<Options>,
  pool: (x: Tensor, g: Pool2dGeometry) => Tensor,
) {
  checkTensor(name, 'x', x);
  checkOptions(name, options, rules);
  checkFloat(name, x);
  const stages = pool2dStages(pool2dGeometry(x.shape, options));
  return stages.reduce(pool, toLayout(x, 'channels-last'));
}

/**
 * The maximum of each window of `x` `[N, C, H, W]`. The gradient goes to the first maximum in row-major order.
 * Throws as `pool2dGeometry` does.
 */
export function maxPool2d(x: Tensor, options: Pool2dAttributes): Tensor {
  return inStages('maxPool2d', x, options, POOL2D_OPTIONS, (map, g) => maxPoolOp([map], g));
}

/**
 * The mean of each window of `x` `[N, C, H, W]`: over the pixels that lie in the image where `exclusive` is set
 * (the default), else over those that lie in the padded image, the padding counting as zeros.
 */
export function avgPool2d(x: Tensor, options: AvgPool2dAttributes): Tensor {
  return inStages('avgPool2d', x, options, AVG_POOL2D_OPTIONS, (map, g) =>
    avgPoolOp([map], { g, exclusive: options.exclusive ?? true }),
  );
}
