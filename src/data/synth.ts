/**
 * @file Writes a drawn data set in iChallenge-PM's layout (Node): something to try the whole program on.
 *
 *     folder/PALM-Training400/{H,N,P}0001.jpg …   the class is the name's first letter
 *     folder/PALM-Validation400/V0001.jpg …
 *     folder/labels.csv                           the validation labels and where the foveas lie
 */

import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkArgument, checkOptions, type OptionRules, PATH, SEED, whole } from '../arguments.ts';
import { check } from '../errors.ts';
import { writeError, writeFileAtomic } from '../io/write-file.ts';
import { Random } from '../random.ts';
import { encodeJpeg } from './jpeg/encode-jpeg.ts';
import { drawFundus, type FundusPhoto } from './synth/draw.ts';
import type { FundusKind } from './synth/eye.ts';

/** How large a data set, and which. */
export interface SyntheticDatasetOptions {
  /** Number of training photographs, 40 by default. */
  readonly training?: number;
  /** Number of validation photographs, 20 by default. */
  readonly validation?: number;
  /** Width and height in pixels, 256 by default. */
  readonly size?: number;
  /** 32-bit seed, 1 by default. The same options give the same bytes. */
  readonly seed?: number;
}

const TRAINING_FOLDER = 'PALM-Training400';
const VALIDATION_FOLDER = 'PALM-Validation400';

/** The longest side that a JPEG can have. */
const LARGEST_SIZE = 2 ** 16 - 1;

/** Random streams: one per photograph, so that each stays the same in a larger set, and one for the classes. */
const TRAINING_STREAM = 0;
const VALIDATION_STREAM = 2 ** 30;
const SHUFFLE_STREAM = 2 ** 31;

const OPTIONS: OptionRules<SyntheticDatasetOptions> = {
  training: whole(0, VALIDATION_STREAM),
  validation: whole(0, VALIDATION_STREAM),
  size: whole(1, LARGEST_SIZE),
  seed: SEED,
};

/**
 * Draws and writes a data set into `folder`, which is made if it is missing. Half of the photographs, rounded
 * down, are pathologic (P), a third of the others highly myopic (H), the rest normal (N).
 *
 * Throws 'invalid-argument' where `folder` already holds photographs, since they may be real ones, and for
 * unknown options; 'bad-file' where it cannot be written.
 */
export async function writeSyntheticDataset(
  folder: string,
  options: SyntheticDatasetOptions = {},
): Promise<void> {
  checkArgument('folder of writeSyntheticDataset', folder, PATH);
  checkOptions('writeSyntheticDataset', options, OPTIONS);
  const { training = 40, validation = 20, size = 256, seed = 1 } = options;
  for (const name of [TRAINING_FOLDER, VALIDATION_FOLDER]) await makeEmptyFolder(join(folder, name));
  const numbers = { H: 0, N: 0, P: 0 };
  for (const [index, kind] of kindsOf(training).entries()) {
    const { rgb } = drawFundus(new Random(seed, TRAINING_STREAM + index), kind, size);
    const path = join(folder, TRAINING_FOLDER, fileName(kind, ++numbers[kind]));
    await writeFileAtomic(path, encodeJpeg(rgb, size));
  }
  const kinds = new Random(seed, SHUFFLE_STREAM).shuffle(kindsOf(validation));
  const lines = ['ID,imgName,Label,Fovea_X,Fovea_Y'];
  for (const [index, kind] of kinds.entries()) {
    const photo = drawFundus(new Random(seed, VALIDATION_STREAM + index), kind, size);
    const name = fileName('V', index + 1);
    await writeFileAtomic(join(folder, VALIDATION_FOLDER, name), encodeJpeg(photo.rgb, size));
    lines.push(labelLine(index + 1, name, kind, photo));
  }
  await writeFileAtomic(join(folder, 'labels.csv'), `${lines.join('\n')}\n`);
}

async function makeEmptyFolder(path: string): Promise<void> {
  const { length } = await mkdir(path, { recursive: true })
    .then(() => readdir(path))
    .catch((cause) => {
      throw writeError(path, cause);
    });
  check(length === 0, 'invalid-argument', () => {
    return `"${path}" already holds ${length} files: name another folder, or remove that one first.`;
  });
}

function kindsOf(count: number): FundusKind[] {
  const pathologic = Math.floor(count / 2);
  const highlyMyopic = Math.floor((count - pathologic) / 3);
  return Array.from({ length: count }, (_, i) =>
    i < pathologic ? 'P' : i < pathologic + highlyMyopic ? 'H' : 'N',
  );
}

function fileName(prefix: string, number: number): string {
  return `${prefix}${String(number).padStart(4, '0')}.jpg`;
}

function labelLine(id: number, name: string, kind: FundusKind, { fovea }: FundusPhoto): string {
  return `${id},${name},${kind === 'P' ? 1 : 0},${fovea.x.toFixed(2)},${fovea.y.toFixed(2)}`;
}
