/**
 * @file Entry of a worker thread that reads, decodes and scales one image after another.
 */

import { parentPort } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import { readRegularFile } from '../io/read-file.ts';
import { decodeWithHeader } from './decode.ts';
import { decodeBySharp, loadSharp, type SharpModule } from './decode-sharp.ts';
import type { ChannelOrder, Image } from './image.ts';
import { type Extent, extentOf, type ImageHeader, maxFileBytes, readImageHeader } from './image-header.ts';
import { pixelKey } from './pixel-cache/entry.ts';
import { readPixels, writePixels } from './pixel-cache/files.ts';
import { resizeBilinear, rowsToScale } from './resize.ts';

/** What a worker is asked for: an image of at most `maxPixels`, scaled to `size` × `size`. */
export interface DecodeRequest {
  /** Where the file lies, or what messages call the image whose `bytes` are given. */
  readonly path: string;
  /** The file; by default it is read. */
  readonly bytes?: Uint8Array;
  readonly size: number;
  readonly order: ChannelOrder;
  readonly maxPixels: number;
  /** Where sharp lies that is to decode; by default our own decoder does. */
  readonly sharp?: string | undefined;
  /** The folder of a cache to look into first. */
  readonly cache?: string | undefined;
}

/** Pixels, and what was done about the cache. */
export interface DecodedPixels {
  /** `[size, size, 3]` */
  readonly pixels: Uint8Array;
  /** How many bytes were added to the cache, if any. */
  readonly written?: number;
  /** Why nothing could be added. */
  readonly cacheFailure?: string;
}

/** Pixels, or why the file gives none; and the size of the image, where its header can be read. */
export type DecodeResult = (DecodedPixels | { readonly reason: string }) & {
  readonly extent?: Extent | undefined;
};

/** What came of it, or of how many pixels the image is: then the worker waits for 'proceed'. */
export type DecodeReply = DecodeResult | { readonly largeImage: number };

/** What a worker is told. */
export type DecodeMessage = DecodeRequest | 'proceed';

/** Images of more pixels than this are decoded one at a time. */
const LARGE_IMAGE = 25_000_000;

let proceed: () => void = () => {};

parentPort?.on('message', async (message: DecodeMessage) => {
  if (message === 'proceed') return proceed();
  const reply = await answer(message);
  parentPort?.postMessage(reply, 'pixels' in reply ? [reply.pixels.buffer as ArrayBuffer] : []);
});

let sharp: SharpModule | undefined;

async function answer(request: DecodeRequest): Promise<DecodeResult> {
  const { path, bytes, maxPixels } = request;
  let extent: Extent | undefined;
  try {
    const file = bytes ?? (await readRegularFile('image', path, maxFileBytes(maxPixels)));
    const header = readImageHeader(file, maxPixels);
    extent = extentOf(header);
    if (request.sharp !== undefined) sharp ??= loadSharp(request.sharp);
    const decoded = await (request.cache === undefined
      ? decodeAndScale(file, header, request).then((pixels) => ({ pixels }))
      : throughCache(request.cache, file, header, request));
    return { ...decoded, extent };
  } catch (error) {
    const reason = messageOf(error);
    return { reason: reason.includes(path) ? reason : `Cannot read the image ${path}. ${reason}`, extent };
  }
}

async function throughCache(
  folder: string,
  file: Uint8Array,
  header: ImageHeader,
  request: DecodeRequest,
): Promise<DecodedPixels> {
  const { size } = request;
  const key = await pixelKey(file, { ...request, decoder: decoderName(request) });
  const found = await readPixels(folder, key, size);
  if (found) return { pixels: found };
  const pixels = await decodeAndScale(file, header, request);
  try {
    return { pixels, written: await writePixels(folder, key, size, pixels) };
  } catch (error) {
    return { pixels, cacheFailure: messageOf(error) };
  }
}

/** What tells the pixels of one decoder from those of another. */
function decoderName(request: DecodeRequest): string {
  return request.sharp === undefined
    ? 'own'
    : `sharp ${sharp!.versions.sharp}, libvips ${sharp!.versions.vips}`;
}

async function decodeAndScale(
  file: Uint8Array,
  header: ImageHeader,
  request: DecodeRequest,
): Promise<Uint8Array> {
  const { width, height } = extentOf(header);
  if (width * height > LARGE_IMAGE) {
    const permission = new Promise<void>((resolve) => {
      proceed = resolve;
    });
    parentPort?.postMessage({ largeImage: width * height } satisfies DecodeReply);
    await permission;
  }
  return resizeBilinear(await decode(file, header, request), request.size, request.size).data;
}

async function decode(file: Uint8Array, header: ImageHeader, request: DecodeRequest): Promise<Image> {
  return request.sharp === undefined
    ? decodeWithHeader(file, header, request.order, (height) => rowsToScale(height, request.size))
    : decodeBySharp(sharp!, file, request.order);
}
