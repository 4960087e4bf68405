/**
 * @file What the weights of a ResNet are called elsewhere: a table of all names and shapes, for files that are converted without a
 * device. For modules of any kind, `nn/torch.ts` has PyTorch's names.
 */

import { ARCHITECTURES, CHANNELS, type ResNetLayers } from '../nn/resnet.ts';

/**
 * Whose names: `original`, those of the original program and of fovea; `torchvision`, which are timm's too; `paddle-parameters`, those
 * that Paddle gives to parameters (`conv2d_0.w_0`); `paddle-vision`, those of `paddle.vision.models`.
 */
export type WeightNames = 'original' | 'torchvision' | 'paddle-parameters' | 'paddle-vision';

/** All {@link WeightNames}. */
export const WEIGHT_NAMES: readonly WeightNames[] = [
  'original',
  'torchvision',
  'paddle-parameters',
  'paddle-vision',
];

/** A tensor of a ResNet. */
export interface NamedWeight {
  /** What it is called, by whose names. */
  readonly names: Readonly<Record<WeightNames, string>>;
  /** In the original's order of axes; of the last layer, without the number of classes. */
  readonly shape: readonly number[];
  /** Which part it is of the last layer, whose size depends on the classes. */
  readonly head?: 'weight' | 'bias';
}

/** Whether names go with a last layer whose weight is `[classes, features]`, as PyTorch has it. */
export const isTransposed = (names: WeightNames): boolean => names === 'torchvision';

/** A convolution and its batch norm: their names with the original, and with torchvision. */
interface Brick {
  readonly original: string;
  readonly conv: string;
  readonly norm: string;
  readonly shape: readonly [out: number, into: number, height: number, width: number];
}

/** All tensors of a ResNet, in the order of its state dict. */
export function resnetWeights(layers: ResNetLayers): NamedWeight[] {
  const bricks = bricksOf(layers);
  const features = bricks.reduce((_, { original, shape }) => (original.endsWith('.short') ? _ : shape[0]), 0);
  const head = (part: 'weight' | 'bias', shape: number[]): NamedWeight => ({
    names: {
      original: `out.${part}`,
      torchvision: `fc.${part}`,
      'paddle-vision': `fc.${part}`,
      'paddle-parameters': `linear_0.${part === 'weight' ? 'w' : 'b'}_0`,
    },
    shape,
    head: part,
  });
  return [...bricks.flatMap(weightsOfBrick), head('weight', [features]), head('bias', [])];
}

function weightsOfBrick({ original, conv, norm, shape }: Brick, index: number): NamedWeight[] {
  const ofNorm = (own: string, torchvision: string, parameter: string): NamedWeight => ({
    names: {
      original: `${original}._batch_norm.${own}`,
      torchvision: `${norm}.${torchvision}`,
      'paddle-vision': `${norm}.${own}`,
      'paddle-parameters': `batch_norm_${index}.${parameter}`,
    },
    shape: [shape[0]],
  });
  const filter: NamedWeight = {
    names: {
      original: `${original}._conv.weight`,
      torchvision: `${conv}.weight`,
      'paddle-vision': `${conv}.weight`,
      'paddle-parameters': `conv2d_${index}.w_0`,
    },
    shape,
  };
  return [
    filter,
    ofNorm('weight', 'weight', 'w_0'),
    ofNorm('bias', 'bias', 'b_0'),
    ofNorm('_mean', 'running_mean', 'w_1'),
    ofNorm('_variance', 'running_var', 'w_2'),
  ];
}

/** The stem and all blocks, as `ResNet` makes them. */
function bricksOf(layers: ResNetLayers): Brick[] {
  const { Block, counts } = ARCHITECTURES[layers];
  let into: number = CHANNELS[0];
  const blocks = CHANNELS.flatMap((channels, stage) =>
    Array.from({ length: counts[stage]! }, (_, place) => {
      const block = blockOf(
        `bb_${stage}_${place}`,
        `layer${stage + 1}.${place}`,
        into,
        channels,
        Block.expansion,
      );
      into = channels * Block.expansion;
      return block;
    }),
  );
  return [{ original: 'conv', conv: 'conv1', norm: 'bn1', shape: [CHANNELS[0], 3, 7, 7] }, ...blocks.flat()];
}

function blockOf(
  original: string,
  torch: string,
  into: number,
  channels: number,
  expansion: number,
): Brick[] {
  const out = channels * expansion;
  const convolutions: [out: number, into: number, kernel: number][] =
    expansion === 1
      ? [
          [channels, into, 3],
          [channels, channels, 3],
        ]
      : [
          [channels, into, 1],
          [channels, channels, 3],
          [out, channels, 1],
        ];
  const bricks = convolutions.map(
    ([to, from, kernel], i): Brick => ({
      original: `${original}.conv${i}`,
      conv: `${torch}.conv${i + 1}`,
      norm: `${torch}.bn${i + 1}`,
      shape: [to, from, kernel, kernel],
    }),
  );
  // Only the first block of a stage changes the number of channels or pixels.
  const hasShortcut = original.endsWith('_0') && (into !== out || channels !== CHANNELS[0]);
  if (!hasShortcut) return bricks;
  const [conv, norm] = [`${torch}.downsample.0`, `${torch}.downsample.1`];
  return [...bricks, { original: `${original}.short`, conv, norm, shape: [out, into, 1, 1] }];
}
