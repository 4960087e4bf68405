/**
 * @file A sheet of images: a row for each, first as it is, then as transforms draw it in one epoch after the other.
 */

import { DataLoader } from '../../data/data-loader.ts';
import { CHANNELS, type Image } from '../../data/image.ts';
import type { ImageDataset } from '../../data/node/image-dataset.ts';
import type { Transform } from '../../data/transforms/transform.ts';
import type { Device } from '../../device/device.ts';
import { scope } from '../../tensor/scope.ts';
import { inputsOf } from '../../train/photographs.ts';

/** How a {@link contactSheet} is drawn. */
export interface SheetOptions {
  readonly transforms: Transform | undefined;
  /** Draws per image. */
  readonly draws: number;
  readonly seed: number;
}

/** Draws the sheet as a training on `dataset`, with the preprocessing 'original', would see its images. Damaged ones are left out. */
export async function contactSheet(
  device: Device,
  dataset: ImageDataset,
  { transforms, draws, seed }: SheetOptions,
): Promise<Image> {
  const { size, length } = dataset;
  const loader = (given: Transform | undefined) =>
    new DataLoader(dataset, { batchSize: length, seed, transforms: given });
  const columns = [await imagesOf(device, loader(undefined), 0)];
  const drawn = loader(transforms);
  for (let epoch = 0; epoch < draws; epoch++) columns.push(await imagesOf(device, drawn, epoch));
  const [width, height] = [columns.length * size, (columns[0]!.length / (CHANNELS * size * size)) * size];
  const data = new Uint8Array(width * height * CHANNELS);
  columns.forEach((images, column) => {
    images.forEach((value, i) => {
      const [x, y] = [i % size, Math.floor(i / size) % size];
      const [channel, row] = [Math.floor(i / size ** 2) % CHANNELS, Math.floor(i / (CHANNELS * size ** 2))];
      data[((row * size + y) * width + column * size + x) * CHANNELS + channel] = Math.round(
        (value + 1) * 127.5,
      );
    });
  });
  return { width, height, channels: CHANNELS, order: dataset.order, data };
}

/** What a network sees in an epoch, `[N, 3, size, size]`. */
async function imagesOf(device: Device, loader: DataLoader, epoch: number): Promise<Float32Array> {
  for await (const batch of loader.epoch(epoch)) {
    const inputs = scope(device, () => inputsOf(device, batch));
    const values = await inputs.data();
    inputs.dispose();
    return values;
  }
  return new Float32Array();
}
