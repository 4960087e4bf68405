import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findDuplicates } from '../../src/data/duplicates.ts';
import { readTrainingFolder, readValidationFolder } from '../../src/data/ichallenge-pm.ts';
import { temporaryFolder } from './fixtures.ts';

let dir: string;
beforeEach(async () => {
  dir = await temporaryFolder();
});

/** Files with their own names as contents; a name with a trailing slash is a folder. */
async function make(...names: string[]): Promise<void> {
  for (const name of names) {
    const path = join(dir, name);
    await (name.endsWith('/') ? mkdir(path) : writeFile(path, name));
  }
}

async function makeTable(...lines: string[]): Promise<string> {
  const path = join(await temporaryFolder(), 'labels.csv');
  await writeFile(path, lines.join('\n'));
  return path;
}

const STRAY = ['__MACOSX/', '.DS_Store', 'Thumbs.db', '.ipynb_checkpoints/', '._P0001.jpg', 'notes.txt'];

describe('readTrainingFolder', () => {
  it('labels by the first letter, sorts by name and passes stray entries over', async () => {
    await make('P0002.jpg', 'N0001.jpg', 'H0003.JPG', 'P0001.png', 'V0001.jpg', 'P0009.jpg/', ...STRAY);
    const { samples, passedOver } = await readTrainingFolder(dir);
    expect(samples).toEqual([
      { name: 'H0003.JPG', path: join(dir, 'H0003.JPG'), label: 0 },
      { name: 'N0001.jpg', path: join(dir, 'N0001.jpg'), label: 0 },
      { name: 'P0001.png', path: join(dir, 'P0001.png'), label: 1 },
      { name: 'P0002.jpg', path: join(dir, 'P0002.jpg'), label: 1 },
    ]);
    const stray = ['V0001.jpg', 'P0009.jpg', ...STRAY.map((name) => name.replace('/', ''))];
    expect(passedOver).toEqual(stray.sort());
  });

  it('refuses a folder without photographs', async () => {
    await make(...STRAY);
    await expect(readTrainingFolder(dir)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining(`0 of the ${STRAY.length} entries of ${dir}`),
    });
  });

  it('refuses a folder that does not exist', async () => {
    const missing = join(dir, 'missing');
    await expect(readTrainingFolder(missing)).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringContaining(missing),
    });
  });
});

describe('readValidationFolder', () => {
  const expected = [
    ['V0001.jpg', 0],
    ['V0002.jpg', 1],
  ];
  const labelsOf = async (...lines: string[]) => {
    const { samples } = await readValidationFolder(dir, await makeTable(...lines));
    return samples.map(({ name, label }) => [name, label]);
  };
  beforeEach(() => make('V0002.jpg', 'V0001.jpg', ...STRAY));

  it('reads the official table', async () => {
    const table = await makeTable(
      'ID,imgName,Label,Fovea_X,Fovea_Y',
      '1,V0001.jpg,0,1157.74,1019.87',
      '2,V0002.jpg,1,1285.82,1080.47',
    );
    expect(await readValidationFolder(dir, table)).toEqual({
      samples: [
        { name: 'V0001.jpg', path: join(dir, 'V0001.jpg'), label: 0 },
        { name: 'V0002.jpg', path: join(dir, 'V0002.jpg'), label: 1 },
      ],
      passedOver: STRAY.map((name) => name.replace('/', '')).sort(),
    });
  });

  it('goes by the columns’ names: an index column, another order', async () => {
    expect(await labelsOf(',ID,imgName,Label', '0,1,V0001.jpg,0', '1,2,V0002.jpg,1')).toEqual(expected);
    expect(await labelsOf('Label,imgName', '1,V0002.jpg', '0,V0001.jpg')).toEqual(expected);
  });

  it('reads a byte order mark, CRLF, spaces, blank lines, quotes and labels with a point', async () => {
    const lines = ['\uFEFF"imgName", Label\r', 'V0001.jpg, 0.0\r', '\r', '"V0002.jpg",1.0\r', ''];
    expect(await labelsOf(...lines)).toEqual(expected);
  });

  it.each([
    ['photographs without a row', ['imgName,Label', 'V0001.jpg,0'], '1 of 2 photographs'],
    [
      'rows without a photograph',
      ['imgName,Label', 'V0001.jpg,0', 'V0002.jpg,1', 'V0003.jpg,1'],
      '1 of 3 photographs',
    ],
    ['a label that is not 0 or 1', ['imgName,Label', 'V0001.jpg,2', 'V0002.jpg,1'], 'the label "2"'],
    ['an empty label', ['imgName,Label', 'V0001.jpg,', 'V0002.jpg,1'], 'the label ""'],
    [
      'a photograph listed twice',
      ['imgName,Label', 'V0001.jpg,0', 'V0002.jpg,1', 'V0001.jpg,1'],
      'V0001.jpg twice',
    ],
    ['a column that is missing', ['name,Label', 'V0001.jpg,0'], 'no column "imgName", but name, Label'],
    ['an empty table', [], 'no header at all'],
    ['rows of unequal length', ['imgName,Label', 'V0001.jpg,0,7'], 'not well-formed CSV'],
  ])('refuses %s', async (_name, lines, message) => {
    await expect(labelsOf(...lines)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining(message),
    });
  });

  it('names no more than five photographs', async () => {
    const rows = Array.from({ length: 9 }, (_, i) => `V000${i + 1}.jpg,0`);
    await expect(labelsOf('imgName,Label', ...rows)).rejects.toThrow(
      '(V0003.jpg, V0004.jpg, V0005.jpg, V0006.jpg, V0007.jpg, …)',
    );
  });

  it('refuses a table that does not exist', async () => {
    await expect(readValidationFolder(dir, join(dir, 'labels.csv'))).rejects.toMatchObject({
      code: 'bad-file',
    });
  });
});

describe('findDuplicates', () => {
  it('groups byte-identical files, and not those of equal size alone', async () => {
    const contents = {
      a: 'same',
      b: 'size',
      c: 'same',
      d: 'another',
      e: 'another',
      f: 'same',
      g: 'longest of all',
    };
    for (const [name, content] of Object.entries(contents)) await writeFile(join(dir, name), content);
    const samples = Object.keys(contents).map((name) => ({ name, path: join(dir, name), label: 0 }));
    const groups = await findDuplicates(samples);
    expect(groups.map((group) => group.map(({ name }) => name))).toEqual([
      ['a', 'c', 'f'],
      ['d', 'e'],
    ]);
  });
});

const PALM = '../shared/palm';

describe.skipIf(!existsSync(PALM))(`the data itself (skipped without ${PALM})`, () => {
  it('has the numbers published, and the duplicates known', async () => {
    const training = await readTrainingFolder(join(PALM, 'PALM-Training400'));
    const validation = await readValidationFolder(join(PALM, 'PALM-Validation400'), join(PALM, 'labels.csv'));
    const positives = (samples: readonly { label: number }[]) =>
      samples.filter(({ label }) => label === 1).length;
    expect([training.samples.length, positives(training.samples)]).toEqual([400, 213]);
    expect([validation.samples.length, positives(validation.samples)]).toEqual([400, 211]);
    const groups = await findDuplicates([...training.samples, ...validation.samples]);
    const pairs = groups.map((group) => group.map(({ name }) => name.replace('.jpg', '')).join('='));
    expect(pairs.sort()).toEqual(['P0014=P0072', 'P0056=V0163', 'P0057=V0252', 'V0107=V0160', 'V0268=V0320']);
  });
});
