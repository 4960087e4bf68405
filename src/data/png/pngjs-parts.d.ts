/**
 * @file The parts of pngjs that are used on their own; its types know only the whole.
 */

declare module 'pngjs/lib/crc.js' {
  const CrcCalculator: { crc32(bytes: Uint8Array): number };
  export default CrcCalculator;
}

declare module 'pngjs/lib/sync-reader.js' {
  export type Read = (length: number, callback: (bytes: Buffer) => void) => void;
  /** Serves reads out of a buffer. */
  export default class SyncReader {
    constructor(bytes: Buffer);
    read: Read;
    /** Throws where reads are left that the buffer is too short for. */
    process(): void;
  }
}

declare module 'pngjs/lib/filter-parse.js' {
  import type { Read } from 'pngjs/lib/sync-reader.js';
  /** Undoes the filters, row by row, pass by pass. */
  export default class Filter {
    constructor(
      image: { width: number; height: number; interlace: boolean; bpp: number; depth: number },
      callbacks: { read: Read; write: (row: Buffer) => void; complete: () => void },
    );
    start(): void;
  }
}

declare module 'pngjs/lib/interlace.js' {
  const interlace: {
    /** The passes that have pixels. */
    getImagePasses(width: number, height: number): { width: number; height: number; index: number }[];
    /** Gives four times the place of a pass's pixel in the image. */
    getInterlaceIterator(width: number): (x: number, y: number, pass: number) => number;
  };
  export default interlace;
}
