/** @file What a decoding thread does with a request, in Node and in browsers. */

import { messageOf } from '../../errors.ts';
import type { Image } from '../image.ts';
import { type Extent, extentOf, type ImageHeader, readImageHeader } from '../image-header.ts';
import { type PixelRequest, pixelKey } from '../pixel-cache/entry.ts';
import { resizeBilinear } from '../resize.ts';
import type { DecodedPixels, DecodeMessage, DecodeReply, DecodeRequest, DecodeResult } from './messages.ts';

/** Keeps pixels by their keys. */
export interface PixelStore {
  /** The pixels kept under `key`; undefined where there are none, or they are damaged. */
  read(key: string, size: number): Promise<Uint8Array | undefined>;
  /** Keeps pixels, and gives how many bytes that takes. Throws where they cannot be written. */
  write(key: string, size: number, pixels: Uint8Array): Promise<number>;
}

/** What only Node or only browsers can do. */
export interface DecodingThread<R extends DecodeRequest> {
  /** The bytes of an image. */
  readFile(request: R): Promise<Uint8Array>;
  /** Decodes an image, in full size. */
  decode(file: Uint8Array, header: ImageHeader, request: R): Promise<Image>;
  /** What tells the pixels of one decoder from those of another. */
  decoderName(request: R): string;
  /** Where pixels are looked for first, and kept. */
  storeFor(request: R): PixelStore | undefined;
  /** Tells who asked; `transferred` goes over to them. */
  post(reply: DecodeReply, transferred: ArrayBuffer[]): void;
}

/** Images of more pixels than this are decoded one at a time. */
const LARGE_IMAGE = 25_000_000;

/** What to do with each message that a thread is told. */
export function answerer<R extends DecodeRequest>(
  thread: DecodingThread<R>,
): (message: DecodeMessage<R>) => Promise<void> {
  let proceed: () => void = () => {};

  async function answer(request: R): Promise<DecodeResult> {
    const { path } = request;
    let extent: Extent | undefined;
    try {
      const file = request.bytes ?? (await thread.readFile(request));
      const header = readImageHeader(file, request.maxPixels);
      extent = extentOf(header);
      const store = thread.storeFor(request);
      const decoded = store
        ? await throughStore(store, file, header, request)
        : { pixels: await decodeAndScale(file, header, request) };
      return { ...decoded, extent };
    } catch (error) {
      const reason = messageOf(error);
      return { reason: reason.includes(path) ? reason : `Cannot read the image ${path}. ${reason}`, extent };
    }
  }

  async function throughStore(
    store: PixelStore,
    file: Uint8Array,
    header: ImageHeader,
    request: R,
  ): Promise<DecodedPixels> {
    const { size, order } = request;
    const wanted: PixelRequest = { size, order, decoder: thread.decoderName(request) };
    const key = await pixelKey(file, wanted);
    const found = await store.read(key, size);
    if (found) return { pixels: found };
    const pixels = await decodeAndScale(file, header, request);
    try {
      return { pixels, written: await store.write(key, size, pixels) };
    } catch (error) {
      return { pixels, cacheFailure: messageOf(error) };
    }
  }

  async function decodeAndScale(file: Uint8Array, header: ImageHeader, request: R): Promise<Uint8Array> {
    const { width, height } = extentOf(header);
    if (width * height > LARGE_IMAGE) {
      const permission = new Promise<void>((resolve) => {
        proceed = resolve;
      });
      thread.post({ largeImage: width * height }, []);
      await permission;
    }
    return resizeBilinear(await thread.decode(file, header, request), request.size, request.size).data;
  }

  return async (message) => {
    if (message === 'proceed') return proceed();
    const reply = await answer(message);
    thread.post(reply, 'pixels' in reply ? [reply.pixels.buffer as ArrayBuffer] : []);
  };
}
