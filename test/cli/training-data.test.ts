/**
 * @file Where `fovea train` finds its photographs: archives as downloaded, classes in folders and tables, sets that are set aside.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { SimilarSearch } from '../../src/cli/train/keep-together.ts';
import type { RunConfig } from '../../src/cli/train/run-config.ts';
import { openTrainingData, readSets } from '../../src/cli/train/training-data.ts';
import type { ClassSet } from '../../src/data/class-folders.ts';
import { Random } from '../../src/random.ts';
import { temporaryFolder } from '../data/fixtures.ts';
import { jpegOf } from '../data/jpeg/build-jpeg.ts';
import { type Photograph, writeArchives } from '../data/official-archives.ts';
import { buildZip } from '../io/zip/build-zip.ts';
import { fovea } from './fovea.ts';
import { printedBy } from './printed.ts';

const config = (given: Partial<RunConfig>): RunConfig => ({
  ...{ train: 'none', layers: 18, size: 32, batch: 4, epochs: 1, lr: 0.1, seed: 1, onCorrupt: 'throw' },
  ...given,
});
const photograph = (seed: number): Uint8Array =>
  jpegOf(16, 16, (x, y) => [(x * (seed + 3)) % 256, (y * (2 * seed + 5)) % 256, (9 * seed) % 256]);

/** Blocks of other greys for each seed. */
function blocks(seed: number, brighter = 0): Uint8Array {
  const random = new Random(seed);
  const greys = Array.from({ length: 64 }, () => random.integer(200) + brighter);
  return jpegOf(16, 16, (x, y) => {
    const grey = greys[8 * (y >> 1) + (x >> 1)]!;
    return [grey, grey, grey];
  });
}

const labelled = ({ samples }: ClassSet) => samples.map(({ name, label }) => `${name} ${label}`);

let dir: string;
beforeAll(async () => {
  dir = await temporaryFolder();
});

test('a training runs straight from the three archives', async () => {
  const named = (names: readonly string[]): Photograph[] => names.map((name, i) => [name, photograph(i)]);
  const { train, val, labels } = await writeArchives(
    dir,
    named(['H0001.jpg', 'N0001.jpg', 'P0001.jpg', 'P0002.jpg']),
    named(['V0001.jpg', 'V0002.jpg']),
    [
      [1, 'V0001.jpg', 1, 0, 0],
      [2, 'V0002.jpg', 0, 0, 0],
    ],
  );
  const sets = await readSets(config({ train, val, labels }));
  expect(labelled(sets.validation)).toEqual(['V0001.jpg 1', 'V0002.jpg 0']);
  const { code, stdout } = await fovea(
    ...['train', '--train', train, '--val', val, '--labels', labels, '--out', join(dir, 'run')],
    ...['--layers', '18', '--size', '32', '--batch', '2', '--max-steps', '1', '--adapter', 'software'],
  );
  expect(stdout).toMatch(
    /^Training: 4 photographs: 2 not pathologic, 2 pathologic; \d+ other files ignored\n/,
  );
  expect(stdout).toMatch(/^Validation: 2 photographs: 1 not pathologic, 1 pathologic; /m);
  expect(stdout).toMatch(/Stopped after step 1\. Resume with: /);
  expect(code).toBe(0);
}, 60_000);

const CLASSES = ['elm', 'oak'].flatMap((name, i) => [1, 2, 3, 4, 5].map((n) => [name, n, i] as const));

test('classes in folders of an archive, of which some are set aside: each once, the same for the same seed', async () => {
  const path = join(dir, 'trees.zip');
  const files = CLASSES.map(([name, n, i]) => ({
    name: `trees/trees/${name}/${n}.jpg`,
    data: photograph(5 * i + n),
  }));
  await writeFile(path, buildZip([...files, { name: 'trees/trees/stray.jpg', data: photograph(99) }]));
  const given = config({ train: path, layout: 'folders', split: 0.2 });
  const { training, validation } = await readSets(given);
  expect(training.classes).toEqual(['elm', 'oak']);
  expect(validation.samples.map(({ label }) => label)).toEqual([0, 1]);
  expect([...labelled(training), ...labelled(validation)].sort()).toEqual(
    CLASSES.map(([name, n, label]) => `${name}/${n}.jpg ${label}`),
  );
  expect((await readSets(given)).validation.samples.map(({ name }) => name)).toEqual(
    validation.samples.map(({ name }) => name),
  );
  const { stdout, stderr } = await printedBy(async () => {
    const data = await openTrainingData(given);
    expect(data.classes).toEqual(['elm', 'oak']);
    await data.training.dataset.close();
    await data.validation.dataset.close();
  });
  expect(stdout).toEqual([
    'Training: 8 photographs: 4 elm, 4 oak; 0 other files ignored',
    'Validation: 2 photographs: 1 elm, 1 oak; 0 other files ignored',
    expect.stringContaining('near-identical ones, which fovea data inspect finds, may be on both'),
  ]);
  expect(stderr).toEqual(['Warning: left out 1 image without a class: stray.jpg']);
});

test('every photograph of a table is validated on in one of the folds, copies of a file in the same', async () => {
  const folder = join(dir, 'trees');
  const lines = ['file,class'];
  for (const [name, n, i] of CLASSES) {
    const path = join(folder, `${name}${n}.jpg`);
    await mkdir(dirname(path), { recursive: true });
    // The first two of each class are one picture.
    await writeFile(path, photograph(5 * i + Math.max(n, 2)));
    lines.push(`${name}${n}.jpg,${name}`);
  }
  const table = join(dir, 'classes.csv');
  await writeFile(table, lines.join('\n'));
  const validated: string[][] = [];
  for (const fold of [1, 2]) {
    const sets = await readSets(config({ train: folder, layout: 'table', table, folds: 2, fold }));
    expect(sets.training.samples.length + sets.validation.samples.length).toBe(CLASSES.length);
    validated.push(sets.validation.samples.map(({ name }) => name));
  }
  expect(validated.flat().sort()).toEqual(CLASSES.map(([name, n]) => `${name}${n}.jpg`).sort());
  for (const names of validated) expect(names.includes('elm1.jpg')).toBe(names.includes('elm2.jpg'));
});

test('near-identical photographs are on one side, whatever the seed, and are named', async () => {
  const folder = join(dir, 'similar');
  for (const [name, n, i] of CLASSES) {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, `${n}.jpg`), blocks(5 * i + n));
  }
  await writeFile(join(folder, 'elm', 'copy.jpg'), blocks(1, 20));
  const search = new SimilarSearch();
  const sidesOf = async (keepTogether: 'similar' | 'identical', seed: number) => {
    const given = config({ train: folder, layout: 'folders', split: 0.4, seed, keepTogether });
    const { validation, similar } = await readSets(given, search);
    const aside = validation.samples.map(({ name }) => name);
    expect(similar.map((group) => group.map(({ name }) => name))).toEqual(
      keepTogether === 'similar' ? [['elm/1.jpg', 'elm/copy.jpg']] : [],
    );
    return aside.includes('elm/1.jpg') === aside.includes('elm/copy.jpg');
  };
  const seeds = [1, 2, 3, 4, 5, 6];
  const { stdout } = await printedBy(async () => {
    for (const seed of seeds) expect(await sidesOf('similar', seed)).toBe(true);
    const apart = await Promise.all(seeds.map((seed) => sidesOf('identical', seed)));
    expect(apart).toContain(false);
  });
  expect(stdout).toEqual([expect.stringMatching(/^Comparing 11 photographs/)]);
});

test('one class only is refused', async () => {
  const folder = join(dir, 'healthy');
  await mkdir(folder);
  for (const n of [1, 2, 3, 4]) await writeFile(join(folder, `N000${n}.jpg`), photograph(n));
  await expect(readSets(config({ train: folder, split: 0.5 }))).rejects.toMatchObject({ code: 'bad-data' });
});
