/**
 * @file How the images of a command are decoded: `--decoder`, `--cache`, `--max-pixels`.
 */

import type { Command } from 'commander';
import { DECODERS, type Decoder } from '../data/decoder.ts';
import { MAX_PIXELS } from '../data/image-header.ts';
import type { ImageDatasetOptions } from '../data/node/image-dataset.ts';
import type { ModelConfig } from '../train/checkpoint.ts';
import { decoder, integer, MAX_PIXELS_HELP } from './arguments.ts';
import { warn } from './output.ts';

/** What {@link addDecodingOptions} adds. */
export interface DecodingOptions {
  readonly decoder: Decoder;
  readonly cache?: string;
  readonly maxPixels: number;
}

/** Adds the flags that say how images are decoded. */
export function addDecodingOptions(command: Command): Command {
  return command
    .option(
      '--decoder <name>',
      `what decodes the images: ${DECODERS.join(' or ')}, the package, if you have installed it`,
      decoder,
      'own',
    )
    .option('--cache <dir>', 'folder of scaled images, as `fovea train --cache` fills it (default: none)')
    .option('--max-pixels <n>', MAX_PIXELS_HELP, integer(1), MAX_PIXELS);
}

/** How a dataset makes the images that a network takes. */
export function datasetOptions(
  { size, channelOrder: order, preprocessing = 'original' }: ModelConfig,
  { decoder, cache, maxPixels }: DecodingOptions,
): ImageDatasetOptions {
  return { size, order, preprocessing, decoder, cache: cacheIn(cache), maxPixels };
}

/** The cache in a folder, if one is named. */
export function cacheIn(folder: string | undefined): ImageDatasetOptions['cache'] {
  return folder === undefined ? undefined : { folder, onWarning: warn };
}
