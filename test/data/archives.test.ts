/**
 * @file The archives of iChallenge-PM in the original's layout, made of photographs at hand: they give what folders give.
 */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { DataLoader } from '../../src/data/data-loader.ts';
import type { Folder } from '../../src/data/ichallenge-pm.ts';
import { ImageDataset } from '../../src/data/node/image-dataset.ts';
import { readTrainingFolder, readValidationFolder } from '../../src/data/node/read-folders.ts';
import { findDuplicates, fingerprint } from '../../src/data/node/sample-files.ts';
import { buildZip, type ZipInput } from '../io/zip/build-zip.ts';
import { THOROUGH } from '../support/thorough.ts';
import { brightness, temporaryFolder } from './fixtures.ts';
import { jpegOf } from './jpeg/build-jpeg.ts';
import { inFolder, type Photograph, writeArchives } from './official-archives.ts';
import { buildXlsx, type Cell } from './table/build-xlsx.ts';

let dir: string;
beforeEach(async () => {
  dir = await temporaryFolder();
});

/** The same as unpacked, with a table in CSV. */
async function writeFolders(
  training: readonly Photograph[],
  validation: readonly Photograph[],
  rows: readonly (readonly Cell[])[],
): Promise<{ train: string; val: string; labels: string }> {
  const paths = {
    train: join(dir, 'training'),
    val: join(dir, 'validation'),
    labels: join(dir, 'labels.csv'),
  };
  for (const [folder, photographs] of [
    [paths.train, training],
    [paths.val, validation],
  ] as const) {
    await mkdir(folder, { recursive: true });
    for (const [name, bytes] of photographs) await writeFile(join(folder, name), bytes);
  }
  await writeFile(
    paths.labels,
    ['ID,imgName,Label,Fovea_X,Fovea_Y', ...rows.map((row) => row.join(','))].join('\n'),
  );
  return paths;
}

const read = async ({
  train,
  val,
  labels,
}: {
  train: string;
  val: string;
  labels: string;
}): Promise<Folder[]> => [await readTrainingFolder(train), await readValidationFolder(val, labels)];

/** All batches of two epochs, shuffled. */
async function batchesOf({ samples }: Folder) {
  const dataset = new ImageDataset(samples, { size: 16, workers: 1 });
  const loader = new DataLoader(dataset, { batchSize: 5, shuffle: true, seed: 3 });
  const batches = [];
  for (const epoch of [0, 1])
    for await (const batch of loader.epoch(epoch)) {
      batches.push({ ...batch, images: digestOf(batch.images) });
    }
  await dataset.close();
  return batches;
}

/** Comparing digests takes vitest a thousandth of what bytes take. */
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const digestsOf = ({ samples }: Folder): Promise<string[]> =>
  Promise.all(samples.map(async ({ path, source }) => digestOf(await (source?.read() ?? readFile(path)))));

async function expectSame(archives: Folder[], folders: Folder[]): Promise<void> {
  for (const [i, archive] of archives.entries()) {
    const namesOf = ({ samples }: Folder) => samples.map(({ name, label }) => [name, label]);
    expect(namesOf(archive)).toEqual(namesOf(folders[i]!));
    expect(await digestsOf(archive)).toEqual(await digestsOf(folders[i]!));
    expect(await fingerprint(archive.samples)).toBe(await fingerprint(folders[i]!.samples));
  }
  const duplicates = async (sets: Folder[]) =>
    (await findDuplicates(sets.flatMap(({ samples }) => samples))).map((group) =>
      group.map(({ name }) => name),
    );
  expect(await duplicates(archives)).toEqual(await duplicates(folders));
}

/** Small photographs of one colour each; the last two are the same. */
const photographs = (...names: string[]): Photograph[] =>
  names.map((name, i) => {
    const grey = brightness(Math.min(i, names.length - 2));
    return [name, jpegOf(8, 8, () => [grey, grey, grey])];
  });
const TRAINING = photographs('P0001.jpg', 'H0001.jpg', 'N0001.jpg', 'P0002.jpg', 'N0002.jpg', 'P0003.jpg');
const VALIDATION = photographs('V0001.jpg', 'V0002.jpg', 'V0003.jpg', 'V0004.jpg');
const ROWS = VALIDATION.map(([name], i) => [i + 1, name, i % 2, 1157.74 + i, 1019.87]);

describe('the archives as they are downloaded', () => {
  it.each([
    ['stored', 0],
    ['compressed', 8],
  ])('give the batches of folders, those within %s', async (_how, method) => {
    const archives = await read(await writeArchives(dir, TRAINING, VALIDATION, ROWS, method));
    await expectSame(archives, await read(await writeFolders(TRAINING, VALIDATION, ROWS)));
    const [training, validation] = archives;
    expect(training!.samples[0]!.path).toBe(
      join(dir, 'training.zip/PALM-Training400/PALM-Training400.zip/PALM-Training400/H0001.jpg'),
    );
    const nested = 'PALM-Training400/PALM-Training400.zip/';
    expect(training!.passedOver).toEqual(
      [
        ...[
          '__MACOSX',
          ...['.DS_Store', '.ipynb_checkpoints', 'Thumbs.db'].map((name) => `PALM-Training400/${name}`),
        ].flatMap((path) => [path, nested + path]),
        'PALM-Training400/PALM-Training400-Annotation-D&F.zip',
        'PALM-Training400/PALM-Training400-Annotation-Lession.zip',
      ].sort(),
    );
    expect(validation!.passedOver).toHaveLength(4);
  });

  it('may be unpacked in part, or twice over', async () => {
    await writeFolders(TRAINING, VALIDATION, ROWS);
    const outer = join(dir, 'PALM-Training400');
    await mkdir(outer);
    await writeFile(join(outer, 'PALM-Training400.zip'), buildZip(inFolder('PALM-Training400', TRAINING)));
    await writeFile(join(outer, 'PALM-Training400-Annotation-D&F.zip'), 'damaged');
    const names = TRAINING.map(([name]) => name).sort();
    const namesIn = async (path: string) => (await readTrainingFolder(path)).samples.map(({ name }) => name);
    expect(await namesIn(outer)).toEqual(names);
    await mkdir(join(outer, 'PALM-Training400'));
    for (const [name, bytes] of TRAINING) await writeFile(join(outer, 'PALM-Training400', name), bytes);
    expect(await namesIn(outer)).toEqual(names);
    await writeFile(join(outer, 'P0001.jpg'), 'another');
    await expect(namesIn(outer)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(/two photographs P0001\.jpg: .*PALM-Training400\/P0001\.jpg/),
    });
  });
});

describe('labels', () => {
  const labelled = async (name: string, bytes: Uint8Array | string): Promise<(string | number)[][]> => {
    const { val } = await writeFolders(TRAINING, VALIDATION, ROWS);
    const path = join(dir, name);
    await writeFile(path, bytes);
    const { samples } = await readValidationFolder(val, path);
    return samples.map((sample) => [sample.name, sample.label]);
  };
  const EXPECTED = VALIDATION.map(([name], i) => [name, i % 2]);
  const CSV = ['imgName,Label', ...ROWS.map(([, name, label]) => `${name},${label}`)].join('\n');
  const HEADER = ['ID', 'imgName', 'Label'];

  it('are read from xlsx, whatever its name, with an index column or columns in another order', async () => {
    expect(await labelled('labels.csv', buildXlsx([[HEADER, ...ROWS]]))).toEqual(EXPECTED);
  });

  it.each<[string, readonly (readonly Cell[])[]]>([
    ['an index column', [[undefined, ...HEADER], ...ROWS.map((row, i) => [i, ...row])]],
    ['another order', [['Label', 'imgName'], ...ROWS.map(([, name, label]) => [label, name])]],
    ['labels that are texts', [HEADER, ...ROWS.map(([id, name, label]) => [id, name, `${label}.0`])]],
    ['notes beside the table', [HEADER, ...ROWS.map((row) => [...row, 'a', 'note'])]],
  ])('are read from xlsx with %s', async (_what, rows) => {
    expect(await labelled('labels.xlsx', buildXlsx([rows]))).toEqual(EXPECTED);
  });

  it('are read from a table in an archive, among others by its columns', async () => {
    const other = {
      name: 'gt/Fovea_Location.xlsx',
      data: buildXlsx([
        [
          ['ID', 'Fovea_X'],
          [1, 2],
        ],
      ]),
    };
    expect(await labelled('a.zip', buildZip([{ name: 'gt/labels.csv', data: CSV }, other]))).toEqual(
      EXPECTED,
    );
    const within = buildZip([{ name: 'gt/labels.csv', data: CSV }]);
    expect(await labelled('b.zip', buildZip([{ name: 'gt.zip', data: within }]))).toEqual(EXPECTED);
  });

  it('are read from a folder', async () => {
    const { val } = await writeFolders(TRAINING, VALIDATION, ROWS);
    await mkdir(join(dir, 'gt'));
    await writeFile(join(dir, 'gt', 'x.xlsx'), buildXlsx([[HEADER, ...ROWS]]));
    expect((await readValidationFolder(val, join(dir, 'gt'))).samples).toHaveLength(4);
  });

  it.each<[string, readonly (readonly Cell[])[], RegExp]>([
    ['no column of names', [['ID', 'image', 'Label'], ...ROWS], /no column "imgName", but ID, image, Label/],
    ['no column of labels', [['ID', 'imgName', 'Class'], ...ROWS], /no column "Label"/],
    ['two columns of labels', [['Label', 'imgName', 'Label'], ...ROWS], /two columns "Label"/],
    ['a photograph twice', [HEADER, ...ROWS, ROWS[0]!], /lists V0001\.jpg twice/],
    ['a label that is missing', [HEADER, [1, 'V0001.jpg'], ...ROWS.slice(1)], /V0001\.jpg the label ""/],
    [
      'a label that is an error',
      [HEADER, [1, 'V0001.jpg', '#N/A'], ...ROWS.slice(1)],
      /V0001\.jpg the label "#N\/A"/,
    ],
    [
      'a name that is missing',
      [HEADER, [1, undefined, 1], ...ROWS.slice(1)],
      /a row without "imgName": 1, , 1/,
    ],
    [
      'a photograph too few',
      [HEADER, ...ROWS.slice(1)],
      /1 of 4 photographs in .* are not in .*labels\.xlsx \(V0001\.jpg\)/,
    ],
    [
      'a photograph too many',
      [HEADER, ...ROWS, [5, 'V0005.jpg', 0]],
      /1 of 5 photographs in .*labels\.xlsx are not in .* \(V0005\.jpg\)/,
    ],
  ])('are refused in xlsx with %s', async (_what, rows, message) => {
    await expect(labelled('labels.xlsx', buildXlsx([rows]))).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, ZipInput[], RegExp]>([
    ['no table', [{ name: 'mask.bmp' }], /a\.zip holds no table/],
    [
      'two tables that fit',
      [
        { name: 'a.csv', data: CSV },
        { name: 'b.csv', data: CSV },
      ],
      /2 of the tables in .* have columns "imgName" and "Label" \(.*a\.csv, .*b\.csv\)/,
    ],
    [
      'two tables, none of which fits',
      [
        { name: 'a.csv', data: 'x' },
        { name: 'b.csv', data: 'x' },
      ],
      /0 of the tables/,
    ],
    ['17 tables', Array.from({ length: 17 }, (_, i) => ({ name: `${i}.csv` })), /holds 17 tables/],
    ['one table of other columns', [{ name: 'a.csv', data: 'name,Label' }], /a\.csv has no column "imgName"/],
  ])('are refused in an archive with %s', async (_what, inputs, message) => {
    await expect(labelled('a.zip', buildZip(inputs))).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(message),
    });
  });

  it('are refused in a table of more than 16 MiB in an archive', async () => {
    const data = Buffer.alloc(2 ** 24 + 1, 'x');
    await expect(labelled('a.zip', buildZip([{ name: 'a.csv', data, method: 0 }]))).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(
        /a\.zip\/a\.csv(: it)? has 16777217 bytes, and at most 16777216 are read/,
      ),
    });
  });

  it('are refused by the size that an archive tells, before anything is decompressed', async () => {
    const size = 2 ** 24 + 1;
    const noDeflate = Buffer.alloc(size / 100, 255);
    const input = { name: 'a.csv', written: noDeflate, local: { size }, central: { size } };
    await expect(labelled('a.zip', buildZip([input]))).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(
        /a\.zip\/a\.csv(: it)? has 16777217 bytes, and at most 16777216 are read/,
      ),
    });
  });
});

describe('a photograph in an archive', () => {
  it('that is damaged or no image is named, and may be left out', async () => {
    const [first, second] = TRAINING as [Photograph, Photograph];
    const path = join(dir, 'training.zip');
    await writeFile(
      path,
      buildZip([
        { name: first[0], data: first[1] },
        { name: second[0], data: 'no image' },
        { name: 'N0009.jpg', data: second[1], method: 0, written: Buffer.alloc(second[1].length) },
      ]),
    );
    const { samples } = await readTrainingFolder(path);
    const dataset = new ImageDataset(samples, { size: 8, onCorrupt: 'skip', workers: 1 });
    await Promise.all(samples.map((_, i) => dataset.pixels(i)));
    expect(dataset.corrupt.map(({ reason }) => reason).sort()).toEqual([
      expect.stringMatching(/training\.zip\/N0009\.jpg: its checksum is wrong/),
      expect.stringMatching(/training\.zip\/H0001\.jpg\. Neither a JPEG/),
    ]);
  });
});

const PALM = '../shared/palm';
/** Of the data itself all 800 where tests are to be thorough, else 32. */
const STEP = THOROUGH ? 1 : 25;

const palm = async (folder: string): Promise<Photograph[]> => {
  const names = (await readdir(join(PALM, folder))).filter((name) => name.endsWith('.jpg')).sort();
  const chosen = names.filter((_, i) => i % STEP === 0);
  return Promise.all(
    chosen.map(async (name): Promise<Photograph> => [name, await readFile(join(PALM, folder, name))]),
  );
};

async function palmRows(validation: readonly Photograph[]): Promise<Cell[][]> {
  const [, ...lines] = (await readFile(join(PALM, 'labels.csv'), 'utf8')).trim().split(/\r?\n/);
  const rows = lines.map((line) =>
    line.split(',').map((cell) => (cell.includes('jpg') ? cell : Number(cell))),
  );
  const present = new Set<Cell>(validation.map(([name]) => name));
  return rows.filter((row) => present.has(row[1]));
}

it.skipIf(!existsSync(PALM))(
  `the batches of ${PALM} are the same (skipped without it)`,
  { timeout: 600_000 },
  async () => {
    const [training, validation] = [await palm('PALM-Training400'), await palm('PALM-Validation400')];
    const rows = await palmRows(validation);
    const archives = await read(await writeArchives(dir, training, validation, rows, 8));
    const folders = await read(await writeFolders(training, validation, rows));
    expect(archives.map(({ samples }) => samples.length)).toEqual([400 / STEP, 400 / STEP]);
    await expectSame(archives, folders);
    const [batches, expected] = await Promise.all([archives[0]!, folders[0]!].map(batchesOf));
    expect(batches).toEqual(expected);
  },
);
