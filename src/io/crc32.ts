/**
 * @file Checksums of 32 bits: CRC-32 (ISO 3309), of zip archives, and CRC-32C (RFC 3720, section 12.1), of TensorBoard's files.
 */

/** The polynomials, the lowest bit first; the second is Castagnoli's. */
const CRC32 = 0xedb88320;
const CRC32C = 0x82f63b78;

let crc32Table: Uint32Array | undefined;
let crc32cTable: Uint32Array | undefined;

/** The CRC-32 of `bytes`. */
export function crc32(bytes: Uint8Array): number {
  crc32Table ??= makeTable(CRC32);
  return checksum(bytes, crc32Table);
}

/** The CRC-32C of `bytes`. */
export function crc32c(bytes: Uint8Array): number {
  crc32cTable ??= makeTable(CRC32C);
  return checksum(bytes, crc32cTable);
}

function checksum(bytes: Uint8Array, table: Uint32Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** What each value of a byte adds. */
function makeTable(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? polynomial ^ (value >>> 1) : value >>> 1;
    return value;
  });
}
