/**
 * @file Finding photographs that look alike though their files differ: saved anew, scaled, brightened.
 */

import { checkOptions, type OptionRules, POSITIVE, whole } from '../../arguments.ts';
import { FoveaError } from '../../errors.ts';
import { Groups } from '../groups.ts';
import { type Extent, MAX_PIXELS } from '../image-header.ts';
import { DecodePool } from '../node/worker-pool.ts';
import { WORKERS } from '../pixel-dataset.ts';
import { checkSamples, type Sample } from '../sample.ts';
import {
  type DifferenceHash,
  differenceHash,
  HASH_BITS,
  HASHED_SIZE,
  hashDistance,
  SIMILAR_BITS,
} from './difference-hash.ts';

/** How {@link findSimilar} looks. */
export interface SimilarOptions {
  /** In how many of 1152 bits the hashes of two photographs may differ, 80 by default. More finds more, and takes more for similar. */
  readonly bits?: number;
  /** Decoding threads at most; by default one per processor, but no more than 16. */
  readonly workers?: number;
  /** How many pixels an image may have, 100 million by default; one of more is passed over. */
  readonly maxPixels?: number;
}

const OPTIONS: OptionRules<SimilarOptions> = {
  bits: whole(0, HASH_BITS),
  workers: WORKERS,
  maxPixels: POSITIVE,
};

/** How many photographs are in memory at a time. */
const CHUNK = 256;

/** A photograph that was looked at: its pixels, `[size, size, 3]` in RGB, or why there are none; and its size, if that can be read. */
export type Look = { readonly sample: Sample; readonly extent: Extent | undefined } & (
  | { readonly pixels: Uint8Array; readonly hash: DifferenceHash }
  | { readonly reason: string }
);

/**
 * Groups of two or more photographs that are the same picture, as far as its 1152-bit difference hash tells: byte-identical ones, and
 * ones saved anew, scaled, or made brighter; not ones that are cropped or mirrored. All photographs are decoded, and all pairs
 * compared. What cannot be decoded is in no group. What `splitSamples` takes as `together`.
 *
 * Throws 'invalid-argument' for malformed samples and options.
 */
export async function findSimilar(
  samples: readonly Sample[],
  options: SimilarOptions = {},
): Promise<Sample[][]> {
  checkSamples('findSimilar', samples);
  checkOptions('findSimilar', options, OPTIONS);
  const hashes = new Map<Sample, DifferenceHash>();
  for await (const look of lookAt(samples, options)) if ('hash' in look) hashes.set(look.sample, look.hash);
  return similarIn(hashes, options.bits);
}

/** The groups of samples whose hashes differ in at most `bits`, directly or through others. */
export function similarIn(hashes: ReadonlyMap<Sample, DifferenceHash>, bits = SIMILAR_BITS): Sample[][] {
  const entries = [...hashes];
  const groups = new Groups<Sample>();
  entries.forEach(([sample, hash], i) => {
    for (let j = 0; j < i; j++) {
      const [other, otherHash] = entries[j]!;
      if (hashDistance(hash, otherHash, bits) <= bits) groups.join(other, sample);
    }
  });
  return groups.all.filter((group) => group.length > 1);
}

/** Those of `groups` whose files are not all byte-identical, as those of a group of `identical` are. */
export function notIdentical(
  groups: readonly (readonly Sample[])[],
  identical: readonly (readonly Sample[])[],
): (readonly Sample[])[] {
  const copies = new Map(identical.flatMap((group) => group.map((sample) => [sample, group] as const)));
  return groups.filter(([first, ...others]) => !others.every((other) => copies.get(first!)?.includes(other)));
}

/** Decodes all samples, in their order and not all at once. */
export async function* lookAt(
  samples: readonly Sample[],
  { workers, maxPixels = MAX_PIXELS }: SimilarOptions,
): AsyncGenerator<Look, void, void> {
  const pool = new DecodePool(workers);
  try {
    for (let begin = 0; begin < samples.length; begin += CHUNK) {
      const looking = samples.slice(begin, begin + CHUNK).map((sample) => lookAtOne(pool, sample, maxPixels));
      for (const look of looking) look.catch(() => {}); // whoever awaits it gets the error
      for (const look of looking) yield await look;
    }
  } finally {
    await pool.close();
  }
}

async function lookAtOne(pool: DecodePool, sample: Sample, maxPixels: number): Promise<Look> {
  const { path, source } = sample;
  let extent: Extent | undefined;
  const onExtent = (found: Extent) => {
    extent = found;
  };
  try {
    const order = 'rgb';
    const pixels = await pool.decode({ path, source, size: HASHED_SIZE, order, maxPixels, onExtent });
    return { sample, extent, pixels, hash: differenceHash(pixels, HASHED_SIZE) };
  } catch (error) {
    if (!(error instanceof FoveaError && error.code === 'bad-file')) throw error;
    return { sample, extent, reason: error.message };
  }
}
