/**
 * @file How the coefficients of a block of 8×8 samples are coded in each kind of scan.
 *
 * ITU T.81, annex F (sequential) and G (progressive). Coefficients come in zigzag order; a code of them gives
 * `run << 4 | size`: so many zeros, then a value of so many bits. Size 0 is a run of 16 zeros, or the end of
 * the block, in progressive scans of `2^run` blocks and more.
 */

import { check } from '../../errors.ts';
import type { BitReader } from './bit-reader.ts';
import type { HuffmanTable } from './huffman.ts';

/** A component as a scan sees it. */
export interface ScanComponent {
  readonly dcTable: HuffmanTable | undefined;
  readonly acTable: HuffmanTable | undefined;
  /** The DC coefficient of the block before. */
  dcBefore: number;
}

/** Which coefficients a scan holds, and which of their bits. */
export interface ScanRange {
  readonly first: number;
  readonly last: number;
  /** The bit above those that this scan adds: 0 in a scan that begins the coefficients. */
  readonly highBit: number;
  /** The lowest bit that the scan gives. */
  readonly lowBit: number;
}

/** 64 coefficients, row by row, at `start`. */
export type Coefficients = Int16Array | Int32Array;

/** Reads a block's part of a scan. */
export type BlockDecoder = (component: ScanComponent, coefficients: Coefficients, start: number) => void;

const RUN_OF_16 = 15;
const MAX_DC_BITS = 15;
const COEFFICIENTS = 64;

// biome-ignore format: rows of the matrix
const ZIGZAG = Uint8Array.from([
   0,  1,  8, 16,  9,  2,  3, 10,
  17, 24, 32, 25, 18, 11,  4,  5,
  12, 19, 26, 33, 40, 48, 41, 34,
  27, 20, 13,  6,  7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36,
  29, 22, 15, 23, 30, 37, 44, 51,
  58, 59, 52, 45, 38, 31, 39, 46,
  53, 60, 61, 54, 47, 55, 62, 63,
]);

/** 64 numbers in zigzag order, row by row. */
export function rowByRow(numbers: ArrayLike<number>): Int32Array {
  const result = new Int32Array(COEFFICIENTS);
  for (let i = 0; i < COEFFICIENTS; i++) result[ZIGZAG[i]!] = numbers[i]!;
  return result;
}

/** Sequential: a whole block. */
export function sequentialDecoder(bits: BitReader): BlockDecoder {
  return (component, coefficients, start) => {
    coefficients[start] = nextDc(bits, component);
    const table = acTableOf(component);
    for (let k = 1; k < COEFFICIENTS; k++) {
      const code = table.read(bits);
      const run = code >> 4;
      const size = code & 15;
      if (size === 0 && run < RUN_OF_16) return;
      k += run;
      if (size > 0) coefficients[start + place(k)] = bits.readSigned(size);
    }
  };
}

/** Progressive, DC: the upper bits. */
export function dcFirstDecoder(bits: BitReader, { lowBit }: ScanRange): BlockDecoder {
  return (component, coefficients, start) => {
    coefficients[start] = nextDc(bits, component) << lowBit;
  };
}

/** Progressive, DC: one more bit. */
export function dcRefineDecoder(bits: BitReader, { lowBit }: ScanRange): BlockDecoder {
  return (_component, coefficients, start) => {
    coefficients[start]! |= bits.read(1) << lowBit;
  };
}

/** Counts the blocks of a run of ends that are still to come. */
export interface EndOfBlockRun {
  blocks: number;
}

/** Progressive, AC: the upper bits. */
export function acFirstDecoder(bits: BitReader, range: ScanRange, run: EndOfBlockRun): BlockDecoder {
  const { first, last, lowBit } = range;
  return (component, coefficients, start) => {
    if (run.blocks > 0) {
      run.blocks -= 1;
      return;
    }
    const table = acTableOf(component);
    for (let k = first; k <= last; k++) {
      const code = table.read(bits);
      const zeros = code >> 4;
      const size = code & 15;
      if (size === 0 && zeros < RUN_OF_16) {
        run.blocks = (1 << zeros) + bits.read(zeros) - 1;
        return;
      }
      k += zeros;
      if (size > 0) coefficients[start + place(k)] = bits.readSigned(size) * (1 << lowBit);
    }
  };
}

/** Progressive, AC: one more bit of coefficients known, and new ones, of one bit and a sign. */
export function acRefineDecoder(bits: BitReader, range: ScanRange, run: EndOfBlockRun): BlockDecoder {
  const { first, last, lowBit } = range;
  const one = 1 << lowBit;

  /** Refines from `k` up to the coefficient that follows `zeros` zeros, or beyond `last`; gives its place. */
  const refine = (coefficients: Coefficients, start: number, k: number, zeros: number): number => {
    for (; k <= last; k++) {
      const at = start + ZIGZAG[k]!;
      const value = coefficients[at]!;
      if (value === 0 && zeros-- === 0) return k;
      if (value !== 0 && bits.read(1) === 1) coefficients[at] = value < 0 ? value - one : value + one;
    }
    return k;
  };

  return (component, coefficients, start) => {
    let k = first;
    while (run.blocks === 0 && k <= last) {
      const code = acTableOf(component).read(bits);
      const zeros = code >> 4;
      const size = code & 15;
      check(size <= 1, 'bad-file', () => `The JPEG is damaged: a scan adds ${size} bits instead of one.`);
      if (size === 0 && zeros < RUN_OF_16) {
        run.blocks = (1 << zeros) + bits.read(zeros);
        break;
      }
      const value = size === 0 ? 0 : bits.read(1) === 1 ? one : -one;
      k = refine(coefficients, start, k, zeros);
      if (k <= last && value !== 0) coefficients[start + ZIGZAG[k]!] = value;
      k += 1;
    }
    if (run.blocks === 0) return;
    refine(coefficients, start, k, COEFFICIENTS);
    run.blocks -= 1;
  };
}

function nextDc(bits: BitReader, component: ScanComponent): number {
  const { dcTable } = component;
  check(dcTable !== undefined, 'bad-file', () => 'The JPEG is damaged: a scan has no Huffman table for DC.');
  const size = dcTable.read(bits);
  check(size <= MAX_DC_BITS, 'bad-file', () => {
    return `The JPEG is damaged: a DC coefficient has ${size} bits, more than ${MAX_DC_BITS}.`;
  });
  component.dcBefore += bits.readSigned(size);
  return component.dcBefore;
}

function acTableOf({ acTable }: ScanComponent): HuffmanTable {
  check(acTable !== undefined, 'bad-file', () => 'The JPEG is damaged: a scan has no Huffman table for AC.');
  return acTable;
}

/** Where coefficient `k` lies in its block. */
function place(k: number): number {
  check(k < COEFFICIENTS, 'bad-file', () => 'The JPEG is damaged: a run of zeros leaves its block.');
  return ZIGZAG[k]!;
}
