/**
 * @file Finding photographs that are the same file under two names.
 */

import { checkSamples, type Sample } from './sample.ts';
import { type SampleFiles, sha256 } from './sample-files.ts';

/** How long a photograph's file may be to be compared: 1 GiB. */
const MAX_BYTES = 2 ** 30;

/** The groups of samples whose files are byte-identical, see `findDuplicates`. */
export async function duplicatesIn(samples: readonly Sample[], files: SampleFiles): Promise<Sample[][]> {
  checkSamples('findDuplicates', samples);
  const groups: Sample[][] = [];
  const sizeOf = ({ path, source }: Sample) => (source ? source.bytes : files.sizeOf(path));
  for (const equalSize of await repeated(samples, sizeOf)) {
    groups.push(...(await repeated(equalSize, (sample) => digestOf(sample, files))));
  }
  return groups;
}

/** The groups of two or more samples that share a key; samples without a key are left out. */
async function repeated<K>(
  samples: readonly Sample[],
  keyOf: (sample: Sample) => K | undefined | Promise<K | undefined>,
): Promise<Sample[][]> {
  const groups = new Map<K, Sample[]>();
  for (const sample of samples) {
    const key = await keyOf(sample);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(sample);
    else groups.set(key, [sample]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

async function digestOf({ path, source }: Sample, files: SampleFiles): Promise<string | undefined> {
  if (source && source.bytes > MAX_BYTES) return undefined;
  const reading = source ? source.read() : files.read(path, MAX_BYTES);
  const bytes = await reading.catch(() => undefined);
  return bytes && sha256(bytes);
}
