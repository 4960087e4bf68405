/**
 * @file The records of a TFRecord file, which TensorBoard's event files are.
 *
 *     length           8 bytes, the lowest first
 *     checksum of it   4 bytes
 *     data             `length` bytes
 *     checksum of it   4 bytes
 *
 * Checksums are masked CRC-32C, as tensorflow/core/lib/hash/crc32c.h has them: rotated right by 15 bits, plus a constant.
 */

import { crc32c } from '../crc32.ts';

const LENGTH_BYTES = 8;
const CHECKSUM_BYTES = 4;
const MASK = 0xa282ead8;

/** `data` as a record. */
export function encodeRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(LENGTH_BYTES + CHECKSUM_BYTES + data.length + CHECKSUM_BYTES);
  const view = new DataView(record.buffer);
  view.setUint32(0, data.length, true);
  view.setUint32(LENGTH_BYTES, masked(record.subarray(0, LENGTH_BYTES)), true);
  record.set(data, LENGTH_BYTES + CHECKSUM_BYTES);
  view.setUint32(record.length - CHECKSUM_BYTES, masked(data), true);
  return record;
}

/** A record in a file. */
export interface FoundRecord {
  readonly data: Uint8Array;
  /** All bytes of the record. */
  readonly bytes: Uint8Array;
}

/** The records at the beginning of `file`, up to the first that is cut off or damaged. */
export function* readRecords(file: Uint8Array): Generator<FoundRecord, void, void> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let offset = 0; offset + LENGTH_BYTES + CHECKSUM_BYTES <= file.length; ) {
    const start = offset + LENGTH_BYTES + CHECKSUM_BYTES;
    const length = Number(view.getBigUint64(offset, true));
    const end = start + length;
    if (end + CHECKSUM_BYTES > file.length) return;
    const data = file.subarray(start, end);
    const isWhole =
      view.getUint32(start - CHECKSUM_BYTES, true) === masked(file.subarray(offset, offset + LENGTH_BYTES)) &&
      view.getUint32(end, true) === masked(data);
    if (!isWhole) return;
    yield { data, bytes: file.subarray(offset, end + CHECKSUM_BYTES) };
    offset = end + CHECKSUM_BYTES;
  }
}

function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + MASK) >>> 0;
}
