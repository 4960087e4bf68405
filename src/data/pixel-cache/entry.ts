/**
 * @file What a cache of scaled images keeps, and by which key: the same in Node and in browsers.
 *
 *     magic      8 bytes, `fovea-px`
 *     size       4 bytes, the lowest first: height and width of the image
 *     digest     32 bytes, SHA-256 of the pixels
 *     pixels     size · size · 3 bytes
 */

import { CHANNELS, type ChannelOrder } from '../image.ts';

/** Which pixels are made of a file. */
export interface PixelRequest {
  /** Height and width in pixels. */
  readonly size: number;
  readonly order: ChannelOrder;
  /** The decoder, with its version where that is not fovea's: `own`, `sharp 0.35.5`. */
  readonly decoder: string;
}

/** To be raised whenever our decoder or `resizeBilinear` gives other pixels for any file: older entries are then passed over. */
const PIXELS_VERSION = 1;
const MAGIC = new TextEncoder().encode('fovea-px');
const DIGEST_BYTES = 32;
const SIZE_AT = MAGIC.length;
const DIGEST_AT = SIZE_AT + 4;
const PIXELS_AT = DIGEST_AT + DIGEST_BYTES;

/** The key of the pixels that `request` makes of a file of these bytes: 64 hexadecimal digits. */
export async function pixelKey(file: Uint8Array, { size, order, decoder }: PixelRequest): Promise<string> {
  const facts = JSON.stringify([PIXELS_VERSION, decoder, size, order, hexadecimal(await sha256(file))]);
  return hexadecimal(await sha256(new TextEncoder().encode(facts)));
}

const SUFFIX = '.pixels';
const NAME = /^[0-9a-f]{64}\.pixels$/;

/** The name of the file that keeps the pixels of `key`. */
export const entryName = (key: string): string => key + SUFFIX;

/** Whether a file of that name is an entry. */
export const isEntry = (name: string): boolean => NAME.test(name);

/** `[size, size, 3]` pixels as they are kept. */
export async function encodePixels(pixels: Uint8Array, size: number): Promise<Uint8Array> {
  const entry = new Uint8Array(PIXELS_AT + pixels.length);
  entry.set(MAGIC);
  new DataView(entry.buffer).setUint32(SIZE_AT, size, true);
  entry.set(await sha256(pixels), DIGEST_AT);
  entry.set(pixels, PIXELS_AT);
  return entry;
}

/** The pixels of an entry; undefined where it is not whole, or of another size. */
export async function decodePixels(entry: Uint8Array, size: number): Promise<Uint8Array | undefined> {
  if (entry.length !== entryBytes(size)) return undefined;
  if (MAGIC.some((byte, i) => entry[i] !== byte)) return undefined;
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength);
  if (view.getUint32(SIZE_AT, true) !== size) return undefined;
  const pixels = new Uint8Array(entry.subarray(PIXELS_AT)); // slice() of Node's Buffer would share the memory
  const digest = await sha256(pixels);
  return digest.every((byte, i) => entry[DIGEST_AT + i] === byte) ? pixels : undefined;
}

/** How many bytes an entry takes. */
export function entryBytes(size: number): number {
  return PIXELS_AT + size * size * CHANNELS;
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  // Types know buffers that threads share, which no caller has.
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
