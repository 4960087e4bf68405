/**
 * @file Small images and folders for the tests of `src/data`.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'jpeg-js';
import { afterAll } from 'vitest';
import type { ChannelOrder, Image } from '../../src/data/image.ts';
import type { Sample } from '../../src/data/sample.ts';

/** An image whose pixels are `values`, `[height, width, 3]`. */
export function imageOf(
  width: number,
  height: number,
  values: ArrayLike<number>,
  order: ChannelOrder = 'bgr',
): Image {
  return { width, height, channels: 3, order, data: Uint8Array.from(values) };
}

/** A JPEG (4:4:4) of the colours that `color` gives for each pixel. */
export function jpegOf(
  width: number,
  height: number,
  color: (x: number, y: number) => readonly [red: number, green: number, blue: number],
): Uint8Array {
  const data = Array.from({ length: width * height }, (_, i) => [
    ...color(i % width, Math.floor(i / width)),
    255,
  ]).flat();
  return encode({ width, height, data: Uint8Array.from(data) }, 100).data;
}

/** The JPEG with a segment `FF marker` put in after its start. */
export function withSegment(jpeg: Uint8Array, marker: number, payload: Uint8Array): Uint8Array {
  const length = payload.length + 2;
  const segment = [0xff, marker, length >> 8, length & 255, ...payload];
  return Uint8Array.from([...jpeg.subarray(0, 2), ...segment, ...jpeg.subarray(2)]);
}

/** An EXIF segment's payload with one entry, the orientation. */
export function exifPayload(orientation: number, littleEndian: boolean): Uint8Array {
  const payload = new Uint8Array(6 + 8 + 2 + 12 + 4);
  payload.set(new TextEncoder().encode('Exif\0\0'));
  const tiff = new DataView(payload.buffer, 6);
  tiff.setUint16(0, littleEndian ? 0x4949 : 0x4d4d);
  tiff.setUint16(2, 42, littleEndian);
  tiff.setUint32(4, 8, littleEndian);
  tiff.setUint16(8, 1, littleEndian);
  tiff.setUint16(10, 0x0112, littleEndian);
  tiff.setUint16(12, 3, littleEndian);
  tiff.setUint32(14, 1, littleEndian);
  tiff.setUint16(18, orientation, littleEndian);
  return payload;
}

const folders: string[] = [];
afterAll(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true }))));

/** A new empty folder, removed after the file's tests. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-data-'));
  folders.push(folder);
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
