/**
 * @file Three training steps of a small residual network: whether ops that are right each for itself are right one after the
 * other, with gradients in place, an optimizer and running statistics.
 */

import { backward } from '../autograd/backward.ts';
import { noGrad } from '../autograd/graph.ts';
import { crossEntropy, reshape, subtract } from '../autograd/ops.ts';
import type { Device } from '../device/device.ts';
import { BasicBlock } from '../nn/basic-block.ts';
import { BottleneckBlock } from '../nn/bottleneck-block.ts';
import { ConvBNLayer } from '../nn/conv-bn-layer.ts';
import { Linear } from '../nn/linear.ts';
import { Module } from '../nn/module.ts';
import { Pool2D } from '../nn/pool2d.ts';
import { Momentum } from '../optim/momentum.ts';
import { Random } from '../random.ts';
import { type Shape, sizeOf } from '../shape/shape.ts';
import { tensor, upload } from '../tensor/create.ts';
import { scope } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { hashedValues } from './hashed-values.ts';
import type { Results } from './measure.ts';

/** How it is trained. */
export const TRAINING = {
  steps: 3,
  images: [4, 3, 13, 11],
  labels: [0, 2, 1, 2],
  labelSmoothing: 0.1,
  optimizer: { learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 },
} as const;

/**
 * How far its results may be from float64's. Float32's roundings grow on their way through batch norms of few pixels and from step to
 * step; a test moves the reference by noise of their size, and has ten times as much fit in here.
 */
export const TRAINING_BOUND = 2e-4;

/** The name under which its figures are kept. */
export const TRAINING_NAME = 'three training steps';

/** A stem, a block of either kind, and a linear layer. */
class SmallResNet extends Module {
  readonly conv: ConvBNLayer;
  readonly maxPool: Pool2D;
  readonly blocks: readonly [BasicBlock, BottleneckBlock];
  readonly averagePool: Pool2D;
  readonly out: Linear;

  constructor(device: Device) {
    super(device);
    const random = new Random(1); // not the device's, which is the user's
    this.conv = new ConvBNLayer(device, { inChannels: 3, outChannels: 6, kernel: 3, act: 'relu', random });
    this.maxPool = new Pool2D(device, { type: 'max', kernel: 3, stride: 2, padding: 1 });
    this.blocks = [
      new BasicBlock(device, { inChannels: 6, channels: 6, stride: 1, random }),
      new BottleneckBlock(device, { inChannels: 6, channels: 5, stride: 2, random }),
    ];
    this.averagePool = new Pool2D(device, { type: 'avg', global: true });
    this.out = new Linear(device, { inFeatures: 20, outFeatures: 3, random });
  }

  override forward(x: Tensor): Tensor {
    const [basic, bottleneck] = this.blocks;
    const features = this.averagePool(bottleneck(basic(this.maxPool(this.conv(x)))));
    return this.out(reshape(features, features.shape.slice(0, 2)));
  }
}

/** The values that a parameter begins with. */
export function initialValues(name: string, shape: Shape): Float32Array<ArrayBuffer> {
  const count = sizeOf(shape);
  const hashed = (scale: number, shift = 0) => hashedValues(`${TRAINING_NAME}, ${name}`, count, scale, shift);
  if (name.endsWith('bias')) return hashed(0.1);
  if (shape.length === 1) return hashed(0.25, 1);
  return hashed(Math.sqrt(6 / sizeOf(shape.length === 4 ? shape.slice(1) : shape.slice(0, 1))));
}

/** The images. */
export const trainingImages = (): Float32Array<ArrayBuffer> =>
  hashedValues(`${TRAINING_NAME}, images`, sizeOf(TRAINING.images), 1);

/** The loss of each step, what the steps have added to each parameter, and the running statistics, by their names. */
export function runTraining(device: Device): Results {
  const model = new SmallResNet(device);
  const parameters = model.namedParameters();
  const initial = parameters.map(([name, { shape }]) => initialValues(name, shape));
  parameters.forEach(([, parameter], i) => {
    upload(parameter.tensor, initial[i]!);
  });
  const optimizer = new Momentum({ parameters: model.parameters(), ...TRAINING.optimizer });
  const losses = Array.from({ length: TRAINING.steps }, () => trainOnce(device, model, optimizer));
  const results = noGrad(device, () => ({
    ...Object.fromEntries(losses.map((loss, step) => [`loss ${step + 1}`, loss])),
    ...Object.fromEntries(
      parameters.map(([name, { tensor: now, shape }], i) => [
        name,
        subtract(now, tensor(device, initial[i]!, shape, { layout: now.layout })),
      ]),
    ),
    ...Object.fromEntries(model.namedBuffers().map(([name, buffer]) => [name, buffer.alias()])),
  }));
  optimizer.dispose();
  model.dispose();
  return results;
}

function trainOnce(device: Device, model: Module, optimizer: Momentum): Tensor {
  return scope(device, () => {
    const images = tensor(device, trainingImages(), TRAINING.images);
    const target = tensor(device, Int32Array.from(TRAINING.labels));
    const loss = crossEntropy(model(images), target, { labelSmoothing: TRAINING.labelSmoothing });
    backward(loss);
    optimizer.step();
    optimizer.clearGradients();
    return loss;
  });
}
