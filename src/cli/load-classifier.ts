/**
 * @file Reads the checkpoint that photographs are to be judged by.
 */

import { check } from '../errors.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import { loadCheckpoint } from '../train/checkpoint-file.ts';
import { checkFile } from './arguments.ts';

/**
 * The checkpoint that `--checkpoint` names. Throws 'invalid-argument' where there is no such file, 'bad-file' where it is no
 * checkpoint, 'unsupported' where its network gives more than the one number per photograph that two classes take.
 */
export async function loadClassifier(path: string): Promise<Checkpoint> {
  await checkFile('--checkpoint', path);
  const checkpoint = await loadCheckpoint(path);
  const { classDim } = checkpoint.config;
  check(classDim === 1, 'unsupported', () => {
    return `${path}: its network has classDim ${classDim}, so it gives that many numbers per photograph; eval and predict need one logit, classDim 1.`;
  });
  return checkpoint;
}
