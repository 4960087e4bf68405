/**
 * @file Entry of a worker thread that reads, decodes and scales one image after another.
 */

import { parentPort } from 'node:worker_threads';
import { readRegularFile } from '../io/read-file.ts';
import { decodeWithHeader } from './decode.ts';
import type { ChannelOrder } from './image.ts';
import { extentOf, maxFileBytes, readImageHeader } from './image-header.ts';
import { resizeBilinear } from './resize.ts';

/** What a worker is asked for: an image of at most `maxPixels`, scaled to `size` × `size`. */
export interface DecodeRequest {
  /** Where the file lies, or what messages call the image whose `bytes` are given. */
  readonly path: string;
  /** The file; by default it is read. */
  readonly bytes?: Uint8Array;
  readonly size: number;
  readonly order: ChannelOrder;
  readonly maxPixels: number;
}

/** `[size, size, 3]` pixels, why the file gives none, or how large it is: then the worker waits for 'proceed'. */
export type DecodeReply =
  | { readonly pixels: Uint8Array }
  | { readonly reason: string }
  | { readonly largeImage: number };

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

async function answer({ path, bytes, size, order, maxPixels }: DecodeRequest): Promise<DecodeReply> {
  try {
    const file = bytes ?? (await readRegularFile('image', path, maxFileBytes(maxPixels)));
    return { pixels: await decodeAndScale(file, size, order, maxPixels) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { reason: reason.includes(path) ? reason : `Cannot read the image ${path}. ${reason}` };
  }
}

async function decodeAndScale(
  bytes: Uint8Array,
  size: number,
  order: ChannelOrder,
  maxPixels: number,
): Promise<Uint8Array> {
  const header = readImageHeader(bytes, maxPixels);
  const { width, height } = extentOf(header);
  if (width * height > LARGE_IMAGE) {
    const permission = new Promise<void>((resolve) => {
      proceed = resolve;
    });
    parentPort?.postMessage({ largeImage: width * height } satisfies DecodeReply);
    await permission;
  }
  return resizeBilinear(decodeWithHeader(bytes, header, order), size, size).data;
}
