/**
 * @file The frame header of a JPEG: how large it is, and how it is coded.
 */

import { counted } from '../../counted.ts';
import { check } from '../../errors.ts';

/** One component, such as luma. Its blocks are 8×8 samples. */
export interface JpegComponent {
  readonly id: number;
  /** Samples relative to the other components, 1 to 4. */
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantization: number;
  /** Blocks that the image covers. */
  readonly blocksPerLine: number;
  readonly blocksPerColumn: number;
}

/** A frame that can be decoded: sequential or progressive, Huffman coded, 8 bits per sample. */
export interface JpegFrame {
  readonly width: number;
  readonly height: number;
  readonly progressive: boolean;
  readonly components: readonly JpegComponent[];
  /** The largest sampling factors. */
  readonly maxHorizontal: number;
  readonly maxVertical: number;
  /** Units of `8 · maxHorizontal` × `8 · maxVertical` pixels. */
  readonly unitsPerLine: number;
  readonly unitsPerColumn: number;
}

const PROGRESSIVE = 0xc2;
/** ITU T.81, table B.1. */
const NOT_DECODED = new Map([
  [0xc3, 'lossless'],
  [0xc5, 'hierarchical'],
  [0xc6, 'hierarchical'],
  [0xc7, 'hierarchical'],
  [0xc9, 'arithmetic-coded'],
  [0xca, 'arithmetic-coded'],
  [0xcb, 'lossless'],
  [0xcd, 'hierarchical'],
  [0xce, 'hierarchical'],
  [0xcf, 'hierarchical'],
]);
const PRECISION = 8;
const BLOCK = 8;

/**
 * Reads a frame header: precision (1 byte), height and width (2 each), count (1), then 3 bytes per component.
 *
 * Throws 'bad-file' for lossless, arithmetic-coded and hierarchical frames, for a precision other
 * than 8, for other than 1, 3 or 4 components, and where the header is malformed.
 */
export function frameOf(marker: number, header: Uint8Array): JpegFrame {
  const kind = NOT_DECODED.get(marker);
  check(kind === undefined, 'bad-file', () => {
    return `The JPEG is ${kind}; only sequential and progressive ones are supported. Save it as one of those, or as PNG.`;
  });
  const [precision = 0, heightHigh = 0, heightLow = 0, widthHigh = 0, widthLow = 0, count = 0] = header;
  check(precision === PRECISION, 'bad-file', () => {
    return `The JPEG has ${precision} bits per sample; only ${PRECISION} are supported. Save it with 8 bits, or as PNG.`;
  });
  const height = (heightHigh << 8) | heightLow;
  const width = (widthHigh << 8) | widthLow;
  check(
    width > 0 && height > 0,
    'bad-file',
    () => `The JPEG is damaged: its header says ${width}×${height} pixels.`,
  );
  check([1, 3, 4].includes(count), 'bad-file', () => {
    return `The JPEG has ${count} components; only grey (1), colour (3) and CMYK (4) are supported.`;
  });
  check(header.length >= 6 + 3 * count, 'bad-file', () => {
    return `The JPEG's frame header has ${counted(header.length, 'byte')}; ${counted(count, 'component takes', 'components take')} ${6 + 3 * count}.`;
  });
  return laidOut(width, height, marker, samplings(header, count));
}

type Sampling = Pick<JpegComponent, 'id' | 'horizontal' | 'vertical' | 'quantization'>;

function samplings(header: Uint8Array, count: number): Sampling[] {
  const ids = new Set<number>();
  return Array.from({ length: count }, (_, i) => {
    const [id = 0, factors = 0, quantization = 0] = header.subarray(6 + 3 * i);
    const horizontal = factors >> 4;
    const vertical = factors & 15;
    check(
      [horizontal, vertical].every((factor) => factor >= 1 && factor <= 4),
      'bad-file',
      () => {
        return `The JPEG samples a component ${horizontal}×${vertical} times; 1 to 4 times are allowed.`;
      },
    );
    check(!ids.has(id), 'bad-file', () => `The JPEG has two components ${id}.`);
    ids.add(id);
    return { id, horizontal, vertical, quantization };
  });
}

function laidOut(width: number, height: number, marker: number, sampled: readonly Sampling[]): JpegFrame {
  const maxHorizontal = Math.max(...sampled.map(({ horizontal }) => horizontal));
  const maxVertical = Math.max(...sampled.map(({ vertical }) => vertical));
  return {
    width,
    height,
    progressive: marker === PROGRESSIVE,
    maxHorizontal,
    maxVertical,
    unitsPerLine: Math.ceil(width / (BLOCK * maxHorizontal)),
    unitsPerColumn: Math.ceil(height / (BLOCK * maxVertical)),
    components: sampled.map((component) => ({
      ...component,
      blocksPerLine: Math.ceil((width * component.horizontal) / (BLOCK * maxHorizontal)),
      blocksPerColumn: Math.ceil((height * component.vertical) / (BLOCK * maxVertical)),
    })),
  };
}

/**
 * The fewest bytes that such a frame's pixels can take. A Huffman code has at least one bit; a block has a code
 * for its DC coefficient, and, but for progressive ones, whose ends of blocks come in runs, one for its end.
 */
export function leastJpegBytes({ components, progressive }: JpegFrame): number {
  const blocks = components.reduce((sum, { blocksPerLine, blocksPerColumn }) => {
    return sum + blocksPerLine * blocksPerColumn;
  }, 0);
  return Math.ceil((blocks * (progressive ? 1 : 2)) / 8);
}
