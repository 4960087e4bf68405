/**
 * @file Entry of a worker thread that reads, decodes and scales one image after another (Node).
 */

import { parentPort } from 'node:worker_threads';
import { readRegularFile } from '../../io/read-file.ts';
import { decodeWithHeader } from '../decode.ts';
import { answerer } from '../decoding/answer.ts';
import type { DecodeRequest } from '../decoding/messages.ts';
import { maxFileBytes } from '../image-header.ts';
import { rowsToScale } from '../resize.ts';
import { decodeBySharp, loadSharp, type SharpModule } from './decode-sharp.ts';
import { readPixels, writePixels } from './pixel-files.ts';

/** What a worker is asked for. */
export interface DiskDecodeRequest extends DecodeRequest {
  /** Where sharp lies that is to decode; by default our own decoder does. */
  readonly sharp?: string | undefined;
  /** The folder of a cache to look into first. */
  readonly cache?: string | undefined;
}

let loaded: SharpModule | undefined;

function sharpAt(path: string): SharpModule {
  loaded ??= loadSharp(path);
  return loaded;
}

const answer = answerer<DiskDecodeRequest>({
  readFile: ({ path, maxPixels }) => readRegularFile('image', path, maxFileBytes(maxPixels)),
  decode: async (file, header, { sharp, order, size }) =>
    sharp === undefined
      ? decodeWithHeader(file, header, order, (height) => rowsToScale(height, size))
      : decodeBySharp(sharpAt(sharp), file, order),
  decoderName({ sharp }) {
    if (sharp === undefined) return 'own';
    const { versions } = sharpAt(sharp);
    return `sharp ${versions.sharp}, libvips ${versions.vips}`;
  },
  storeFor: ({ cache: folder }) =>
    folder === undefined
      ? undefined
      : {
          read: (key, size) => readPixels(folder, key, size),
          write: (key, size, pixels) => writePixels(folder, key, size, pixels),
        },
  post: (reply, transferred) => parentPort?.postMessage(reply, transferred),
});

parentPort?.on('message', answer);
