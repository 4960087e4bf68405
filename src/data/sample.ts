/**
 * @file A labelled photograph on disk.
 */

/** A photograph, not yet read, and what it shows. */
export interface Sample {
  /** File name without folders. */
  readonly name: string;
  readonly path: string;
  /** 1 for pathologic, 0 for not. */
  readonly label: number;
}
