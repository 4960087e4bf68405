/**
 * @file Decodes a JPEG's components: sequential or progressive, Huffman coded, 8 bits per sample.
 *
 * Blocks of a sequential JPEG become samples as they are read; only a progressive one's coefficients are kept,
 * 2 bytes each, until its last scan.
 */

import { check } from '../../errors.ts';
import { type Coefficients, rowByRow } from './blocks.ts';
import type { JpegComponent, JpegFrame } from './frame.ts';
import { END_OF_IMAGE, FIRST_SEGMENT, isFrame, START_OF_SCAN, segmentAt } from './header.ts';
import { HuffmanTable } from './huffman.ts';
import { inverseDct } from './inverse-dct.ts';
import { decodeScan, readScanHeader } from './scan.ts';

/** The samples of a component: rows of `stride`, of which the image may cover less. */
export interface Plane {
  readonly samples: Uint8Array;
  readonly stride: number;
  /** Samples per pixel, at most 1. */
  readonly scaleX: number;
  readonly scaleY: number;
}

const HUFFMAN_TABLES = 0xc4;
const QUANTIZATION_TABLES = 0xdb;
const RESTART_INTERVAL = 0xdd;
const BLOCK = 8;
const BLOCK_SAMPLES = 64;
/** Encoders write about ten; each may go through all blocks for a few bytes. */
const MAX_SCANS = 256;

/**
 * The planes of a JPEG's components, in the order of its frame.
 *
 * Throws 'bad-file' where it is cut off or damaged.
 */
export function decodeJpegPlanes(bytes: Uint8Array, frame: JpegFrame): Plane[] {
  const decoder = new Decoder(frame);
  let offset = FIRST_SEGMENT;
  for (;;) {
    const { marker, payload, end } = segmentAt(bytes, offset);
    if (marker === END_OF_IMAGE) return decoder.finish();
    offset = marker === START_OF_SCAN ? decoder.scan(payload, bytes, end) : end;
    if (marker === HUFFMAN_TABLES) decoder.readHuffmanTables(payload);
    if (marker === QUANTIZATION_TABLES) decoder.readQuantizationTables(payload);
    if (marker === RESTART_INTERVAL) decoder.readRestartInterval(payload);
    check(!isFrame(marker) || !decoder.begun, 'bad-file', () => 'The JPEG has two frame headers.');
  }
}

/** A component, its samples, and for progressive JPEGs its coefficients, 64 per block. */
interface DecodedComponent extends JpegComponent {
  readonly plane: Plane;
  /** Blocks per line with those that fill the last unit. */
  readonly blockStride: number;
  readonly coefficients: Int16Array | undefined;
  /** Set by the component's first scan. */
  quantizationTable: Int32Array | undefined;
}

class Decoder {
  readonly #frame: JpegFrame;
  readonly #components: readonly DecodedComponent[];
  readonly #dcTables: HuffmanTable[] = [];
  readonly #acTables: HuffmanTable[] = [];
  readonly #quantizationTables: Int32Array[] = [];
  #restartInterval = 0;
  #scans = 0;

  constructor(frame: JpegFrame) {
    this.#frame = frame;
    this.#components = frame.components.map((component) => allocated(component, frame));
  }

  /** Whether a scan was decoded. */
  get begun(): boolean {
    return this.#scans > 0;
  }

  /** Class and number (4 bits each), counts of the lengths 1 to 16, then the values; again and again. */
  readHuffmanTables(payload: Uint8Array): void {
    for (let at = 0; at < payload.length; ) {
      const kind = payload[at]!;
      const counts = payload.subarray(at + 1, at + 17);
      const values = payload.subarray(at + 17, at + 17 + counts.reduce((sum, count) => sum + count, 0));
      at += 17 + values.length;
      check(
        counts.length === 16 && values.length === counts.reduce((sum, count) => sum + count, 0),
        'bad-file',
        () => {
          return 'The JPEG is damaged: a Huffman table is longer than its segment.';
        },
      );
      (kind >> 4 === 0 ? this.#dcTables : this.#acTables)[kind & 15] = new HuffmanTable(counts, values);
    }
  }

  /** Width of the numbers (0: 8 bits, 1: 16) and number of the table (4 bits each), 64 numbers; again and again. */
  readQuantizationTables(payload: Uint8Array): void {
    for (let at = 0; at < payload.length; ) {
      const kind = payload[at]!;
      const width = kind >> 4 === 0 ? 1 : 2;
      const numbers = payload.subarray(at + 1, at + 1 + width * BLOCK_SAMPLES);
      check(numbers.length === width * BLOCK_SAMPLES && kind >> 4 <= 1, 'bad-file', () => {
        return 'The JPEG is damaged: a quantization table does not fit in its segment.';
      });
      const wide = Array.from(
        { length: BLOCK_SAMPLES },
        (_, i) => (numbers[2 * i]! << 8) | numbers[2 * i + 1]!,
      );
      this.#quantizationTables[kind & 15] = rowByRow(width === 1 ? numbers : wide);
      at += 1 + numbers.length;
    }
  }

  readRestartInterval([high = 0, low = 0]: Uint8Array): void {
    this.#restartInterval = (high << 8) | low;
  }

  /** Decodes the scan at `offset`, and gives where it ends. */
  scan(payload: Uint8Array, bytes: Uint8Array, offset: number): number {
    this.#scans += 1;
    check(
      this.#scans <= MAX_SCANS,
      'bad-file',
      () => `The JPEG has more than ${MAX_SCANS} scans: it is damaged.`,
    );
    const tables = { dc: this.#dcTables, ac: this.#acTables };
    const scan = readScanHeader(payload, this.#frame, tables);
    const decoded = scan.components.map(
      ({ id }) => this.#components.find((component) => component.id === id)!,
    );
    for (const component of decoded) this.#begin(component);
    const block = new Int32Array(BLOCK_SAMPLES);
    return decodeScan(
      bytes,
      offset,
      this.#frame,
      scan,
      this.#restartInterval,
      (decode, index, row, column) => {
        const component = decoded[index]!;
        const { coefficients, blockStride } = component;
        if (coefficients) {
          decode(scan.components[index]!, coefficients, (row * blockStride + column) * BLOCK_SAMPLES);
          return;
        }
        block.fill(0);
        decode(scan.components[index]!, block, 0);
        transform(component, block, 0, row, column);
      },
    );
  }

  /** The planes, once all scans are decoded. */
  finish(): Plane[] {
    for (const component of this.#components) {
      check(component.quantizationTable !== undefined, 'bad-file', () => {
        return `The JPEG is cut off or damaged: it has no pixels for component ${component.id}.`;
      });
      if (component.coefficients) transformAll(component, component.coefficients);
    }
    return this.#components.map(({ plane }) => plane);
  }

  #begin(component: DecodedComponent): void {
    const table = this.#quantizationTables[component.quantization];
    check(table !== undefined, 'bad-file', () => {
      return `The JPEG is damaged: it has no quantization table ${component.quantization} before its pixels.`;
    });
    component.quantizationTable ??= table;
  }
}

function allocated(component: JpegComponent, frame: JpegFrame): DecodedComponent {
  const blockStride = frame.unitsPerLine * component.horizontal;
  const blocks = blockStride * frame.unitsPerColumn * component.vertical;
  const plane = {
    samples: new Uint8Array(blocks * BLOCK_SAMPLES),
    stride: blockStride * BLOCK,
    scaleX: component.horizontal / frame.maxHorizontal,
    scaleY: component.vertical / frame.maxVertical,
  };
  const coefficients = frame.progressive ? new Int16Array(blocks * BLOCK_SAMPLES) : undefined;
  return { ...component, plane, blockStride, coefficients, quantizationTable: undefined };
}

function transformAll(component: DecodedComponent, coefficients: Int16Array): void {
  for (let row = 0; row < component.blocksPerColumn; row++) {
    for (let column = 0; column < component.blocksPerLine; column++) {
      transform(component, coefficients, (row * component.blockStride + column) * BLOCK_SAMPLES, row, column);
    }
  }
}

function transform(
  component: DecodedComponent,
  from: Coefficients,
  start: number,
  row: number,
  column: number,
) {
  const { samples, stride } = component.plane;
  inverseDct(from, start, component.quantizationTable!, samples, (row * stride + column) * BLOCK, stride);
}
