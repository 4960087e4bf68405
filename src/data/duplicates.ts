/**
 * @file Finding photographs that are the same file under two names.
 */

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { readRegularFile } from '../io/read-file.ts';
import { checkSamples, type Sample } from './sample.ts';

/** How long a photograph's file may be to be compared: 1 GiB. */
const MAX_BYTES = 2 ** 30;

/**
 * Groups of two or more samples whose files are byte-identical, each group in the order of `samples`. Give
 * training and validation samples together to see what leaks from one to the other. Only files of equal size
 * are read. What cannot be read, and what is no regular file, is in no group: decoding it says why.
 *
 * Throws 'invalid-argument' for malformed samples.
 */
export async function findDuplicates(samples: readonly Sample[]): Promise<Sample[][]> {
  checkSamples('findDuplicates', samples);
  const groups: Sample[][] = [];
  for (const equalSize of await repeated(samples, sizeOf)) {
    groups.push(...(await repeated(equalSize, digestOf)));
  }
  return groups;
}

/** The groups of two or more samples that share a key; samples without a key are left out. */
async function repeated(
  samples: readonly Sample[],
  keyOf: (sample: Sample) => Promise<string | undefined>,
): Promise<Sample[][]> {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = await keyOf(sample);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(sample);
    else groups.set(key, [sample]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

async function sizeOf({ path, source }: Sample): Promise<string | undefined> {
  if (source) return String(source.bytes);
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? String(found.size) : undefined;
}

async function digestOf({ path, source }: Sample): Promise<string | undefined> {
  if (source && source.bytes > MAX_BYTES) return undefined;
  const reading = source ? source.read() : readRegularFile('photograph', path, MAX_BYTES);
  const bytes = await reading.catch(() => undefined);
  return bytes && createHash('sha256').update(bytes).digest('hex');
}
