/**
 * @file Small images and folders for the tests of `src/data`.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChannelOrder, Image } from '../../src/data/image.ts';
import type { Sample } from '../../src/data/sample.ts';
import { atEndOfFile } from '../support/clean-up.ts';
import { jpegOf } from './jpeg/build-jpeg.ts';

/** An image whose pixels are `values`, `[height, width, 3]`. */
export function imageOf(
  width: number,
  height: number,
  values: ArrayLike<number>,
  order: ChannelOrder = 'bgr',
): Image {
  return { width, height, channels: 3, order, data: Uint8Array.from(values) };
}

/** A new empty folder, removed after the file's tests. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-data-'));
  atEndOfFile(() => rm(folder, { recursive: true }));
  return folder;
}

/** `count` grey 8×8 photographs in `dir`, each of its own brightness; their labels alternate 0, 1. */
export async function writePhotographs(dir: string, count: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let i = 0; i < count; i++) {
    const name = `${i % 2 === 0 ? 'N' : 'P'}${String(i).padStart(4, '0')}.jpg`;
    const path = join(dir, name);
    await writeFile(
      path,
      jpegOf(8, 8, () => [brightness(i), brightness(i), brightness(i)]),
    );
    samples.push({ name, path, label: i % 2 });
  }
  return samples;
}

/** The brightness of photograph `i` of {@link writePhotographs}. */
export function brightness(i: number): number {
  return 20 + 10 * i;
}
