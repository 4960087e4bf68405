/**
 * @file Reads the checkpoint that photographs are to be judged by.
 */

import { FoveaError } from '../errors.ts';
import type { Checkpoint, ModelConfig } from '../train/checkpoint.ts';
import { loadCheckpoint } from '../train/checkpoint-file.ts';
import { checkFile } from './arguments.ts';

/** The classes of iChallenge-PM, by label. */
export const PALM_CLASSES: readonly string[] = ['not pathologic', 'pathologic'];

/** The checkpoint that an option or argument names. Throws 'invalid-argument' where there is no such file, 'bad-file' where it is no checkpoint. */
export async function loadClassifier(path: string, option = '--checkpoint'): Promise<Checkpoint> {
  await checkFile(option, path);
  return loadCheckpoint(path).catch((cause: unknown) => {
    if (!(cause instanceof FoveaError)) throw cause;
    const hint = 'Give a file that fovea train or fovea convert wrote.';
    throw new FoveaError(cause.code, `${option}: ${cause.message} ${hint}`, { cause });
  });
}

/** The names of a network's classes, by label: of iChallenge-PM's two where an older checkpoint has none. */
export function classesOf({ classes, classDim }: ModelConfig): readonly string[] {
  if (classes) return classes;
  return classDim === 1 ? PALM_CLASSES : Array.from({ length: classDim }, (_, label) => `class ${label}`);
}
