/**
 * @file Decoding by the package sharp, where the user has it and asks for it (Node).
 */

import { createRequire } from 'node:module';
import type Sharp from 'sharp';
import { check } from '../../errors.ts';
import { CHANNELS, type ChannelOrder, exchangeRedAndBlue, type Image } from '../image.ts';

/** sharp, as {@link loadSharp} gives it. */
export type SharpModule = typeof Sharp;

/** Loads sharp from where `locateSharp` found it; one image then takes one thread, since there is a worker per core. */
export function loadSharp(path: string): SharpModule {
  const sharp: SharpModule = createRequire(path)(path);
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}

/**
 * The pixels of a JPEG or PNG whose header was found to be sound: turned upright, colour profiles ignored, alpha dropped, as
 * `decodeImage` does. Throws where sharp cannot decode it, or warns.
 */
export async function decodeBySharp(
  sharp: SharpModule,
  bytes: Uint8Array,
  order: ChannelOrder,
): Promise<Image> {
  const { data, info } = await sharp(bytes, { failOn: 'warning', limitInputPixels: false, ignoreIcc: true })
    .autoOrient()
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  check(channels === CHANNELS, 'bad-file', () => `sharp gives ${channels} channels, not ${CHANNELS}.`);
  if (order === 'bgr') exchangeRedAndBlue(data);
  return { width, height, channels: CHANNELS, order, data };
}
