/**
 * @file Zip archives whose entries are stored as they are, which is what PyTorch writes and reads.
 *
 * Source: PKWARE's APPNOTE.TXT, 4.3 (layout) and 4.5.3 (zip64, which PyTorch writes at any size).
 */

import { check, FoveaError } from '../../errors.ts';
import { crc32 } from '../../io/crc32.ts';
import { concatenated } from '../../io/pickle/write-pickle.ts';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const MAX_COMMENT_BYTES = 0xffff;
/** In a field of 32 bits: the value stands in the zip64 field. */
const ELSEWHERE = 0xffffffff;
const ZIP64_FIELD = 1;
const STORED = 0;
/** Bit 0 of the flags: encrypted. */
const ENCRYPTED = 1;

/** Where an entry lies, as the directory says. */
interface DirectoryEntry {
  readonly name: string;
  readonly size: number;
  readonly crc: number;
  readonly offset: number;
}

/**
 * The entries of an archive by name; the bytes are views. Throws 'bad-file' where it is cut short, an entry is compressed or
 * encrypted, occurs twice, lies outside of the archive, or differs from its checksum, and where all together are larger than it.
 */
export function readStoredZip(bytes: Uint8Array): Map<string, Uint8Array> {
  try {
    return readEntries(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new FoveaError('bad-file', 'zip: the archive is cut short.', { cause });
  }
}

function readEntries(bytes: Uint8Array, view: DataView): Map<string, Uint8Array> {
  const entries = new Map<string, Uint8Array>();
  let left = bytes.length;
  for (const { name, size, crc, offset } of readDirectory(bytes, view)) {
    check(!entries.has(name), 'bad-file', () => `zip: "${name}" occurs twice.`);
    check(
      view.getUint32(offset, true) === LOCAL,
      'bad-file',
      () => `zip: "${name}" is not where the directory says.`,
    );
    const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
    left -= size;
    check(start + size <= bytes.length && left >= 0, 'bad-file', () => {
      return `zip: "${name}" is said to have ${size} bytes, more than the archive has for it.`;
    });
    const data = bytes.subarray(start, start + size);
    check(
      crc32(data) === crc,
      'bad-file',
      () => `zip: "${name}" differs from its checksum: the file is damaged.`,
    );
    entries.set(name, data);
  }
  return entries;
}

function* readDirectory(bytes: Uint8Array, view: DataView): Generator<DirectoryEntry> {
  let { offset, count } = findDirectory(view);
  for (; count > 0; count--) {
    check(view.getUint32(offset, true) === CENTRAL, 'bad-file', () => 'zip: the directory is damaged.');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((at) =>
      view.getUint16(offset + at, true),
    );
    const nameEnd = offset + 46 + nameLength!;
    const name = new TextDecoder().decode(bytes.subarray(offset + 46, nameEnd));
    const method = view.getUint16(offset + 10, true);
    const encrypted = view.getUint16(offset + 8, true) & ENCRYPTED;
    check(method === STORED && !encrypted, 'bad-file', () => {
      return `zip: "${name}" is ${encrypted ? 'encrypted' : `compressed by method ${method}`}; PyTorch stores entries as they are.`;
    });
    const short = {
      compressed: field(view, offset + 20),
      size: field(view, offset + 24),
      offset: field(view, offset + 42),
    };
    const wide = zip64Values(view, nameEnd, nameEnd + extraLength!);
    // In this order, and only those that are elsewhere.
    const take = (value: number | undefined) => value ?? wide.shift() ?? Number.NaN;
    const size = take(short.size);
    const compressed = take(short.compressed);
    check(
      size === compressed,
      'bad-file',
      () => `zip: "${name}" has two sizes, ${size} and ${compressed} bytes.`,
    );
    const start = take(short.offset);
    check(
      Number.isSafeInteger(start),
      'bad-file',
      () => `zip: the directory does not say where "${name}" is.`,
    );
    yield { name, size, crc: view.getUint32(offset + 16, true), offset: start };
    offset = nameEnd + extraLength! + commentLength!;
  }
}

/** A field of 32 bits; undefined where its value stands elsewhere. */
function field(view: DataView, at: number): number | undefined {
  const value = view.getUint32(at, true);
  return value === ELSEWHERE ? undefined : value;
}

/** The values of the zip64 field among the extra fields. */
function zip64Values(view: DataView, start: number, end: number): number[] {
  for (let at = start; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== ZIP64_FIELD) continue;
    const count = Math.floor(view.getUint16(at + 2, true) / 8);
    return Array.from({ length: Math.min(count, 3) }, (_, i) => u64(view, at + 4 + 8 * i));
  }
  return [];
}

/** The last end record tells where the directory begins, or a zip64 one before it. */
function findDirectory(view: DataView): { offset: number; count: number } {
  const first = Math.max(0, view.byteLength - END_BYTES - MAX_COMMENT_BYTES);
  let end = view.byteLength - END_BYTES;
  while (end >= first && view.getUint32(end, true) !== END) end--;
  check(end >= first, 'bad-file', () => 'zip: the archive has no end: it is cut short.');
  const locator = end - LOCATOR_BYTES;
  if (locator < 0 || view.getUint32(locator, true) !== LOCATOR_64)
    return { offset: view.getUint32(end + 16, true), count: view.getUint16(end + 10, true) };
  const end64 = u64(view, locator + 8);
  check(
    view.getUint32(end64, true) === END_64,
    'bad-file',
    () => 'zip: the archive has no zip64 end where it says.',
  );
  return { offset: u64(view, end64 + 48), count: u64(view, end64 + 32) };
}

/** A number of 64 bits. One that no file has is out of every range. */
function u64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

/** PyTorch maps tensors into memory, which takes a place that divides by this. */
const ALIGNMENT = 64;
/** The extra field that PyTorch fills up to it with: 'FB'. */
const PADDING_FIELD = 0x4246;
const VERSION_NEEDED = 20;
/** 1 January 1980, the first day that zips know, so that the same entries give the same bytes. */
const DATE = 0x21;

/** The bytes of an archive, of less than 4 GiB. */
export function writeStoredZip(entries: readonly (readonly [name: string, data: Uint8Array])[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, data] of entries) {
    const encoded = new TextEncoder().encode(name);
    const unpadded = offset + 30 + encoded.length + 4;
    const padding = new Uint8Array(4 + ((ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT));
    const paddingView = new DataView(padding.buffer);
    paddingView.setUint16(0, PADDING_FIELD, true);
    paddingView.setUint16(2, padding.length - 4, true);
    const common = commonHeader(data, encoded.length);
    const local = concatenated([u32(LOCAL), common, u16(padding.length), encoded, padding]);
    directory.push(
      concatenated([
        u32(CENTRAL),
        u16(VERSION_NEEDED),
        common,
        u16(0),
        new Uint8Array(10),
        u32(offset),
        encoded,
      ]),
    );
    parts.push(local, data);
    offset += local.length + data.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  check(
    offset + size < ELSEWHERE,
    'unsupported',
    () => `an archive of ${offset} bytes: at most 4 GiB are written`,
  );
  const counts = concatenated([u16(entries.length), u16(entries.length)]);
  return concatenated([...parts, ...directory, u32(END), u32(0), counts, u32(size), u32(offset), u16(0)]);
}

/** What the local header and the directory's have in common: from the version to the length of the name. */
function commonHeader(data: Uint8Array, nameLength: number): Uint8Array {
  const flagsAndMethod = u32(0);
  const sizes = [u32(data.length), u32(data.length)];
  return concatenated([
    u16(VERSION_NEEDED),
    flagsAndMethod,
    u16(0),
    u16(DATE),
    u32(crc32(data)),
    ...sizes,
    u16(nameLength),
  ]);
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}

function u32(value: number): Uint8Array {
  return concatenated([u16(value & 0xffff), u16(value >>> 16)]);
}
