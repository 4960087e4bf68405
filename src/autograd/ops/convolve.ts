/**
 * @file Runs a convolution forward, and its gradients, on tensors that lie as the kernels want them.
 */

import { biasEpilogue, type Epilogue } from '../../kernels/conv2d/epilogue.ts';
import type { Family, MapPlans } from '../../kernels/conv2d/families.ts';
import { selectFamily } from '../../kernels/conv2d/select.ts';
import type { BackwardWeightPlans } from '../../kernels/conv2d/split.ts';
import type { WinogradPlans } from '../../kernels/conv2d/winograd.ts';
import { elementwisePlan } from '../../kernels/elementwise.ts';
import type { KernelPlan } from '../../kernels/kernel.ts';
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

/**
 * `y = epilogue(x ∗ weight)`: x and y channels-last, the weight a filter. By the kernels of `family`, the library's own
 * choice if it is left out.
 */
export function convolve(
  g: Conv2dGeometry,
  x: Tensor,
  weight: Tensor,
  y: Tensor,
  { bias, statistics, residual }: EpilogueTensors = {},
  relu = false,
  family = selectFamily('forward', g, x.device.target),
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
  runMapPlans(g, family, (part) => family.forward(part, epilogue, target), x, weight, operands, y);
}

/** The gradient of {@link convolve} by x, without an epilogue, into `dx`. */
export function convolveBackwardInput(
  g: Conv2dGeometry,
  dy: Tensor,
  weight: Tensor,
  dx: Tensor,
  family = selectFamily('backwardInput', g, dy.device.target),
): void {
  const { target } = dy.device;
  runMapPlans(g, family, (part) => family.backwardInput(part, target), dy, weight, [], dx);
}

/** The gradient of {@link convolve} by the weight, into `dw`; over a batch in parts, their sum. */
export function convolveBackwardWeight(
  g: Conv2dGeometry,
  x: Tensor,
  dy: Tensor,
  dw: Tensor,
  family = selectFamily('backwardWeight', g, x.device.target),
): void {
  const { device } = x;
  for (const chunk of batchChunks(g.batch, [x, dy])) {
    const part = chunk.first === 0 ? dw : empty(device, dw.shape, { layout: dw.layout });
    const plans = family.backwardWeight(partOf(g, chunk.images), device.target);
    runBackwardWeight(plans, chunkOf(x, chunk), chunkOf(dy, chunk), part);
    if (part === dw) continue;
    run(elementwisePlan('accumulate', part), part, dw);
    part.dispose();
  }
}

function runBackwardWeight(plans: BackwardWeightPlans, x: Tensor, dy: Tensor, dw: Tensor): void {
  const { products, sum, scratchBytes } = plans;
  if (!sum) {
    run(products, x, dy, dw);
    return;
  }
  const scratch = empty(x.device, [scratchBytes / Float32Array.BYTES_PER_ELEMENT]);
  run(products, x, dy, scratch);
  run(sum, scratch, dw);
  scratch.dispose();
}

/** The convolution of so many images, `g` itself if it is all of them. */
function partOf(g: Conv2dGeometry, images: number): Conv2dGeometry {
  return images === g.batch ? g : { ...g, batch: images };
}

/** Runs what `makePlans` gives for a part of the batch on each of the parts that it must be run in. */
function runMapPlans(
  g: Conv2dGeometry,
  { isWinograd }: Family,
  makePlans: (part: Conv2dGeometry) => MapPlans,
  x: Tensor,
  weight: Tensor,
  operands: readonly (Tensor | Whole)[],
  y: Tensor,
): void {
  const plansOf = (images: number) => makePlans(partOf(g, images));
  if (isWinograd) {
    runWinograd(g.batch, plansOf as (images: number) => WinogradPlans, x, weight, operands, y);
    return;
  }
  const plan = ({ images }: { images: number }) => plansOf(images) as KernelPlan;
  runOverBatch(g.batch, plan, x, whole(weight), ...operands, y);
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
