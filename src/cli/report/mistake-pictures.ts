/**
 * @file Pictures of the photographs that were taken for something else, as the network sees them, with their Grad-CAM.
 */

import { encode } from 'jpeg-js';
import { CHANNELS, type Image } from '../../data/image.ts';
import type { ImageDataset } from '../../data/node/image-dataset.ts';
import { blockFor } from '../../explain/block-for.ts';
import { gradCam } from '../../explain/grad-cam.ts';
import { overlayMap } from '../../explain/overlay.ts';
import type { ResNet } from '../../nn/resnet.ts';
import type { Mistake } from '../../report/content.ts';
import { openScope } from '../../tensor/scope.ts';
import { inputsOf } from '../../train/photographs.ts';

const JPEG_QUALITY = 85;

/** The mistakes with their pictures, where `dataset` has their photographs. */
export async function withPictures(
  mistakes: readonly Mistake[],
  dataset: ImageDataset,
  model: ResNet,
): Promise<Mistake[]> {
  const layer = blockFor(model, dataset.size);
  const illustrated: Mistake[] = [];
  for (const mistake of mistakes) {
    const index = dataset.samples.findIndex(
      ({ name, label }) => name === mistake.name && label === mistake.label,
    );
    const data = index < 0 ? undefined : await dataset.pixels(index);
    if (data) illustrated.push({ ...mistake, ...(await picturesOf(data, mistake, dataset, model, layer)) });
    else illustrated.push(mistake);
  }
  return illustrated;
}

async function picturesOf(
  data: Uint8Array,
  { name, label, predicted }: Mistake,
  { size, order, preprocessing }: ImageDataset,
  model: ResNet,
  layer: string,
): Promise<Pick<Mistake, 'photograph' | 'map'>> {
  const image: Image = { width: size, height: size, channels: CHANNELS, order, data };
  const batch = {
    images: data,
    labels: Float32Array.of(label),
    names: [name],
    size,
    index: 0,
    preprocessing,
  };
  using _ = openScope(model.device);
  const [map] = await gradCam(model, inputsOf(model.device, batch), { layer, class: predicted });
  return { photograph: jpegOf(image), map: jpegOf(overlayMap(image, map!)) };
}

function jpegOf({ width, height, order, data }: Image): Uint8Array {
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++)
    for (let channel = 0; channel < CHANNELS; channel++) {
      const from = order === 'rgb' ? channel : CHANNELS - 1 - channel;
      rgba[4 * pixel + channel] = data[CHANNELS * pixel + from]!;
    }
  return encode({ data: rgba, width, height }, JPEG_QUALITY).data;
}
