/**
 * @file The images that a command is given.
 */

import type { DataLoader } from '../data/data-loader.ts';
import type { Sample } from '../data/sample.ts';
import { checkFile } from './arguments.ts';
import { warn } from './output.ts';

/**
 * The images at `paths`, named by them, each once. A loader's samples are labelled; who predicts does not look at the label. Throws
 * 'invalid-argument' where there is no such file.
 */
export async function imagesAt(paths: readonly string[]): Promise<Sample[]> {
  const unique = [...new Set(paths)];
  for (const path of unique) await checkFile('image', path);
  return unique.map((path) => ({ name: path, path, label: 0 }));
}

/** Says which images could not be read, and has the process end with exit code 1 where there are any. */
export function reportDamaged({ dataset }: DataLoader): void {
  for (const { reason } of dataset.corrupt) warn(reason);
  if (dataset.corrupt.length > 0) process.exitCode = 1;
}
