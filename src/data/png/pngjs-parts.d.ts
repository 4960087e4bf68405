/**
 * @file The parts of pngjs that are used on their own; its types know only the whole.
 */

declare module 'pngjs/lib/crc.js' {
  const CrcCalculator: { crc32(bytes: Uint8Array): number };
  export default CrcCalculator;
}

declare module 'pngjs/lib/filter-parse.js' {
  /** Asks for the next bytes. */
  export type Read = (length: number, take: (bytes: Uint8Array) => void) => void;
  export interface FilteredImage {
    readonly width: number;
    readonly height: number;
    readonly interlace: boolean;
    /** Samples per pixel. */
    readonly bpp: number;
    readonly depth: number;
  }
  /** Undoes the filters, row by row, pass by pass. */
  export default class Filter {
    constructor(
      image: FilteredImage,
      callbacks: { read: Read; write: (row: Uint8Array) => void; complete: () => void },
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
