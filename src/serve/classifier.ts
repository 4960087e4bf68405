/**
 * @file What a model makes of a batch of images, and where it sees it.
 */

import type { Batch } from '../data/data-loader.ts';
import type { ChannelOrder } from '../data/image.ts';
import { encodePng } from '../data/png/encode-png.ts';
import type { Preprocessing } from '../data/preprocessing.ts';
import { gradCam } from '../explain/grad-cam.ts';
import { overlayMap } from '../explain/overlay.ts';
import { dataAddress } from '../html.ts';
import type { Module } from '../nn/module.ts';
import { openScope } from '../tensor/scope.ts';
import { findingsOf, type Finding as ImageFinding } from '../train/finding.ts';
import { predict } from '../train/inference.ts';
import { inputsOf } from '../train/photographs.ts';

/** Which images a model takes, as the config of a checkpoint says, and what it tells apart. */
export interface ServedConfig {
  /** Side of the images in pixels. */
  readonly size: number;
  /** The channel order of the images. */
  readonly channelOrder: ChannelOrder;
  /** How bytes become the model's input, 'original' by default. */
  readonly preprocessing?: Preprocessing | undefined;
  /** The names of the classes, by label; by default `class 0`, `class 1`, … */
  readonly classes?: readonly string[] | undefined;
  /** The layer that explanations look at, see `gradCam`; without it there are none. */
  readonly layer?: string | undefined;
}

/** An image to be told. */
export interface Job {
  /** `[size, size, 3]` */
  readonly pixels: Uint8Array;
  /** Whether a map of what speaks for its class is wanted. */
  readonly explain: boolean;
}

/** What an image was told to be. */
export interface Finding extends ImageFinding {
  /** The image under the map of what speaks for that class: a PNG as a data URL. */
  readonly map?: string;
}

/** The findings for images that are computed together. Throws as `predict` and `gradCam` do. */
export async function classify(
  model: Module,
  config: ServedConfig,
  jobs: readonly Job[],
): Promise<Finding[]> {
  const batch = batchOf(config, jobs);
  const source = {
    length: 1,
    async *epoch() {
      yield batch;
    },
  };
  const findings = findingsOf(await predict(model, source), config.classes);
  const explained = [...jobs.keys()].filter((i) => jobs[i]!.explain);
  const maps = await mapsOf(
    model,
    config,
    explained.map((i) => [jobs[i]!, findings[i]!]),
  );
  return findings.map((finding, i) => {
    const map = maps[explained.indexOf(i)];
    return map === undefined ? finding : { ...finding, map };
  });
}

function batchOf({ size, preprocessing }: ServedConfig, jobs: readonly Pick<Job, 'pixels'>[]): Batch {
  const images = new Uint8Array(jobs.length * size * size * 3);
  jobs.forEach(({ pixels }, i) => {
    images.set(pixels, i * pixels.length);
  });
  const names = jobs.map((_, i) => `image ${i + 1} of a batch`);
  return { images, labels: new Float32Array(jobs.length), names, size, index: 0, preprocessing };
}

/** The images under their maps. */
async function mapsOf(
  model: Module,
  config: ServedConfig,
  wanted: readonly (readonly [Job, Finding])[],
): Promise<string[]> {
  const { layer, size, channelOrder: order } = config;
  if (wanted.length === 0 || layer === undefined) return [];
  const batch = batchOf(
    config,
    wanted.map(([job]) => job),
  );
  using _ = openScope(model.device);
  const maps = await gradCam(model, inputsOf(model.device, batch), {
    layer,
    class: wanted.map(([, finding]) => finding.class),
    size,
  });
  return maps.map((map, i) => {
    const image = { width: size, height: size, channels: 3, order, data: wanted[i]![0].pixels } as const;
    return dataAddress('image/png', encodePng(overlayMap(image, map)));
  });
}
