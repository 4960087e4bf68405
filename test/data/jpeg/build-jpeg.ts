/**
 * @file Small JPEGs with whatever segments.
 */

import { encode } from 'jpeg-js';

/** A JPEG (4:4:4) of the colours that `color` gives for each pixel. */
export function jpegOf(
  width: number,
  height: number,
  color: (x: number, y: number) => readonly [red: number, green: number, blue: number],
): Uint8Array {
  const data = Array.from({ length: width * height }, (_, i) => [
    ...color(i % width, Math.floor(i / width)),
    255,
  ]).flat();
  return encode({ width, height, data: Uint8Array.from(data) }, 100).data;
}

/** The JPEG with a segment `FF marker` put in after its start. */
export function withSegment(jpeg: Uint8Array, marker: number, payload: Uint8Array): Uint8Array {
  const length = payload.length + 2;
  const segment = [0xff, marker, length >> 8, length & 255, ...payload];
  return Uint8Array.from([...jpeg.subarray(0, 2), ...segment, ...jpeg.subarray(2)]);
}

/** An EXIF segment's payload with one entry, the orientation. */
export function exifPayload(orientation: number, littleEndian: boolean): Uint8Array {
  const payload = new Uint8Array(6 + 8 + 2 + 12 + 4);
  payload.set(new TextEncoder().encode('Exif\0\0'));
  const tiff = new DataView(payload.buffer, 6);
  tiff.setUint16(0, littleEndian ? 0x4949 : 0x4d4d);
  tiff.setUint16(2, 42, littleEndian);
  tiff.setUint32(4, 8, littleEndian);
  tiff.setUint16(8, 1, littleEndian);
  tiff.setUint16(10, 0x0112, littleEndian);
  tiff.setUint16(12, 3, littleEndian);
  tiff.setUint32(14, 1, littleEndian);
  tiff.setUint16(18, orientation, littleEndian);
  return payload;
}
