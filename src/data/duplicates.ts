/**
 * @file Finding photographs that are the same file under two names.
 */

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Sample } from './sample.ts';

/**
 * Groups of two or more samples whose files are byte-identical, each group in the order of `samples`. Give
 * training and validation samples together to see what leaks from one to the other. Only files of equal size
 * are read.
 */
export async function findDuplicates(samples: readonly Sample[]): Promise<Sample[][]> {
  const groups: Sample[][] = [];
  for (const equalSize of await repeated(samples, async ({ path }) => String((await stat(path)).size))) {
    groups.push(...(await repeated(equalSize, async ({ path }) => sha256(await readFile(path)))));
  }
  return groups;
}

/** The groups of samples that share a key, without those that are alone with theirs. */
async function repeated(
  samples: readonly Sample[],
  keyOf: (sample: Sample) => Promise<string>,
): Promise<Sample[][]> {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = await keyOf(sample);
    const group = groups.get(key);
    if (group) group.push(sample);
    else groups.set(key, [sample]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
