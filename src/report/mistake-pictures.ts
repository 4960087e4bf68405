/**
 * @file Pictures of the photographs that were taken for something else, as the network sees them, with their Grad-CAM.
 */

import {
  checkArgument,
  checkOptions,
  instanceOf,
  listOf,
  OBJECT,
  type OptionRules,
  required,
} from '../arguments.ts';
import { CHANNELS, exchangeRedAndBlue, type Image } from '../data/image.ts';
import { PixelDataset } from '../data/pixel-dataset.ts';
import { blockFor } from '../explain/block-for.ts';
import { gradCam } from '../explain/grad-cam.ts';
import { overlayMap } from '../explain/overlay.ts';
import { ResNet } from '../nn/resnet.ts';
import { openScope } from '../tensor/scope.ts';
import { inputsOf } from '../train/photographs.ts';
import type { Mistake } from './content.ts';

const JPEG_QUALITY = 85;

/** Where {@link illustrateMistakes} has its pictures from. */
export interface MistakePictures {
  /** The network that was mistaken. */
  readonly model: ResNet;
  /** The photographs that its predictions are of. */
  readonly dataset: PixelDataset;
}

const MISTAKES = listOf(OBJECT, 'an array of mistakes');
const PICTURES: OptionRules<MistakePictures> = {
  model: required(instanceOf(ResNet, 'a ResNet')),
  dataset: required(instanceOf(PixelDataset, 'an ImageDataset')),
};

/**
 * The mistakes with two JPEGs each: the photograph as the network sees it, and the same under a map of what spoke for the class that it was
 * taken for, by Grad-CAM. Those whose photograph `dataset` lacks or cannot read stay as they are. Throws what `pixels` of the dataset and
 * `gradCam` throw, 'invalid-argument' for other arguments.
 *
 *     const mistakes = await illustrateMistakes(worstMistakes(predictions), { model, dataset });
 *     const page = await renderReport({ title: 'A report', predictions, mistakes });
 */
export async function illustrateMistakes(
  mistakes: readonly Mistake[],
  pictures: MistakePictures,
): Promise<Mistake[]> {
  checkArgument('the mistakes of illustrateMistakes', mistakes, MISTAKES);
  checkOptions('illustrateMistakes', pictures, PICTURES);
  const { model, dataset } = pictures;
  const layer = blockFor(model, dataset.size);
  const illustrated: Mistake[] = [];
  for (const mistake of mistakes) {
    const data = await photographOf(mistake, dataset);
    if (data) illustrated.push({ ...mistake, ...(await picturesOf(data, mistake, pictures, layer)) });
    else illustrated.push(mistake);
  }
  return illustrated;
}

/** The pixels of a mistake's photograph; undefined where `dataset` lacks it or cannot read it. */
export async function photographOf(mistake: Mistake, dataset: PixelDataset): Promise<Uint8Array | undefined> {
  const index = dataset.samples.findIndex(
    ({ name, label }) => name === mistake.name && label === mistake.label,
  );
  return index < 0 ? undefined : dataset.pixels(index);
}

async function picturesOf(
  data: Uint8Array,
  { name, label, predicted }: Mistake,
  { model, dataset: { size, order, preprocessing } }: MistakePictures,
  layer: string,
): Promise<Pick<Mistake, 'photograph' | 'map'>> {
  const image: Image = { width: size, height: size, channels: CHANNELS, order, data };
  const labels = Float32Array.of(label);
  const batch = { images: data, labels, names: [name], size, index: 0, preprocessing };
  using _ = openScope(model.device);
  const [map] = await gradCam(model, inputsOf(model.device, batch), { layer, class: predicted });
  return { photograph: await jpegOf(image), map: await jpegOf(overlayMap(image, map!)) };
}

async function jpegOf({ width, order, data }: Image): Promise<Uint8Array> {
  const { encodeJpeg } = await import('../data/jpeg/encode-jpeg.ts'); // loaded by those who need it
  const rgb = data.slice(); // the data set keeps its pixels as they are
  if (order === 'bgr') exchangeRedAndBlue(rgb);
  return encodeJpeg(rgb, width, JPEG_QUALITY);
}
