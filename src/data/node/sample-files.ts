/** @file What is asked of the files of samples, on disk (Node). */

import { stat } from 'node:fs/promises';
import { readRegularFile } from '../../io/read-file.ts';
import { duplicatesIn } from '../duplicates.ts';
import { fingerprintOf } from '../fingerprint.ts';
import type { Sample } from '../sample.ts';
import type { SampleFiles } from '../sample-files.ts';
import { type FoldOptions, foldsOf, type Split, type SplitOptions, splitOf } from '../split.ts';

const ON_DISK: SampleFiles = {
  async sizeOf(path) {
    const found = await stat(path).catch(() => undefined);
    return found?.isFile() ? found.size : undefined;
  },
  read: (path, maxBytes) => readRegularFile('photograph', path, maxBytes),
};

/**
 * Groups of two or more samples whose files are byte-identical, each group in the order of `samples`. Give
 * training and validation samples together to see what leaks from one to the other. Only files of equal size
 * are read. What cannot be read, and what is no regular file, is in no group: decoding it says why.
 *
 * Throws 'invalid-argument' for malformed samples.
 */
export const findDuplicates = (samples: readonly Sample[]): Promise<Sample[][]> =>
  duplicatesIn(samples, ON_DISK);

/**
 * Sets aside a share of the samples of each class for validation, rounded, at least one and not all. Samples whose files are
 * byte-identical are on one side, as are those of a group of `together`. Files of equal size are read for that.
 *
 * Throws 'bad-data' where a class has fewer than two photographs that may be parted, 'invalid-argument' for other arguments.
 */
export const splitSamples = (samples: readonly Sample[], options: SplitOptions): Promise<Split> =>
  splitOf(samples, options, ON_DISK);

/**
 * Divides samples into `folds` parts of equal size, each class spread evenly over them, and gives for each the split that validates on
 * it and trains on the others. Samples stay together as in {@link splitSamples}.
 *
 * Throws 'bad-data' where a class has fewer photographs that may be parted than there are folds, 'invalid-argument' for other arguments.
 */
export const foldSamples = (samples: readonly Sample[], options: FoldOptions): Promise<Split[]> =>
  foldsOf(samples, options, ON_DISK);

/** The fingerprint of samples, see `fingerprintOf`. */
export const fingerprint = (samples: readonly Sample[]): Promise<string> => fingerprintOf(samples, ON_DISK);
