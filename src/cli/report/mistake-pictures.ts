/**
 * @file Pictures of the photographs that were taken for something else, as the network sees them, with their Grad-CAM.
 */

import { encode } from 'jpeg-js';
import { normalizeImages } from '../../autograd/ops.ts';
import type { ImageDataset } from '../../data/dataset.ts';
import { CHANNELS, type Image } from '../../data/image.ts';
import { normalizationOf } from '../../data/preprocessing.ts';
import { gradCam } from '../../explain/grad-cam.ts';
import { overlayMap } from '../../explain/overlay.ts';
import type { ResNet } from '../../nn/resnet.ts';
import type { Mistake } from '../../report/content.ts';
import { tensor } from '../../tensor/create.ts';

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
  { predicted }: Mistake,
  { size, order, preprocessing }: ImageDataset,
  model: ResNet,
  layer: string,
): Promise<Pick<Mistake, 'photograph' | 'map'>> {
  const image: Image = { width: size, height: size, channels: CHANNELS, order, data };
  const bytes = tensor(model.device, data, [1, size, size, CHANNELS], { layout: 'row-major' });
  const input = normalizeImages(bytes, normalizationOf(preprocessing));
  try {
    const [map] = await gradCam(model, input, { layer, class: predicted });
    return { photograph: jpegOf(image), map: jpegOf(overlayMap(image, map!)) };
  } finally {
    bytes.dispose();
    input.dispose();
  }
}

/** Smaller maps tell no places apart. */
const SMALLEST_MAP = 4;

/**
 * The name of the last residual block, which knows the most of the class; of small images, the last of a stage whose maps are not
 * smaller than {@link SMALLEST_MAP}. Stage s gives maps of a 4 · 2ˢ-th of the image's side.
 */
function blockFor(model: ResNet, size: number): string {
  const stages = [3, 2, 1].filter((stage) => size / (4 * 2 ** stage) >= SMALLEST_MAP);
  const stage = stages[0] ?? 0;
  const names = model.namedModules().map(([name]) => name);
  return names.filter((name) => name.startsWith(`bb_${stage}_`) && !name.includes('.')).at(-1)!;
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
