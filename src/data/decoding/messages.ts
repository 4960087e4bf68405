/** @file What is said between those who want pixels and the threads that decode them. */

import type { ChannelOrder } from '../image.ts';
import type { Extent } from '../image-header.ts';

/** What a thread is asked for: an image of at most `maxPixels`, scaled to `size` × `size`. */
export interface DecodeRequest {
  /** Where the file lies, or what messages call the image whose `bytes` are given. */
  readonly path: string;
  /** The file; by default it is read, where threads can read files. */
  readonly bytes?: Uint8Array;
  readonly size: number;
  readonly order: ChannelOrder;
  readonly maxPixels: number;
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

/** What came of it, or of how many pixels the image is: then the thread waits for 'proceed'. */
export type DecodeReply = DecodeResult | { readonly largeImage: number };

/** What a thread is told. */
export type DecodeMessage<R extends DecodeRequest = DecodeRequest> = R | 'proceed';
