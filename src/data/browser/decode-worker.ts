/**
 * @file Entry of a Web Worker that decodes and scales one image after another, by the same code as in Node.
 */

import { decodeByHeader } from '../decode-header.ts';
import { answerer } from '../decoding/answer.ts';
import type { DecodeMessage, DecodeRequest } from '../decoding/messages.ts';
import { rowsToScale } from '../resize.ts';
import { inflateByPako } from './inflate.ts';
import { readPixels, writePixels } from './pixel-files.ts';
import { noSource } from './sample-files.ts';

/** What a worker is asked for. */
export interface PageDecodeRequest extends DecodeRequest {
  /** The folder of a cache to look into first. */
  readonly cache?: string | undefined;
}

/** What is used of a worker's scope: the types of one clash with those of a page. */
interface Scope {
  postMessage(message: unknown, transferred: ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

const scope = globalThis as unknown as Scope;

const answer = answerer<PageDecodeRequest>({
  async readFile({ path }) {
    throw noSource(path);
  },
  decode: async (file, header, { order, size }) =>
    decodeByHeader(file, header, {
      order,
      rowsOf: (height) => rowsToScale(height, size),
      inflate: inflateByPako,
    }),
  decoderName: () => 'own',
  storeFor: ({ cache: folder }) =>
    folder === undefined
      ? undefined
      : {
          read: (key, size) => readPixels(folder, key, size),
          write: (key, size, pixels) => writePixels(folder, key, size, pixels),
        },
  post: (reply, transferred) => scope.postMessage(reply, transferred),
});

scope.addEventListener('message', ({ data }) => void answer(data as DecodeMessage<PageDecodeRequest>));
