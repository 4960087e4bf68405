/**
 * @file A small U-Net: a mask for every photograph.
 *
 * O. Ronneberger et al., "U-Net: convolutional networks for biomedical image segmentation", MICCAI 2015; with padding, batch
 * norm and fewer channels.
 */

import {
  BatchNorm,
  Conv2D,
  ConvTranspose2D,
  concat,
  type Device,
  Module,
  maxPool2d,
  ReLU,
  Sequential,
  type Tensor,
} from 'fovea';

/** Two 3×3 convolutions, each with batch norm and ReLU. */
function doubleConv(device: Device, inChannels: number, outChannels: number): Sequential {
  const layers = [inChannels, outChannels].flatMap((channels) => [
    new Conv2D(device, { inChannels: channels, outChannels, kernel: 3, padding: 1 }),
    new BatchNorm(device, { channels: outChannels }),
    new ReLU(device),
  ]);
  return new Sequential(device, layers);
}

/** Images `[N, 3, H, W]` → logits `[N, 1, H, W]`; every level but the first halves the map, so that must divide. */
export class UNet extends Module {
  readonly down: readonly Sequential[];
  readonly up: readonly ConvTranspose2D[];
  readonly merge: readonly Sequential[];
  readonly head: Conv2D;

  /** @param channels of each level, from the largest map to the smallest */
  constructor(device: Device, channels: readonly number[] = [8, 16, 32]) {
    super(device);
    this.down = channels.map((outChannels, level) =>
      doubleConv(device, channels[level - 1] ?? 3, outChannels),
    );
    const upwards = channels
      .slice(1)
      .map((inChannels, level) => ({ inChannels, outChannels: channels[level]! }));
    upwards.reverse();
    this.up = upwards.map(
      (sizes) => new ConvTranspose2D(device, { ...sizes, kernel: 2, stride: 2, bias: true }),
    );
    this.merge = upwards.map(({ outChannels }) => doubleConv(device, 2 * outChannels, outChannels));
    this.head = new Conv2D(device, { inChannels: channels[0]!, outChannels: 1, kernel: 1, bias: true });
  }

  override forward(x: Tensor): Tensor {
    const skips: Tensor[] = [];
    for (const block of this.down) {
      const last = skips.at(-1);
      skips.push(block(last ? maxPool2d(last, { kernel: 2 }) : x));
    }
    let y = skips.pop()!;
    for (const [level, up] of this.up.entries()) {
      y = this.merge[level]!(concat([skips.pop()!, up(y)], 1));
    }
    return this.head(y);
  }
}
