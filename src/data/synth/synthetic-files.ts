/**
 * @file A drawn data set in iChallenge-PM's layout, file by file: something to try the whole program on.
 *
 *     PALM-Training400/{H,N,P}0001.jpg …   the class is the name's first letter
 *     PALM-Validation400/V0001.jpg …
 *     labels.csv                           the validation labels and where the foveas lie
 */

import { checkOptions, type OptionRules, SEED, whole } from '../../arguments.ts';
import { Random } from '../../random.ts';
import { drawFundus, type FundusPhoto } from './draw.ts';
import type { FundusKind } from './eye.ts';

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

/** A file of a drawn data set. */
export interface SyntheticFile {
  /** Where it lies in the data set, by slashes. */
  readonly path: string;
  /** A JPEG, or the table in UTF-8. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The folders of the photographs. */
export const TRAINING_FOLDER = 'PALM-Training400';
export const VALIDATION_FOLDER = 'PALM-Validation400';

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

/** Throws 'invalid-argument' unless `options`, given to `what`, are those of a drawn data set. */
export function checkSyntheticOptions(what: string, options: SyntheticDatasetOptions): void {
  checkOptions(what, options, OPTIONS);
}

/**
 * Draws a data set, one file after another: the training photographs, those for validation, the table. Half of the photographs, rounded
 * down, are pathologic (P), a third of the others highly myopic (H), the rest normal (N). In a page, `new File([bytes], path)` makes a
 * file of each.
 *
 * Throws 'invalid-argument' for unknown options.
 */
export function syntheticFiles(
  options: SyntheticDatasetOptions = {},
): AsyncGenerator<SyntheticFile, void, void> {
  checkSyntheticOptions('syntheticFiles', options);
  return draw(options);
}

async function* draw({
  training = 40,
  validation = 20,
  size = 256,
  seed = 1,
}: SyntheticDatasetOptions): AsyncGenerator<SyntheticFile, void, void> {
  const { encodeJpeg } = await import('../jpeg/encode-jpeg.ts');
  const numbers = { H: 0, N: 0, P: 0 };
  for (const [index, kind] of kindsOf(training).entries()) {
    const { rgb } = drawFundus(new Random(seed, TRAINING_STREAM + index), kind, size);
    const path = `${TRAINING_FOLDER}/${fileName(kind, ++numbers[kind])}`;
    yield { path, bytes: encodeJpeg(rgb, size) };
  }
  const kinds = new Random(seed, SHUFFLE_STREAM).shuffle(kindsOf(validation));
  const lines = ['ID,imgName,Label,Fovea_X,Fovea_Y'];
  for (const [index, kind] of kinds.entries()) {
    const photo = drawFundus(new Random(seed, VALIDATION_STREAM + index), kind, size);
    const name = fileName('V', index + 1);
    yield { path: `${VALIDATION_FOLDER}/${name}`, bytes: encodeJpeg(photo.rgb, size) };
    lines.push(labelLine(index + 1, name, kind, photo));
  }
  yield { path: 'labels.csv', bytes: new TextEncoder().encode(`${lines.join('\n')}\n`) };
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
