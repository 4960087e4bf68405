/**
 * @file Runs a convolution forward, and its gradient by the input, on tensors that lie as the kernels want them.
 */

import { biasEpilogue, type Epilogue } from '../../kernels/conv2d/epilogue.ts';
import { selectBackwardInput, selectForward, selectWinograd } from '../../kernels/conv2d/select.ts';
import {
  type WinogradPlans,
  winogradBackwardInputPlans,
  winogradForwardPlans,
} from '../../kernels/conv2d/winograd.ts';
import type { Conv2dGeometry } from '../../shape/conv2d.ts';
import { empty } from '../../tensor/create.ts';
import { batchChunks, chunkOf, run, runOverBatch, type Whole, whole } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** What an {@link Epilogue} takes: a bias, batch norm statistics, a residual of the output's shape. */
export interface EpilogueTensors {
  readonly bias?: Tensor | undefined;
  readonly statistics?: Tensor | undefined;
  readonly residual?: Tensor | undefined;
}

/** Patches and products of Winograd's convolution are kept below this, by doing fewer images at a time. */
const MOST_SCRATCH_BYTES = 64 * 2 ** 20;

/** `y = epilogue(x ∗ weight)`: x and y channels-last, the weight a filter. */
export function convolve(
  g: Conv2dGeometry,
  x: Tensor,
  weight: Tensor,
  y: Tensor,
  { bias, statistics, residual }: EpilogueTensors = {},
  relu = false,
): void {
  const norm = statistics !== undefined;
  const epilogue: Epilogue = {
    ...biasEpilogue(bias !== undefined),
    norm,
    residual: residual !== undefined,
    relu,
  };
  const shared = [bias, statistics].filter((tensor) => tensor !== undefined).map(whole);
  const operands = residual ? [...shared, residual] : shared;
  const { target } = x.device;
  if (selectWinograd(g, target)) {
    const plans = (batch: number) => winogradForwardPlans({ ...g, batch }, target.subgroupLanes, epilogue);
    runWinograd(g.batch, plans, x, weight, operands, y);
    return;
  }
  const plan = (batch: number) => selectForward({ ...g, batch }, epilogue, target);
  runOverBatch(g.batch, ({ images }) => plan(images), x, whole(weight), ...operands, y);
}

/** The gradient of {@link convolve} by x, without an epilogue, into `dx`. */
export function convolveBackwardInput(g: Conv2dGeometry, dy: Tensor, weight: Tensor, dx: Tensor): void {
  const { target } = dy.device;
  if (selectWinograd(g, target)) {
    const plans = (batch: number) => winogradBackwardInputPlans({ ...g, batch }, target.subgroupLanes);
    runWinograd(g.batch, plans, dy, weight, [], dx);
    return;
  }
  const plan = (batch: number) => selectBackwardInput({ ...g, batch }, target);
  runOverBatch(g.batch, ({ images }) => plan(images), dy, whole(weight), dx);
}

/** Winograd's convolution: the weight is transformed once, the maps some images at a time. */
function runWinograd(
  batch: number,
  makePlans: (images: number) => WinogradPlans,
  x: Tensor,
  weight: Tensor,
  operands: readonly (Tensor | Whole)[],
  y: Tensor,
): void {
  const { device } = x;
  const one = makePlans(1).scratch;
  const most = Math.floor(MOST_SCRATCH_BYTES / 4 / Math.max(one.input, one.product));
  const transformed = empty(device, [one.weight]);
  const split = operands.filter((operand): operand is Tensor => !('whole' in operand));
  for (const [i, chunk] of batchChunks(batch, [x, ...split, y], Math.max(1, most)).entries()) {
    const plans = makePlans(chunk.images);
    if (i === 0) run(plans.weight, weight, transformed);
    const patches = empty(device, [plans.scratch.input]);
    const products = empty(device, [plans.scratch.product]);
    run(plans.input, chunkOf(x, chunk), patches);
    run(plans.product, patches, transformed, products);
    patches.dispose();
    const own = operands.map((operand) => ('whole' in operand ? operand.whole : chunkOf(operand, chunk)));
    run(plans.output, products, ...own, chunkOf(y, chunk));
    products.dispose();
  }
  transformed.dispose();
}
