/**
 * @file What measuring a pass needs: operands of random numbers, and one way to run any pass on them.
 */

import type { Device } from '../device/device.ts';
import type { Algorithm } from '../kernels/conv2d/algorithm.ts';
import type { Pass } from '../kernels/conv2d/passes.ts';
import { Random } from '../random.ts';
import {
  type Conv2dGeometry,
  conv2dInputShape,
  conv2dOutputShape,
  conv2dWeightShape,
} from '../shape/conv2d.ts';
import type { Layout } from '../shape/layout.ts';
import { type Shape, sizeOf } from '../shape/shape.ts';
import { convolve, convolveBackwardInput, convolveBackwardWeight } from '../tensor/convolve.ts';
import { empty, tensor } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** The operands of a convolution's passes, and where a pass puts its result. */
export class PassOperands {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly dy: Tensor;
  /** The result of each pass. */
  readonly results: Readonly<Record<Pass, Tensor>>;
  readonly #geometry: Conv2dGeometry;

  /** Random numbers: a system may keep untouched memory in a single page, which is read too fast. */
  constructor(device: Device, g: Conv2dGeometry) {
    const random = new Random(1);
    const draw = (shape: Shape, layout: Layout) => {
      const values = Float32Array.from({ length: sizeOf(shape) }, () => random.uniform() - 0.5);
      return tensor(device, values, shape, { layout });
    };
    this.#geometry = g;
    this.x = draw(conv2dInputShape(g), 'channels-last');
    this.weight = draw(conv2dWeightShape(g), 'filter');
    this.dy = draw(conv2dOutputShape(g), 'channels-last');
    this.results = {
      forward: empty(device, this.dy.shape),
      backwardInput: empty(device, this.x.shape),
      backwardWeight: empty(device, this.weight.shape, { layout: 'filter' }),
    };
  }

  /** Runs a pass by the kernels of `algorithm`. */
  run(pass: Pass, algorithm: Algorithm): void {
    const { x, weight, dy, results } = this;
    const g = this.#geometry;
    if (pass === 'forward') convolve(g, x, weight, results.forward, {}, false, algorithm);
    else if (pass === 'backwardInput') convolveBackwardInput(g, dy, weight, results.backwardInput, algorithm);
    else convolveBackwardWeight(g, x, dy, results.backwardWeight, algorithm);
  }

  /** Frees all tensors. */
  dispose(): void {
    for (const owned of [this.x, this.weight, this.dy, ...Object.values(this.results)]) owned.dispose();
  }
}
