/**
 * @file Tells two sets of photographs apart without reading them.
 */

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { FoveaError } from '../errors.ts';
import type { Sample } from './sample.ts';

const DIGITS = 16;

/**
 * How many samples there are, and a digest of their names, labels and files' sizes, in their order. It sees what is added,
 * removed, renamed, labelled otherwise or saved anew; not a file changed into one of the same size, since no file is read.
 * Neither the folders nor the times of the files count.
 *
 * Throws 'bad-file' where a file is gone.
 */
export async function fingerprint(samples: readonly Sample[]): Promise<string> {
  const hash = createHash('sha256');
  for (const sample of samples) {
    hash.update(`${JSON.stringify([sample.name, sample.label, await bytesOf(sample)])}\n`);
  }
  return `${samples.length} of digest ${hash.digest('hex').slice(0, DIGITS)}`;
}

async function bytesOf({ path, source }: Sample): Promise<number> {
  if (source) return source.bytes;
  const { size } = await stat(path).catch((cause: Error) => {
    throw new FoveaError('bad-file', `Cannot read the photograph ${path}: ${cause.message}.`, { cause });
  });
  return size;
}
