/**
 * @file Writes a drawn data set (Node), see `synth/synthetic-files.ts`.
 */

import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkArgument, PATH } from '../arguments.ts';
import { counted } from '../counted.ts';
import { check } from '../errors.ts';
import { writeError, writeFileAtomic } from '../io/write-file.ts';
import {
  checkSyntheticOptions,
  type SyntheticDatasetOptions,
  syntheticFiles,
  TRAINING_FOLDER,
  VALIDATION_FOLDER,
} from './synth/synthetic-files.ts';

/**
 * Draws a data set and writes the files of {@link syntheticFiles} into `folder`, which is made if it is missing.
 *
 * Throws 'invalid-argument' where `folder` already holds photographs, since they may be real ones, and for
 * unknown options; 'bad-file' where it cannot be written.
 */
export async function writeSyntheticDataset(
  folder: string,
  options: SyntheticDatasetOptions = {},
): Promise<void> {
  checkArgument('folder of writeSyntheticDataset', folder, PATH);
  checkSyntheticOptions('writeSyntheticDataset', options);
  for (const name of [TRAINING_FOLDER, VALIDATION_FOLDER]) await makeEmptyFolder(join(folder, name));
  for await (const { path, bytes } of syntheticFiles(options))
    await writeFileAtomic(join(folder, path), bytes);
}

async function makeEmptyFolder(path: string): Promise<void> {
  const { length } = await mkdir(path, { recursive: true })
    .then(() => readdir(path))
    .catch((cause) => {
      throw writeError(path, cause);
    });
  check(length === 0, 'invalid-argument', () => {
    return `"${path}" already holds ${counted(length, 'file')}: name another folder, or remove that one first.`;
  });
}
