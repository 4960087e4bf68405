/**
 * @file What stands before a JPEG's pixels: the components' sampling factors, Adobe's colour note and EXIF.
 *
 * ITU T.81, annex B: a file is a run of segments `FF marker, length (2 bytes, itself included), payload`
 * up to the start of scan.
 */

/** How densely one component is sampled, relative to the others. */
export interface Sampling {
  readonly horizontal: number;
  readonly vertical: number;
}

/** The segments of a JPEG that its decoding depends on. */
export interface JpegHeader {
  /** In the file's order; empty where there is no frame header. */
  readonly components: readonly Sampling[];
  /** Adobe's colour transform: 0 none, 1 YCbCr, 2 YCCK; undefined without an Adobe segment. */
  readonly adobeTransform: number | undefined;
  /** The TIFF block of the first EXIF segment. */
  readonly exif: Uint8Array | undefined;
}

const START_OF_SCAN = 0xda;
const APP1 = 0xe1;
const APP14 = 0xee;
/** The markers in C0 to CF that are no frame header: Huffman tables, an extension, arithmetic coding. */
const NOT_A_FRAME = [0xc4, 0xc8, 0xcc];

/** Reads the header of a JPEG; whatever is cut off or malformed is left out. */
export function readJpegHeader(bytes: Uint8Array): JpegHeader {
  let components: Sampling[] = [];
  let adobeTransform: number | undefined;
  let exif: Uint8Array | undefined;
  for (const { marker, payload } of segments(bytes)) {
    if (marker >= 0xc0 && marker <= 0xcf && !NOT_A_FRAME.includes(marker)) components = samplings(payload);
    if (marker === APP1 && startsWith(payload, 'Exif\0\0')) exif ??= payload.subarray(6);
    if (marker === APP14 && startsWith(payload, 'Adobe')) adobeTransform = payload[11];
  }
  return { components, adobeTransform, exif };
}

function* segments(bytes: Uint8Array): Generator<{ marker: number; payload: Uint8Array }> {
  let offset = 2;
  while (offset + 4 <= bytes.length && bytes[offset] === 0xff) {
    const marker = bytes[offset + 1]!;
    if (marker === START_OF_SCAN) return;
    if (marker === 0xff) {
      offset += 1; // a fill byte
      continue;
    }
    const length = (bytes[offset + 2]! << 8) | bytes[offset + 3]!;
    yield { marker, payload: bytes.subarray(offset + 4, offset + 2 + length) };
    offset += 2 + length;
  }
}

/** Frame header: precision (1 byte), height and width (2 each), count (1), then 3 bytes a component. */
function samplings(frame: Uint8Array): Sampling[] {
  const result: Sampling[] = [];
  for (let i = 0; i < (frame[5] ?? 0); i++) {
    const factors = frame[7 + 3 * i];
    if (factors !== undefined) result.push({ horizontal: factors >> 4, vertical: factors & 15 });
  }
  return result;
}

function startsWith(payload: Uint8Array, text: string): boolean {
  return [...text].every((character, i) => payload[i] === character.charCodeAt(0));
}
