/**
 * @file MobileNetV3-Large, with the names that torchvision gives its parameters.
 *
 * A. Howard et al., "Searching for MobileNetV3", ICCV 2019, table 1.
 */

import {
  add,
  BatchNorm,
  Conv2D,
  type Device,
  Dropout,
  HardSwish,
  hardSigmoid,
  Linear,
  Module,
  mean,
  multiply,
  ReLU,
  relu,
  Sequential,
  type Tensor,
} from 'fovea';

/** One row of the table: what a block takes, widens to, and gives. */
interface Row {
  readonly kernel: 3 | 5;
  readonly expanded: number;
  readonly outChannels: number;
  readonly squeeze: boolean;
  readonly act: 'relu' | 'hardSwish';
  readonly stride: 1 | 2;
}

const row = (
  kernel: Row['kernel'],
  expanded: number,
  outChannels: number,
  squeeze: boolean,
  act: Row['act'],
  stride: Row['stride'],
): Row => ({ kernel, expanded, outChannels, squeeze, act, stride });

const ROWS: readonly Row[] = [
  row(3, 16, 16, false, 'relu', 1),
  row(3, 64, 24, false, 'relu', 2),
  row(3, 72, 24, false, 'relu', 1),
  row(5, 72, 40, true, 'relu', 2),
  row(5, 120, 40, true, 'relu', 1),
  row(5, 120, 40, true, 'relu', 1),
  row(3, 240, 80, false, 'hardSwish', 2),
  row(3, 200, 80, false, 'hardSwish', 1),
  row(3, 184, 80, false, 'hardSwish', 1),
  row(3, 184, 80, false, 'hardSwish', 1),
  row(3, 480, 112, true, 'hardSwish', 1),
  row(3, 672, 112, true, 'hardSwish', 1),
  row(5, 672, 160, true, 'hardSwish', 2),
  row(5, 960, 160, true, 'hardSwish', 1),
  row(5, 960, 160, true, 'hardSwish', 1),
];

/** The least multiple of eight that is at least nine tenths of `channels`: torchvision's rule for squeezed channels. */
function multipleOf8(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

interface ConvNormOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
}

/** A convolution that keeps the map's size but for its stride, batch norm, and an activation if there is one. */
function convNorm(device: Device, options: ConvNormOptions, act?: Row['act']): Sequential {
  return new Sequential(device, [
    new Conv2D(device, { ...options, padding: (options.kernel - 1) / 2 }),
    new BatchNorm(device, { channels: options.outChannels, epsilon: 1e-3, momentum: 0.99, unbiased: true }),
    ...(act === undefined ? [] : [act === 'relu' ? new ReLU(device) : new HardSwish(device)]),
  ]);
}

/** Weighs channels by what is in all of them: `x · hardSigmoid(fc2(relu(fc1(mean of x))))`. */
class SqueezeExcitation extends Module {
  readonly fc1: Conv2D;
  readonly fc2: Conv2D;

  constructor(device: Device, channels: number) {
    super(device);
    const squeezed = multipleOf8(channels / 4);
    this.fc1 = new Conv2D(device, { inChannels: channels, outChannels: squeezed, kernel: 1, bias: true });
    this.fc2 = new Conv2D(device, { inChannels: squeezed, outChannels: channels, kernel: 1, bias: true });
  }

  override forward(x: Tensor): Tensor {
    const squeezed = mean(x, { axes: [2, 3], keepDims: true });
    return multiply(x, hardSigmoid(this.fc2(relu(this.fc1(squeezed)))));
  }
}

/** Widens, filters each channel for itself, weighs the channels, narrows. */
class InvertedResidual extends Module {
  readonly block: Sequential;
  readonly addsInput: boolean;

  constructor(
    device: Device,
    inChannels: number,
    { expanded, outChannels, kernel, stride, squeeze, act }: Row,
  ) {
    super(device);
    this.addsInput = stride === 1 && inChannels === outChannels;
    const depthwise = { inChannels: expanded, outChannels: expanded, kernel, stride, groups: expanded };
    this.block = new Sequential(device, [
      ...(expanded === inChannels
        ? []
        : [convNorm(device, { inChannels, outChannels: expanded, kernel: 1 }, act)]),
      convNorm(device, depthwise, act),
      ...(squeeze ? [new SqueezeExcitation(device, expanded)] : []),
      convNorm(device, { inChannels: expanded, outChannels, kernel: 1 }),
    ]);
  }

  override forward(x: Tensor): Tensor {
    const y = this.block(x);
    return this.addsInput ? add(y, x) : y;
  }
}

/** Images `[N, 3, H, W]` → logits `[N, classes]`. */
export class MobileNetV3Large extends Module {
  readonly features: Sequential;
  readonly classifier: Sequential;

  constructor(device: Device, classes: number) {
    super(device);
    const inChannels = (i: number) => ROWS[i - 1]?.outChannels ?? 16;
    this.features = new Sequential(device, [
      convNorm(device, { inChannels: 3, outChannels: 16, kernel: 3, stride: 2 }, 'hardSwish'),
      ...ROWS.map((row, i) => new InvertedResidual(device, inChannels(i), row)),
      convNorm(device, { inChannels: 160, outChannels: 960, kernel: 1 }, 'hardSwish'),
    ]);
    this.classifier = new Sequential(device, [
      new Linear(device, { inFeatures: 960, outFeatures: 1280 }),
      new HardSwish(device),
      new Dropout(device, { probability: 0.2 }),
      new Linear(device, { inFeatures: 1280, outFeatures: classes }),
    ]);
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(mean(this.features(x), { axes: [2, 3] }));
  }
}
