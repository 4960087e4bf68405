/**
 * @file The fully connected layer. A large one is the 1×1 convolution of maps of one pixel, and runs by its kernels.
 */

import { check } from '../../errors.ts';
import {
  type LinearSize,
  linearBackwardBiasSequence,
  linearBackwardInputPlan,
  linearBackwardWeightPlan,
  linearPlan,
} from '../../kernels/linear.ts';
import { type Conv2dGeometry, conv2dGeometry } from '../../shape/conv2d.ts';
import { CHANNEL_BLOCK } from '../../shape/layout.ts';
import { formatShape } from '../../shape/shape.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { convolve, convolveBackwardInput, convolveBackwardWeight } from '../../tensor/convolve.ts';
import { empty } from '../../tensor/create.ts';
import { run, runSequence } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import { checkFloat, checkShapeIs } from './operands.ts';
import { reshape, reshapeIn } from './shape.ts';

/** Fewer rows or features than this do not fill the tiles of a convolution's kernels. */
const FEWEST = 32;

/** The convolution that has the same operands in memory, undefined where it has none or another kernel is better. */
function asConvolution({ rows, inFeatures, outFeatures }: LinearSize): Conv2dGeometry | undefined {
  if (inFeatures % CHANNEL_BLOCK !== 0 || outFeatures % CHANNEL_BLOCK !== 0) return undefined;
  if (Math.min(rows, inFeatures, outFeatures) < FEWEST) return undefined;
  return conv2dGeometry([rows, inFeatures, 1, 1], [outFeatures, inFeatures, 1, 1]);
}

const linearOp = defineOp<LinearSize, { x: Tensor; weight: Tensor }>({
  name: 'linear',
  forward: ([x, weight, bias], size) => {
    const y = empty(x!.device, [size.rows, size.outFeatures]);
    const g = asConvolution(size);
    if (g) convolve(g, x!, weight!, y, { bias });
    else run(linearPlan(size, { bias: bias !== undefined }), { a: x!, b: weight!, bias, c: y });
    return { output: y, saved: { x: x!, weight: weight! } };
  },
  backward: (dy, { saved: { x, weight }, needs, into }, size) => {
    const dx = needs[0] ? empty(dy.device, x.shape) : undefined;
    const dw = needs[1] ? (into[1] ?? empty(dy.device, weight.shape)) : undefined;
    const db = needs[2] ? (into[2] ?? empty(dy.device, [size.outFeatures])) : undefined;
    const g = asConvolution(size);
    if (dx && g) convolveBackwardInput(g, dy, weight, dx);
    else if (dx) run(linearBackwardInputPlan(size), { a: dy, b: weight, bias: undefined, c: dx });
    if (dw && g) convolveBackwardWeight(g, x, dy, dw);
    else if (dw) run(linearBackwardWeightPlan(size), { a: x, b: dy, bias: undefined, c: dw });
    if (db) runSequence(linearBackwardBiasSequence(size), { x: dy, y: db });
    return [dx, dw, db];
  },
});

/**
 * `x · weight + bias`: x `[N, in]`, weight `[in, out]`, bias `[out]` if given; result `[N, out]`. Of a tensor with other axes the
 * last one counts, `[…, in]` to `[…, out]`, and the result is row-major. Throws 'shape-mismatch' where they do not fit.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  checkTensor('linear', 'x', x);
  checkTensor('linear', 'the weight', weight);
  if (bias !== undefined) checkTensor('linear', 'the bias', bias);
  check(
    x.shape.length > 0 && weight.shape.length === 2 && x.shape.at(-1) === weight.shape[0],
    'shape-mismatch',
    () =>
      `linear takes x […, in] and a weight [in, out], got ${formatShape(x.shape)} and ${formatShape(weight.shape)}: reshape() or permute() x first`,
  );
  const [inFeatures, outFeatures] = weight.shape as [number, number];
  checkFloat('linear', x, weight, ...(bias ? [bias] : []));
  if (bias) checkShapeIs('linear', 'bias', bias, [outFeatures]);
  const rows = x.size / inFeatures;
  const matrix = x.shape.length === 2 ? x : reshape(x, [rows, inFeatures]);
  const inputs = bias ? [matrix, weight, bias] : [matrix, weight];
  const y = linearOp(inputs, { rows, inFeatures, outFeatures });
  return x.shape.length === 2 ? y : reshapeIn(y, [...x.shape.slice(0, -1), outFeatures], 'row-major');
}
