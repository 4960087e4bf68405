/**
 * @file A network and data small enough to train in a test.
 */

import { reshape } from '../../src/autograd/ops.ts';
import type { Batch } from '../../src/data/data-loader.ts';
import type { Device } from '../../src/device/device.ts';
import { ConvBNLayer } from '../../src/nn/conv-bn-layer.ts';
import { Linear } from '../../src/nn/linear.ts';
import { Module } from '../../src/nn/module.ts';
import { Pool2D } from '../../src/nn/pool2d.ts';
import { Momentum } from '../../src/optim/momentum.ts';
import { PolynomialDecay } from '../../src/optim/polynomial-decay.ts';
import { Random } from '../../src/random.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { BatchSource } from '../../src/train/batch-source.ts';

const SIZE = 16;
const CHANNELS = 8;

/** One convolution with batch norm, the mean over the image, one logit. */
export class TinyNet extends Module {
  readonly conv: ConvBNLayer;
  readonly pool: Pool2D;
  readonly out: Linear;

  constructor(device: Device, { seed = 1, classDim = 1 } = {}) {
    super(device);
    const random = new Random(seed);
    const conv = { inChannels: 3, outChannels: CHANNELS, kernel: 3, stride: 2, act: 'relu', random } as const;
    this.conv = new ConvBNLayer(device, conv);
    this.pool = new Pool2D(device, { type: 'avg', global: true });
    this.out = new Linear(device, { inFeatures: CHANNELS, outFeatures: classDim, random });
  }

  override forward(x: Tensor): Tensor {
    return this.out(reshape(this.pool(this.conv(x)), [x.shape[0]!, CHANNELS]));
  }
}

/** A tiny network and its optimizer, at the beginning. */
export function tinyTraining(device: Device): { model: TinyNet; optimizer: Momentum } {
  const model = new TinyNet(device);
  const learningRate = new PolynomialDecay({ initial: 0.1, steps: 6.5, end: 0.01 });
  return { model, optimizer: new Momentum({ parameters: model.parameters(), learningRate }) };
}

/**
 * Batches of noise, brighter where the label is 1; each epoch has other ones. `sizes` are the
 * samples a batch.
 */
export function noise(sizes: readonly number[], seed: number): BatchSource {
  return {
    length: sizes.length,
    async *epoch(epoch, { skip = 0 } = {}) {
      for (let index = skip; index < sizes.length; index++) {
        yield noiseBatch(sizes[index]!, index, new Random(seed, 100 * epoch + index));
      }
    },
  };
}

function noiseBatch(samples: number, index: number, random: Random): Batch {
  const labels = Float32Array.from({ length: samples }, () => random.integer(2));
  const perImage = SIZE * SIZE * 3;
  const images = Uint8Array.from({ length: samples * perImage }, (_, i) => {
    return 60 * labels[Math.floor(i / perImage)]! + random.integer(190);
  });
  const names = Array.from({ length: samples }, (_, i) => `${index}-${i}`);
  return { images, labels, names, size: SIZE, index };
}
