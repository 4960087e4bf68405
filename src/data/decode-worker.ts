/**
 * @file Entry of a worker thread that reads, decodes and scales one image after another.
 */

import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { decodeImage } from './decode.ts';
import type { ChannelOrder } from './image.ts';
import { resizeBilinear } from './resize.ts';

/** What a worker is asked for: the image at `path`, scaled to `size` × `size`. */
export interface DecodeRequest {
  readonly path: string;
  readonly size: number;
  readonly order: ChannelOrder;
}

/** `[size, size, 3]` pixels, or why the file gives none. */
export type DecodeReply = { readonly pixels: Uint8Array } | { readonly reason: string };

parentPort?.on('message', (request: DecodeRequest) => {
  const reply = answer(request);
  parentPort?.postMessage(reply, 'pixels' in reply ? [reply.pixels.buffer as ArrayBuffer] : []);
});

function answer({ path, size, order }: DecodeRequest): DecodeReply {
  try {
    const image = decodeImage(readFileSync(path), { order });
    return { pixels: resizeBilinear(image, size, size).data };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
