/**
 * @file What a model sees in one photograph: how probable it finds each class, and where it sees it.
 */

import {
  type ActivationMap,
  type Batch,
  DataLoader,
  decodeImage,
  gradCam,
  type Image,
  ImageDataset,
  type ModelConfig,
  normalizeImages,
  openScope,
  PREPROCESSINGS,
  predict,
  type ResNet,
  resizeBilinear,
  type Sample,
  tensor,
} from 'fovea';
import { Failed } from '../engine/failure.ts';

/** A photograph, what the model says of it, and where it sees it. */
export interface Look {
  /** As it is shown: at most {@link SHOWN} pixels a side. */
  readonly image: Image;
  /** Of each class. */
  readonly probabilities: readonly number[];
  /** Of the most probable classes, these first. */
  readonly maps: readonly ActivationMap[];
}

/** Pixels a side that a photograph is shown in at most. */
const SHOWN = 512;

/** Has `model` look at a photograph; `layer` makes the maps of at most `most` classes. */
export async function lookAt(
  model: ResNet,
  { size, classDim, preprocessing = 'original' }: ModelConfig,
  sample: Sample,
  layer: string,
  most = 4,
): Promise<Look> {
  const { source } = sample;
  if (!source) throw new Failed('noPhotograph', 'There is no such photograph.');
  const dataset = new ImageDataset([sample], { size, preprocessing, workers: 1 });
  try {
    const loader = new DataLoader(dataset, { batchSize: 1 });
    const predicted = await predict(model, loader);
    const [second = 0] = predicted.probabilities;
    const probabilities = classDim === 1 ? [1 - second, second] : [...predicted.probabilities];
    const maps: ActivationMap[] = [];
    for await (const batch of loader.epoch(0)) {
      using _ = openScope(model.device);
      for (const label of likeliest(probabilities, most))
        maps.push(...(await gradCam(model, inputsOf(model, batch, preprocessing), { layer, class: label })));
    }
    const image = shown(await decodeImage(new Uint8Array(await source.read()), { order: 'rgb' }));
    return { image, probabilities, maps };
  } finally {
    await dataset.close();
  }
}

/** The labels of the most probable classes, the likeliest first. */
function likeliest(probabilities: readonly number[], most: number): number[] {
  return [...probabilities.keys()]
    .sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0))
    .slice(0, most);
}

/** The numbers that the model takes, `[1, 3, size, size]`. */
function inputsOf({ device }: ResNet, { images, size }: Batch, preprocessing: keyof typeof PREPROCESSINGS) {
  const bytes = tensor(device, images, [1, size, size, 3], { layout: 'row-major' });
  return normalizeImages(bytes, PREPROCESSINGS[preprocessing].normalization);
}

function shown(image: Image): Image {
  const scale = Math.min(1, SHOWN / Math.max(image.width, image.height));
  const side = (pixels: number) => Math.max(1, Math.round(pixels * scale));
  return resizeBilinear(image, side(image.width), side(image.height));
}
