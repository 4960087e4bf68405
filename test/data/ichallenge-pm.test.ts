import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readTrainingFolder, readValidationFolder } from '../../src/data/node/read-folders.ts';
import { findDuplicates } from '../../src/data/node/sample-files.ts';
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
      message: expect.stringContaining(
        `${dir} holds no training photographs (H…, N…, P….jpg), but only .DS_Store, ._P0001.jpg, .ipynb_checkpoints, Thumbs.db, __MACOSX, …`,
      ),
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
    ['two columns of labels', ['imgName,Label,Label', 'V0001.jpg,0,1'], 'two columns "Label"'],
    ['UTF-16 without a mark', ['i\0m\0g\0N\0a\0m\0e\0'], 'zero at byte 1'],
    ['UTF-16 without a mark, the upper byte first', ['\0i\0m\0g\0N\0a\0m\0e'], 'zero at byte 0'],
    ['a million columns', [`imgName,Label${',x'.repeat(1e6)}`], 'not well-formed CSV'],
    [
      'a name without end',
      ['imgName,Label', `"${'V\n'.repeat(1e4)}",2`],
      `gives ${'V\n'.repeat(40)}… the label "2"`,
    ],
    [
      'a name of 80 letters',
      ['imgName,Label', `${'V'.repeat(80)},2`],
      `gives ${'V'.repeat(80)} the label "2"`,
    ],
    [
      'five rows without a photograph, naming all',
      ['imgName,Label', ...[1, 2, 3, 4, 5, 6, 7].map((i) => `V000${i}.jpg,0`)],
      '(V0003.jpg, V0004.jpg, V0005.jpg, V0006.jpg, V0007.jpg): is',
    ],
    ['names of objects’ own', ['imgName,Label', '__proto__,1', 'constructor,0'], '2 of 2 photographs'],
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

  it('says that a table is in UTF-16, or is no table', async () => {
    const path = join(await temporaryFolder(), 'labels.csv');
    for (const [bytes, reason] of [
      [Buffer.from('\uFEFFimgName,Label\n', 'utf16le'), 'in UTF-16: save it as CSV in UTF-8'],
      [Buffer.from('\uFEFFimgName,Label\n', 'utf16le').swap16(), 'in UTF-16'],
      [Buffer.from([0x50, 0x4b, 3, 5, 20, 0, 6, 0]), 'zero at byte 5'],
    ] as const) {
      await writeFile(path, bytes);
      const message = expect.stringMatching(new RegExp(`^${path} .*${reason}`));
      await expect(readValidationFolder(dir, path)).rejects.toMatchObject({ code: 'bad-data', message });
    }
  });

  it('takes no single byte for the mark of UTF-16', async () => {
    const path = join(await temporaryFolder(), 'labels.csv');
    for (const bytes of [
      [0xff, 0x41],
      [0xfe, 0x41],
      [0x41, 0xff],
      [0x41, 0xfe],
    ]) {
      await writeFile(path, Buffer.from(bytes));
      await expect(readValidationFolder(dir, path)).rejects.toThrow(/no column "imgName"/);
    }
  });

  it('refuses pipes, endless devices and tables of more than 16 MiB at once', async () => {
    const pipe = join(dir, 'pipe');
    const endless = join(dir, 'endless');
    const long = join(dir, 'long');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    await symlink('/dev/zero', endless);
    await writeFile(long, Buffer.alloc(2 ** 24 + 1, 'x'));
    for (const path of [pipe, endless, long]) {
      await expect(readValidationFolder(dir, path)).rejects.toMatchObject({
        code: 'bad-file',
        message: expect.stringContaining(path),
      });
    }
  });

  it('refuses a folder without photographs, naming those it looks for', async () => {
    const table = await makeTable('imgName,Label');
    await expect(readValidationFolder(await temporaryFolder(), table)).rejects.toThrow(
      /holds no validation photographs \(V….jpg\), but nothing at all/,
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

describe('findDuplicates, of samples with sources', () => {
  it('compares their bytes with files, reads those of equal length only, and leaves out what fails', async () => {
    await writeFile(join(dir, 'a'), 'same');
    const sourceOf = (text: string) => ({
      bytes: text.length,
      read: async () => new TextEncoder().encode(text),
    });
    const reading = (bytes: number) => ({ bytes, read: () => Promise.reject(new Error('gone')) });
    const samples = [
      { name: 'a' },
      { name: 'b', source: sourceOf('same') },
      { name: 'c', source: sourceOf('size') },
      { name: 'd', source: { bytes: 7, read: () => expect.fail('read') } },
      { name: 'e', source: reading(4) },
      { name: 'f', source: reading(2 ** 40) },
      { name: 'g', source: { bytes: 2 ** 40, read: () => expect.fail('read') } },
    ].map((sample) => ({ ...sample, path: join(dir, sample.name), label: 0 }));
    const groups = await findDuplicates(samples);
    expect(groups.map((group) => group.map(({ name }) => name))).toEqual([['a', 'b']]);
  });
});

describe('findDuplicates, of what cannot be read', () => {
  it('leaves it out, and does not wait for it', async () => {
    await make('P0001.jpg');
    expect(spawnSync('mkfifo', [join(dir, 'P0002.jpg'), join(dir, 'P0003.jpg')]).status).toBe(0);
    await symlink('/dev/zero', join(dir, 'P0004.jpg'));
    await symlink('/dev/zero', join(dir, 'P0005.jpg'));
    await symlink(join(dir, 'missing'), join(dir, 'P0006.jpg'));
    await writeFile(join(dir, 'P0007.jpg'), 'P0001.jpg');
    const { samples } = await readTrainingFolder(dir);
    expect(samples).toHaveLength(7);
    const groups = await findDuplicates(samples);
    expect(groups.map((group) => group.map(({ name }) => name))).toEqual([['P0001.jpg', 'P0007.jpg']]);
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
