/**
 * @file Writes zip archives as PyTorch does: entries are stored as they are, each at a place that it can map into memory. That place
 * depends on the bytes before it, which is why this is no library's; `io/zip/` reads them.
 *
 * Source: PKWARE's APPNOTE.TXT, 4.3.
 */

import { check } from '../../errors.ts';
import { crc32 } from '../../io/crc32.ts';
import { concatenated } from '../../io/pickle/write-pickle.ts';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** Sizes and offsets have 32 bits. */
const MAX_BYTES = 0xffffffff;
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
    offset + size < MAX_BYTES,
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
