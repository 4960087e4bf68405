/**
 * @file Zip archives made byte by byte, so that any field of them can lie.
 */

import { deflateRawSync } from 'node:zlib';
import CrcCalculator from 'pngjs/lib/crc.js';

/** What a header says of a file; by default the truth. */
interface Fields {
  readonly name: string | Uint8Array;
  readonly flags: number;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly extra: Uint8Array;
  /** Where the local header lies; of the central header only. */
  readonly offset: number;
}

/** A file to put into an archive; a name that ends with a slash is a folder. */
export interface ZipInput {
  readonly name: string;
  readonly data?: Uint8Array | string;
  /** 0 stored, 8 deflated, by default. */
  readonly method?: number;
  /** What is written in place of the compressed bytes. */
  readonly written?: Uint8Array;
  /** Sizes come after the bytes, as streaming writers do it. */
  readonly streamed?: boolean;
  readonly local?: Partial<Fields>;
  readonly central?: Partial<Fields>;
}

/** What the end of an archive says; by default the truth. */
interface End {
  readonly count: number;
  readonly directorySize: number;
  readonly directoryOffset: number;
  readonly comment: Uint8Array;
  /** Puts the numbers into records of ZIP64. */
  readonly zip64: boolean;
}

const DEFLATED = 8;
const UTF8 = 0x800;
const STREAMED = 0x8;

/** The bytes of an archive. */
export function buildZip(inputs: readonly ZipInput[], end: Partial<End> = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  const add = (...buffers: Buffer[]): void => {
    parts.push(...buffers);
    for (const { length } of buffers) offset += length;
  };
  for (const { name, data = '', method = DEFLATED, written, streamed = false, local, central } of inputs) {
    const raw = Buffer.from(data);
    const bytes = Buffer.from(written ?? (method === DEFLATED ? deflateRawSync(raw) : raw));
    const truth: Fields = {
      name,
      flags: UTF8 | (streamed ? STREAMED : 0),
      method,
      crc: CrcCalculator.crc32(raw),
      compressedSize: bytes.length,
      size: raw.length,
      extra: new Uint8Array(),
      offset,
    };
    const unknown = streamed ? { crc: 0, compressedSize: 0, size: 0 } : {};
    const descriptor = Buffer.alloc(streamed ? 16 : 0);
    if (streamed)
      writeNumbers(descriptor, 0, [4, 0x08074b50], [4, truth.crc], [4, bytes.length], [4, raw.length]);
    add(localHeader({ ...truth, ...unknown, ...local }), bytes, descriptor);
    directory.push(centralHeader({ ...truth, ...central }));
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const truth: End = {
    count: inputs.length,
    directorySize: size,
    directoryOffset: offset,
    comment: new Uint8Array(),
    zip64: false,
  };
  return Buffer.concat([...parts, ...directory, endOf({ ...truth, ...end }, offset + size)]);
}

/** An extra field of ZIP64 with some sizes. */
export function zip64Extra(...sizes: number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * sizes.length);
  writeNumbers(extra, 0, [2, 1], [2, 8 * sizes.length], ...sizes.map((size): [number, number] => [8, size]));
  return extra;
}

function localHeader({ name, flags, method, crc, compressedSize, size, extra }: Fields): Buffer {
  const path = Buffer.from(name as string);
  const header = Buffer.alloc(30);
  writeNumbers(header, 0, [4, 0x04034b50], [2, 20], [2, flags], [2, method], [4, 0x21_0000], [4, crc]);
  writeNumbers(header, 18, [4, compressedSize], [4, size], [2, path.length], [2, extra.length]);
  return Buffer.concat([header, path, extra]);
}

function centralHeader({ name, flags, method, crc, compressedSize, size, extra, offset }: Fields): Buffer {
  const path = Buffer.from(name as string);
  const header = Buffer.alloc(46);
  writeNumbers(
    header,
    0,
    [4, 0x02014b50],
    [2, 20],
    [2, 20],
    [2, flags],
    [2, method],
    [4, 0x21_0000],
    [4, crc],
  );
  writeNumbers(header, 20, [4, compressedSize], [4, size], [2, path.length], [2, extra.length]);
  writeNumbers(header, 42, [4, offset]);
  return Buffer.concat([header, path, extra]);
}

function endOf({ count, directorySize, directoryOffset, comment, zip64 }: End, at: number): Buffer {
  const end = Buffer.alloc(22);
  if (!zip64) {
    writeNumbers(end, 0, [4, 0x06054b50], [4, 0], [2, count], [2, count], [4, directorySize]);
    writeNumbers(end, 16, [4, directoryOffset], [2, comment.length]);
    return Buffer.concat([end, comment]);
  }
  const record = Buffer.alloc(56);
  writeNumbers(record, 0, [4, 0x06064b50], [8, 44], [2, 45], [2, 45], [8, 0], [8, count], [8, count]);
  writeNumbers(record, 40, [8, directorySize], [8, directoryOffset]);
  const locator = Buffer.alloc(20);
  writeNumbers(locator, 0, [4, 0x07064b50], [4, 0], [8, at], [4, 1]);
  writeNumbers(end, 0, [4, 0x06054b50], [4, 0], [2, 0xffff], [2, 0xffff], [4, 0xffffffff], [4, 0xffffffff]);
  writeNumbers(end, 20, [2, comment.length]);
  return Buffer.concat([record, locator, end, comment]);
}

/** Writes numbers of so many bytes one after the other. */
function writeNumbers(
  buffer: Buffer,
  at: number,
  ...numbers: (readonly [bytes: number, value: number])[]
): void {
  for (const [bytes, value] of numbers) {
    if (bytes === 8) buffer.writeBigUInt64LE(BigInt(value), at);
    else buffer.writeUIntLE(value >>> 0, at, bytes);
    at += bytes;
  }
}
