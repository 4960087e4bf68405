/**
 * @file What stands before a JPEG's pixels: the frame, Adobe's colour note and EXIF.
 *
 * ITU T.81, annex B: a file is a run of segments `FF marker, length (2 bytes, itself included), payload`.
 */

import { counted } from '../../counted.ts';
import { check, FoveaError } from '../../errors.ts';
import { frameOf, type JpegFrame } from './frame.ts';

/** The segments of a JPEG that its decoding depends on. */
export interface JpegHeader {
  readonly frame: JpegFrame;
  /** Adobe's colour transform: 0 none, 1 YCbCr, 2 YCCK; undefined without an Adobe segment. */
  readonly adobeTransform: number | undefined;
  /** The TIFF block of the first EXIF segment. */
  readonly exif: Uint8Array | undefined;
}

/** A segment; `end` is where the next one, or the pixels of a scan, begin. */
export interface Segment {
  readonly marker: number;
  readonly payload: Uint8Array;
  readonly end: number;
}

export const START_OF_SCAN = 0xda;
export const END_OF_IMAGE = 0xd9;
const START_OF_IMAGE = 0xd8;
const FIRST_RESTART = 0xd0;
const TEMPORARY = 0x01;
const APP1 = 0xe1;
const APP14 = 0xee;
/** The markers in C0 to CF that are no frame header: Huffman tables, an extension, arithmetic coding. */
const NOT_A_FRAME = [0xc4, 0xc8, 0xcc];
/** Where the first segment stands, after the start of image. */
export const FIRST_SEGMENT = 2;

/**
 * Reads the header of a JPEG, up to its first scan.
 *
 * Throws 'bad-file' without a frame, for one of a kind that is not decoded here (see
 * {@link frameOf}), and where a segment is cut off.
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader {
  let frame: JpegFrame | undefined;
  let adobeTransform: number | undefined;
  let exif: Uint8Array | undefined;
  for (let offset = FIRST_SEGMENT; ; ) {
    const { marker, payload, end } = segmentAt(bytes, offset);
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE) break;
    if (isFrame(marker)) {
      check(frame === undefined, 'bad-file', () => 'The JPEG has two frame headers, it should have one.');
      frame = frameOf(marker, payload);
    }
    if (marker === APP1 && startsWith(payload, 'Exif\0\0')) exif ??= payload.subarray(6);
    if (marker === APP14 && startsWith(payload, 'Adobe')) adobeTransform = payload[11];
    offset = end;
  }
  if (!frame) throw new FoveaError('bad-file', 'The JPEG has no frame header before its pixels.');
  return { frame, adobeTransform, exif };
}

/** Whether a segment is a frame header. */
export function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && !NOT_A_FRAME.includes(marker);
}

/** The segment at `offset`; what is none before it, such as fill bytes, is passed over. */
export function segmentAt(bytes: Uint8Array, offset: number): Segment {
  const start = findMarker(bytes, offset);
  const marker = bytes[start + 1]!;
  if (marker === END_OF_IMAGE) return { marker, payload: new Uint8Array(), end: start + 2 };
  const length = (bytes[start + 2]! << 8) | bytes[start + 3]!;
  const end = start + 2 + length;
  check(length >= 2 && end <= bytes.length, 'bad-file', () => {
    const name = marker.toString(16);
    return `The JPEG is cut off: its segment ff ${name} at byte ${start} does not fit in its ${counted(bytes.length, 'byte')}.`;
  });
  return { marker, payload: bytes.subarray(start + 4, end), end };
}

/** Where the next marker of a segment stands: FF and what is neither a stuffed zero, nor fill, nor alone. */
function findMarker(bytes: Uint8Array, offset: number): number {
  for (let at = bytes.indexOf(0xff, offset); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const marker = bytes[at + 1];
    if (marker === undefined) break;
    const standsAlone = marker === TEMPORARY || (marker >= FIRST_RESTART && marker <= START_OF_IMAGE);
    if (marker !== 0 && marker !== 0xff && !standsAlone) return at;
  }
  throw new FoveaError(
    'bad-file',
    `The JPEG is cut off: it ends at byte ${bytes.length} without an end marker.`,
  );
}

function startsWith(payload: Uint8Array, text: string): boolean {
  return [...text].every((character, i) => payload[i] === character.charCodeAt(0));
}
