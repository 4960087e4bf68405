/**
 * @file The orientation tag of EXIF.
 *
 * EXIF 2.3, section 4.5: a TIFF block, that is the byte order ("II" or "MM"), 42, the offset of the first
 * directory; a directory is a count and entries of 12 bytes: tag, type, count, value.
 */

const ORIENTATION = 0x0112;
const ENTRY_BYTES = 12;
const LITTLE_ENDIAN = 0x4949;
const BIG_ENDIAN = 0x4d4d;

/**
 * The orientation, 1 to 8, that the TIFF block of an EXIF segment names; 1 (upright) where there is none or
 * the block is malformed.
 */
export function exifOrientation(tiff: Uint8Array): number {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (view.byteLength < 8) return 1;
  const byteOrder = view.getUint16(0);
  if (byteOrder !== LITTLE_ENDIAN && byteOrder !== BIG_ENDIAN) return 1;
  const little = byteOrder === LITTLE_ENDIAN;
  if (view.getUint16(2, little) !== 42) return 1;
  const directory = view.getUint32(4, little);
  if (directory + 2 > view.byteLength) return 1;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + i * ENTRY_BYTES;
    if (entry + ENTRY_BYTES > view.byteLength) return 1;
    if (view.getUint16(entry, little) !== ORIENTATION) continue;
    const value = view.getUint16(entry + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
