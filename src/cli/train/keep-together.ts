/**
 * @file Which photographs stay on one side where some are set aside for validation: `--keep-together`.
 */

import { counted } from '../../counted.ts';
import { findSimilar } from '../../data/inspect/similar.ts';
import type { Sample } from '../../data/sample.ts';
import { choice } from '../arguments.ts';
import { print } from '../output.ts';

/** Near-identical pictures, or byte-identical files alone. */
export const KEEP_TOGETHER = ['similar', 'identical'] as const;

/** One of {@link KEEP_TOGETHER}. */
export type KeepTogether = (typeof KEEP_TOGETHER)[number];

/** Parses `--keep-together`. */
export const keepTogether = choice(KEEP_TOGETHER);

/** Looks for near-identical photographs once, though each fold of a cross-validation reads the same ones anew. */
export class SimilarSearch {
  #found: readonly (readonly string[])[] | undefined;

  /**
   * The groups of near-identical ones. All are decoded for it by our own decoder, whatever decodes them for the training, so that the groups
   * are the same on all machines.
   */
  async among(samples: readonly Sample[], maxPixels: number): Promise<Sample[][]> {
    if (!this.#found) {
      print(
        `Comparing ${counted(samples.length, 'photograph')}, so that near-identical ones stay on one side`,
      );
      const groups = await findSimilar(samples, { maxPixels });
      this.#found = groups.map((group) => group.map(({ path }) => path));
    }
    const sampleAt = new Map(samples.map((sample) => [sample.path, sample]));
    return this.#found.map((group) => group.flatMap((path) => sampleAt.get(path) ?? []));
  }
}
