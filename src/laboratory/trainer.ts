/**
 * @file Training steps of a ResNet on noise, to be measured.
 */

import type { Batch } from '../data/data-loader.ts';
import type { Device } from '../device/device.ts';
import { ResNet, type ResNetLayers } from '../nn/resnet.ts';
import { Momentum } from '../optim/momentum.ts';
import { Random } from '../random.ts';
import { prepareStep, rehearseStep, trainStep } from '../train/step.ts';

/** Which network, on what. */
export interface NetworkOptions {
  readonly layers: ResNetLayers;
  /** Side of the images in pixels. */
  readonly size: number;
  readonly batch: number;
}

/** A batch of noise with alternating labels. */
export function noiseBatch({ size, batch }: NetworkOptions): Batch {
  const random = new Random(1);
  const names = Array.from({ length: batch }, (_, i) => `noise ${i}`);
  return {
    images: Uint8Array.from({ length: batch * size * size * 3 }, () => random.integer(256)),
    labels: Float32Array.from(names, (_, i) => i % 2),
    names,
    size,
    index: 0,
  };
}

/** A model, its optimizer and a batch. */
export class Trainer {
  readonly #model: ResNet;
  readonly #optimizer: Momentum;
  readonly #batch: Batch;

  constructor(device: Device, options: NetworkOptions) {
    this.#model = new ResNet(device, { layers: options.layers });
    this.#optimizer = new Momentum({ parameters: this.#model.parameters(), learningRate: 1e-3 });
    this.#batch = noiseBatch(options);
  }

  /** Compiles what a step runs. */
  prepare(): Promise<void> {
    return prepareStep(this.#model, this.#optimizer, this.#batch);
  }

  /** A step whose kernels are only told, within a dry run. */
  rehearse(): void {
    rehearseStep(this.#model, this.#optimizer, this.#batch);
  }

  step(): void {
    const { loss, accuracy } = trainStep(this.#model, this.#optimizer, this.#batch);
    loss.dispose();
    accuracy.dispose();
  }

  dispose(): void {
    this.#optimizer.dispose();
    this.#model.dispose();
  }
}
