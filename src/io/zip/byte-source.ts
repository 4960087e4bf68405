/**
 * @file Bytes that are read part by part, wherever they lie.
 */

/** Bytes of which any part can be read: a file, a browser's Blob, bytes in memory, or a part of another source. */
export interface ByteSource {
  /** How many bytes there are. */
  readonly size: number;
  /**
   * The bytes from `offset` on, not to be changed. Both arguments are whole numbers, and the part lies within `size`.
   * Rejects where it cannot be read whole.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Bytes in memory. They must not be changed while the source is in use. */
export function sourceOfBytes(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/** The `size` bytes of `source` from `begin` on. */
export function partOf(source: ByteSource, begin: number, size: number): ByteSource {
  return { size, read: (offset, length) => source.read(begin + offset, length) };
}
