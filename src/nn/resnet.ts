/**
 * @file ResNet-18, -34, -50, -101 and -152.
 *
 * K. He et al., "Deep residual learning for image recognition", CVPR 2016, table 1.
 */

import { BOOLEAN, checkOptions, type OptionRules, oneOf, required, SEED, whole } from '../arguments.ts';
import { reshape } from '../autograd/ops.ts';
import type { Device } from '../device/device.ts';
import { Random } from '../random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { BasicBlock } from './basic-block.ts';
import { BottleneckBlock } from './bottleneck-block.ts';
import { ConvBNLayer } from './conv-bn-layer.ts';
import { uniform } from './initializers.ts';
import { Linear } from './linear.ts';
import { Module } from './module.ts';
import { Pool2D } from './pool2d.ts';

/** The blocks that a network is built of and how many of them each stage has, by the number of layers. */
export const ARCHITECTURES = {
  18: { Block: BasicBlock, counts: [2, 2, 2, 2] },
  34: { Block: BasicBlock, counts: [3, 4, 6, 3] },
  50: { Block: BottleneckBlock, counts: [3, 4, 6, 3] },
  101: { Block: BottleneckBlock, counts: [3, 4, 23, 3] },
  152: { Block: BottleneckBlock, counts: [3, 8, 36, 3] },
} as const;

/** Channels of each stage's blocks. */
export const CHANNELS = [64, 128, 256, 512] as const;

/** How many layers a {@link ResNet} can have. */
export type ResNetLayers = keyof typeof ARCHITECTURES;

/** Every number of layers that a {@link ResNet} can have, rising. */
export const RESNET_LAYERS = Object.keys(ARCHITECTURES).map(Number) as ResNetLayers[];

/** How a {@link ResNet} is made. */
export interface ResNetOptions {
  /** Convolutions and the linear layer, shortcuts not counted. */
  readonly layers: ResNetLayers;
  /** Numbers that come out for an image, 1 by default. */
  readonly classDim?: number;
  /** Determines the initial values, 1 by default. */
  readonly seed?: number;
  /** See `unbiased` of `BatchNormOptions`, false by default. */
  readonly unbiasedVariance?: boolean;
}

const OPTIONS: OptionRules<ResNetOptions> = {
  layers: required(oneOf(...RESNET_LAYERS)),
  classDim: whole(1),
  seed: SEED,
  unbiasedVariance: BOOLEAN,
};

/** Images `[N, 3, H, W]` → logits `[N, classDim]`. Throws 'invalid-argument' for another number of layers. */
export class ResNet extends Module {
  /** The first convolution, 7×7 with stride 2. */
  readonly conv: ConvBNLayer;
  /** The pooling after it, 3×3 with stride 2. */
  readonly maxPool: Pool2D;
  /** The residual blocks of the four stages. */
  readonly blocks: readonly (BasicBlock | BottleneckBlock)[];
  /** The mean over the pixels of each channel. */
  readonly averagePool: Pool2D;
  /** The linear layer that gives the logits. */
  readonly out: Linear;

  /** Throws 'invalid-argument' for other options, 'unsupported' where the device cannot hold a parameter. */
  constructor(device: Device, options: ResNetOptions) {
    super(device);
    checkOptions('ResNet', options, OPTIONS);
    const { layers, classDim = 1, seed = 1, unbiasedVariance = false } = options;
    const common = { random: new Random(seed), unbiased: unbiasedVariance };
    const stem = { inChannels: 3, outChannels: CHANNELS[0], kernel: 7, stride: 2, act: 'relu' } as const;
    this.conv = new ConvBNLayer(device, { ...stem, ...common });
    this.maxPool = new Pool2D(device, { type: 'max', kernel: 3, stride: 2, padding: 1 });
    const { Block, counts } = ARCHITECTURES[layers];
    let inChannels: number = stem.outChannels;
    this.blocks = CHANNELS.flatMap((channels, stage) =>
      Array.from({ length: counts[stage]! }, (_, place) => {
        const stride = stage > 0 && place === 0 ? 2 : 1;
        const block = new Block(device, { inChannels, channels, stride, ...common });
        inChannels = channels * Block.expansion;
        return block;
      }),
    );
    const places = counts.flatMap((count, stage) =>
      Array.from({ length: count }, (_, place) => [stage, place]),
    );
    const blockNames = (nameOf: (stage: number, place: number) => string) =>
      Object.fromEntries(places.map(([stage, place], i) => [`blocks.${i}`, nameOf(stage!, place!)]));
    this.stateNames = blockNames((stage, place) => `bb_${stage}_${place}`);
    this.torchNames = {
      'conv.conv': 'conv1',
      'conv.bn': 'bn1',
      out: 'fc',
      ...blockNames((stage, place) => `layer${stage + 1}.${place}`),
    };
    this.averagePool = new Pool2D(device, { type: 'avg', global: true });
    const bound = 1 / Math.sqrt(inChannels);
    this.out = new Linear(device, {
      inFeatures: inChannels,
      outFeatures: classDim,
      random: common.random,
      weightInitializer: uniform(-bound, bound),
    });
  }

  override forward(x: Tensor): Tensor {
    let y = this.maxPool(this.conv(x));
    for (const block of this.blocks) y = block(y);
    const features = this.averagePool(y);
    return this.out(reshape(features, features.shape.slice(0, 2)));
  }
}
