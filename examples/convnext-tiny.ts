/**
 * @file ConvNeXt-Tiny, with the names that torchvision gives its parameters.
 *
 * Z. Liu et al., "A ConvNet for the 2020s", CVPR 2022, figure 4.
 */

import {
  add,
  Conv2D,
  type Device,
  DropPath,
  Flatten,
  GELU,
  LayerNorm,
  Linear,
  Module,
  mean,
  multiply,
  Parameter,
  permute,
  Sequential,
  type Tensor,
} from 'fovea';

/** Channels and blocks of each stage. */
const STAGES = [
  { channels: 96, blocks: 3 },
  { channels: 192, blocks: 3 },
  { channels: 384, blocks: 9 },
  { channels: 768, blocks: 3 },
] as const;

const EPSILON = 1e-6;
const BLOCKS = STAGES.reduce((sum, { blocks }) => sum + blocks, 0);

const channelsLast = (x: Tensor) => permute(x, [0, 2, 3, 1]);
const channelsFirst = (x: Tensor) => permute(x, [0, 3, 1, 2]);

/** A filter for each channel, then at each pixel four times as many channels and back; all of it added to the input. */
class Block extends Module {
  readonly block: Sequential;
  readonly layerScale: Parameter;
  readonly dropPath: DropPath;

  protected override stateNames = { layerScale: 'layer_scale' };

  constructor(device: Device, channels: number, dropProbability: number) {
    super(device);
    this.layerScale = new Parameter(device, new Float32Array(channels).fill(1e-6), [channels, 1, 1]);
    const depthwise = {
      inChannels: channels,
      outChannels: channels,
      kernel: 7,
      padding: 3,
      groups: channels,
      bias: true,
    };
    this.block = new Sequential(device, [
      new Conv2D(device, depthwise),
      channelsLast,
      new LayerNorm(device, { normalizedShape: [channels], epsilon: EPSILON }),
      new Linear(device, { inFeatures: channels, outFeatures: 4 * channels }),
      new GELU(device),
      new Linear(device, { inFeatures: 4 * channels, outFeatures: channels }),
      channelsFirst,
    ]);
    this.dropPath = new DropPath(device, { probability: dropProbability });
  }

  override forward(x: Tensor): Tensor {
    return add(x, this.dropPath(multiply(this.layerScale.tensor, this.block(x))));
  }
}

const norm = (device: Device, channels: number) =>
  new LayerNorm(device, { normalizedShape: channels, epsilon: EPSILON });

/** Images `[N, 3, H, W]` → logits `[N, classes]`. */
export class ConvNeXtTiny extends Module {
  readonly features: Sequential;
  readonly classifier: Sequential;

  constructor(device: Device, classes: number) {
    super(device);
    const patches = { inChannels: 3, outChannels: STAGES[0].channels, kernel: 4, stride: 4, bias: true };
    const stages: Sequential[] = [
      new Sequential(device, [new Conv2D(device, patches), norm(device, patches.outChannels)]),
    ];
    let block = 0;
    for (const [i, { channels, blocks }] of STAGES.entries()) {
      const before = STAGES[i - 1];
      if (before) {
        const halving = {
          inChannels: before.channels,
          outChannels: channels,
          kernel: 2,
          stride: 2,
          bias: true,
        };
        stages.push(new Sequential(device, [norm(device, before.channels), new Conv2D(device, halving)]));
      }
      const make = () => new Block(device, channels, (0.1 * block++) / (BLOCKS - 1));
      stages.push(new Sequential(device, Array.from({ length: blocks }, make)));
    }
    this.features = new Sequential(device, stages);
    const { channels } = STAGES[3];
    this.classifier = new Sequential(device, [
      norm(device, channels),
      new Flatten(device),
      new Linear(device, { inFeatures: channels, outFeatures: classes }),
    ]);
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(mean(this.features(x), { axes: [2, 3], keepDims: true }));
  }
}
