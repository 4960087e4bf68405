/**
 * @file The task `drawData`: draws a data set, as `fovea synth` does, for who has no photographs at hand.
 */

import { type PlacedFile, syntheticFiles } from 'fovea';
import type { Task } from '../engine/protocol.ts';

/** How large it is to be. */
export interface DrawInput {
  readonly training: number;
  readonly validation: number;
  /** Side of the photographs in pixels. */
  readonly size: number;
  readonly seed: number;
}

/** Draws the files. Tells how many there are, the table included. */
export const run: Task<DrawInput, PlacedFile[], number> = async (input, { report, signal }) => {
  const files: PlacedFile[] = [];
  for await (const { path, bytes } of syntheticFiles(input)) {
    signal.throwIfAborted();
    files.push({ path, file: new File([bytes], path.slice(path.lastIndexOf('/') + 1)) });
    report(files.length);
    // Lets the message that aborts in.
    await new Promise((resolve) => setTimeout(resolve));
  }
  return files;
};
