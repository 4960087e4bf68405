/**
 * @file Which decoder makes pixels of an image file (Node).
 */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { oneOf, type Rule } from '../arguments.ts';
import { FoveaError } from '../errors.ts';

/**
 * 'own' gives the same pixels on all machines. 'sharp' is libjpeg-turbo and libpng by the package sharp, which the user installs:
 * several times as fast, and nearer to OpenCV's pixels, but its pixels are those of the version that is installed.
 */
export type Decoder = 'own' | 'sharp';

/** All decoders. */
export const DECODERS = ['own', 'sharp'] as const satisfies readonly Decoder[];

/** A {@link Decoder}. */
export const DECODER: Rule = oneOf(...DECODERS);

/** Where sharp lies: beside fovea, or in the project that it is run in. Throws 'unsupported' where it is not installed. */
export function locateSharp(): string {
  const places = [import.meta.url, join(process.cwd(), 'package.json')];
  for (const place of places) {
    try {
      return createRequire(place).resolve('sharp');
    } catch {
      // The next place may have it.
    }
  }
  throw new FoveaError(
    'unsupported',
    "decoder 'sharp' needs the package sharp, which is not installed here: npm install sharp, or take fovea's own decoder, which is the default.",
  );
}
