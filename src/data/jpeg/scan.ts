/**
 * @file The scans of a JPEG: which blocks they hold, in which order.
 *
 * ITU T.81, section A.2: a scan of several components goes through the image in units, each of which has
 * `horizontal` × `vertical` blocks of each component; a scan of one goes block by block.
 */

import { check } from '../../errors.ts';
import { BitReader } from './bit-reader.ts';
import {
  acFirstDecoder,
  acRefineDecoder,
  type BlockDecoder,
  dcFirstDecoder,
  dcRefineDecoder,
  type ScanComponent,
  type ScanRange,
  sequentialDecoder,
} from './blocks.ts';
import type { JpegComponent, JpegFrame } from './frame.ts';
import type { HuffmanTable } from './huffman.ts';

/** Huffman tables by their numbers. */
export interface HuffmanTables {
  readonly dc: readonly HuffmanTable[];
  readonly ac: readonly HuffmanTable[];
}

/** What a scan's header says. */
export interface ScanHeader extends ScanRange {
  readonly components: readonly (JpegComponent & ScanComponent)[];
}

const LAST_COEFFICIENT = 63;
/** Results lose bits beyond this one. */
const MAX_LOW_BIT = 13;

/** Reads a scan's header: count, id and tables of each component, first and last coefficient, bits. */
export function readScanHeader(payload: Uint8Array, frame: JpegFrame, tables: HuffmanTables): ScanHeader {
  const [count = 0] = payload;
  check(count >= 1 && count <= frame.components.length && payload.length >= 4 + 2 * count, 'bad-file', () => {
    return `The JPEG is damaged: a scan of ${count} components, of ${frame.components.length} in all.`;
  });
  const components = Array.from({ length: count }, (_, i) => {
    const [id = 0, table = 0] = payload.subarray(1 + 2 * i);
    const component = frame.components.find((candidate) => candidate.id === id);
    check(
      component !== undefined,
      'bad-file',
      () => `The JPEG is damaged: a scan of component ${id}, of none.`,
    );
    return { ...component, dcTable: tables.dc[table >> 4], acTable: tables.ac[table & 15], dcBefore: 0 };
  });
  if (!frame.progressive) return { components, first: 0, last: LAST_COEFFICIENT, highBit: 0, lowBit: 0 };
  const [first = 0, last = 0, approximation = 0] = payload.subarray(1 + 2 * count);
  const [highBit, lowBit] = [approximation >> 4, approximation & 15];
  const isDc = first === 0;
  check(last <= LAST_COEFFICIENT && first <= last && lowBit <= MAX_LOW_BIT, 'bad-file', () => {
    return `The JPEG is damaged: a scan of coefficients ${first} to ${last} from bit ${lowBit} on.`;
  });
  check(
    isDc || count === 1,
    'bad-file',
    () => `The JPEG is damaged: a scan of ${count} components without DC.`,
  );
  return { components, first, last, highBit, lowBit };
}

/** Called for each block with its component's place in the scan. */
export type BlockVisitor = (
  decode: BlockDecoder,
  index: number,
  blockRow: number,
  blockColumn: number,
) => void;

/**
 * Has `visit` decode the blocks of the scan that begins at `offset`.
 *
 * @param restartInterval after how many units, or blocks, a restart marker stands; 0 for none
 * @returns where the scan's last byte stood or, if it was read ahead, the marker after it
 */
export function decodeScan(
  bytes: Uint8Array,
  offset: number,
  frame: JpegFrame,
  scan: ScanHeader,
  restartInterval: number,
  visit: BlockVisitor,
): number {
  const bits = new BitReader(bytes, offset);
  const run = { blocks: 0 };
  const decode = chooseDecoder(bits, frame, scan, run);
  const [alone] = scan.components.length === 1 ? scan.components : [];
  const perLine = alone ? alone.blocksPerLine : frame.unitsPerLine;
  const lines = alone ? alone.blocksPerColumn : frame.unitsPerColumn;
  let untilRestart = restartInterval;
  for (let row = 0; row < lines; row++) {
    for (let column = 0; column < perLine; column++) {
      if (restartInterval > 0 && untilRestart-- === 0) {
        bits.restart();
        run.blocks = 0;
        for (const component of scan.components) component.dcBefore = 0;
        untilRestart = restartInterval - 1;
      }
      if (alone) visit(decode, 0, row, column);
      else visitUnit(scan, row, column, decode, visit);
    }
  }
  return bits.offset;
}

function visitUnit(
  { components }: ScanHeader,
  row: number,
  column: number,
  decode: BlockDecoder,
  visit: BlockVisitor,
) {
  for (let index = 0; index < components.length; index++) {
    const { horizontal, vertical } = components[index]!;
    for (let y = 0; y < vertical; y++) {
      for (let x = 0; x < horizontal; x++) visit(decode, index, row * vertical + y, column * horizontal + x);
    }
  }
}

function chooseDecoder(
  bits: BitReader,
  { progressive }: JpegFrame,
  scan: ScanHeader,
  run: { blocks: number },
): BlockDecoder {
  if (!progressive) return sequentialDecoder(bits);
  const begins = scan.highBit === 0;
  if (scan.first === 0) return begins ? dcFirstDecoder(bits, scan) : dcRefineDecoder(bits, scan);
  return begins ? acFirstDecoder(bits, scan, run) : acRefineDecoder(bits, scan, run);
}
