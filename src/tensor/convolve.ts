/**
 * @file Runs a convolution forward, and its gradients, on tensors that lie as the kernels want them.
 */

import { biasEpilogue, type Epilogue } from '../kernels/conv2d/epilogue.ts';
import type { Conv2dGeometry } from '../shape/conv2d.ts';
import { empty } from './create.ts';
import { batchChunks, chunkOf, runAccumulate, runSequence, runSequenceOverBatch, whole } from './run.ts';
import type { Tensor } from './tensor.ts';
import { algorithmFor } from './tuning.ts';

/** What an {@link Epilogue} takes: a bias, batch norm statistics, a residual of the output's shape. */
export interface EpilogueTensors {
  readonly bias?: Tensor | undefined;
  readonly statistics?: Tensor | undefined;
  readonly residual?: Tensor | undefined;
}

/**
 * `y = epilogue(x ∗ weight)`: x and y channels-last, the weight a filter. By the kernels of `algorithm`, the library's own
 * choice if it is left out.
 */
export function convolve(
  g: Conv2dGeometry,
  x: Tensor,
  weight: Tensor,
  y: Tensor,
  { bias, statistics, residual }: EpilogueTensors = {},
  relu = false,
  algorithm = algorithmFor(x.device, 'forward', g),
): void {
  const epilogue: Epilogue = {
    ...biasEpilogue(bias !== undefined),
    norm: statistics !== undefined,
    residual: residual !== undefined,
    relu,
  };
  const { target } = x.device;
  runSequenceOverBatch(
    g.batch,
    ({ images }) => algorithm.forward(partOf(g, images), epilogue, target),
    {
      x,
      weight: whole(weight),
      bias: bias && whole(bias),
      statistics: statistics && whole(statistics),
      residual,
      y,
    },
    algorithm.images?.('forward', g),
  );
}

/** The gradient of {@link convolve} with respect to x, without an epilogue, into `dx`. */
export function convolveBackwardInput(
  g: Conv2dGeometry,
  dy: Tensor,
  weight: Tensor,
  dx: Tensor,
  algorithm = algorithmFor(dy.device, 'backwardInput', g),
): void {
  const { target } = dy.device;
  runSequenceOverBatch(
    g.batch,
    ({ images }) => algorithm.backwardInput(partOf(g, images), target),
    { dy, weight: whole(weight), dx },
    algorithm.images?.('backwardInput', g),
  );
}

/** The gradient of {@link convolve} with respect to the weight, into `dw`; over a batch in parts, their sum. */
export function convolveBackwardWeight(
  g: Conv2dGeometry,
  x: Tensor,
  dy: Tensor,
  dw: Tensor,
  algorithm = algorithmFor(x.device, 'backwardWeight', g),
): void {
  const { device } = x;
  for (const chunk of batchChunks(g.batch, [x, dy])) {
    const part = chunk.first === 0 ? dw : empty(device, dw.shape, { layout: dw.layout });
    const sequence = algorithm.backwardWeight(partOf(g, chunk.images), device.target);
    runSequence(sequence, { x: chunkOf(x, chunk), dy: chunkOf(dy, chunk), dw: part });
    if (part === dw) continue;
    runAccumulate(part, dw);
    part.dispose();
  }
}

/** The convolution of so many images, `g` itself if it is all of them. */
function partOf(g: Conv2dGeometry, images: number): Conv2dGeometry {
  return images === g.batch ? g : { ...g, batch: images };
}
