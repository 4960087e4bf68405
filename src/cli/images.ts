/**
 * @file The images that a command is given.
 */

import { stat } from 'node:fs/promises';
import { isImage } from '../data/class-folders.ts';
import type { DataLoader } from '../data/data-loader.ts';
import type { Sample } from '../data/sample.ts';
import { findFiles } from '../data/tree/find-files.ts';
import { openTree } from '../data/tree/open-tree.ts';
import { sampleOf } from '../data/tree/tree.ts';
import { check } from '../errors.ts';
import { checkFolderOrFile } from './arguments.ts';
import { warn } from './output.ts';

/**
 * The images at `paths`, each once, by the paths that messages call them: files, and all that lie in folders and zip archives. A
 * loader's samples are labelled; who predicts does not look at the label. Throws 'invalid-argument' where there is no such file or
 * folder, 'bad-data' where a folder or an archive holds no image, 'bad-file' where it cannot be read.
 */
export async function imagesAt(paths: readonly string[]): Promise<Sample[]> {
  const samples = new Map<string, Sample>();
  for (const path of paths) {
    await checkFolderOrFile('image', path);
    for (const sample of await samplesAt(path)) samples.set(sample.path, sample);
  }
  return [...samples.values()];
}

async function samplesAt(path: string): Promise<Sample[]> {
  const isFile = !/\.zip$/i.test(path) && (await stat(path)).isFile();
  if (isFile) return [{ name: path, path, label: 0 }];
  const { files } = await findFiles(await openTree(path), { isWanted: isImage });
  check(files.length > 0, 'bad-data', () => `image: ${path} holds no JPEG or PNG file.`);
  return files.map((file) => sampleOf(file, file.path, 0));
}

/** Says which images could not be read, and has the process end with exit code 1 where there are any. */
export function reportDamaged({ dataset }: DataLoader): void {
  for (const { reason } of dataset.corrupt) warn(reason);
  if (dataset.corrupt.length > 0) process.exitCode = 1;
}
