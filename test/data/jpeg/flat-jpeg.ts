/**
 * @file Writes grey JPEGs of flat blocks: the fewest bytes a sequential JPEG can have, with whatever header.
 */

/** What {@link flatJpeg} writes. */
export interface FlatJpeg {
  width: number;
  height: number;
  /** DC differences of the blocks, of size 0 or 4; 0 by default. */
  differences?: number[];
  restartInterval?: number;
  /** The marker of the frame. */
  frame?: number;
  precision?: number;
}

/** A grey JPEG whose blocks are flat: DC is coded as 0 (no change) or 10 and 4 bits, the end of a block as 0. */
export function flatJpeg({
  width,
  height,
  differences = [],
  restartInterval = 0,
  frame = 0xc0,
  precision = 8,
}: FlatJpeg) {
  const segment = (marker: number, ...payload: number[]) => [0xff, marker, 0, payload.length + 2, ...payload];
  const pixels: number[] = [];
  let bits = '';
  const flush = () => {
    for (let i = 0; i < bits.length; i += 8)
      pixels.push(Number.parseInt(bits.slice(i, i + 8).padEnd(8, '1'), 2));
    bits = '';
  };
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  for (let i = 0; i < blocks; i++) {
    if (restartInterval > 0 && i > 0 && i % restartInterval === 0) {
      flush();
      pixels.push(0xff, 0xd0 + ((i / restartInterval - 1) % 8));
    }
    const difference = differences[i] ?? 0;
    const coded = difference > 0 ? difference : difference + 15;
    bits += difference === 0 ? '00' : `10${coded.toString(2).padStart(4, '0')}0`;
  }
  flush();
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xdb, 0, ...Array(64).fill(8)),
    ...segment(frame, precision, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0),
    ...segment(0xc4, 0x00, 1, 1, ...Array(14).fill(0), 0, 4, 0x10, 1, ...Array(15).fill(0), 0),
    ...(restartInterval > 0 ? segment(0xdd, restartInterval >> 8, restartInterval & 255) : []),
    ...segment(0xda, 1, 1, 0x00, 0, 63, 0),
    ...pixels,
    ...[0xff, 0xd9],
  ]);
}
