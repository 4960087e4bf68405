import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findFiles, type Wanted } from '../../../src/data/tree/find-files.ts';
import { openTree } from '../../../src/data/tree/open-tree.ts';
import { buildZip } from '../../io/zip/build-zip.ts';
import { temporaryFolder } from '../fixtures.ts';

let dir: string;
beforeEach(async () => {
  dir = await temporaryFolder();
});

/** Files by their paths; strings are paths alone. */
type Files = readonly (string | readonly [path: string, data: Uint8Array])[];
const contents = (files: Files) =>
  files.map((file): readonly [string, Uint8Array | string] =>
    typeof file === 'string' ? [file, file] : file,
  );
const zipOf = (...files: Files): Buffer => buildZip(contents(files).map(([name, data]) => ({ name, data })));

async function make(...files: Files): Promise<void> {
  for (const [path, data] of contents(files)) {
    await mkdir(join(dir, path.endsWith('/') ? path : dirname(path)), { recursive: true });
    if (!path.endsWith('/')) await writeFile(join(dir, path), data);
  }
}

const WANTED: Wanted = {
  isWanted: (name) => name.endsWith('.jpg'),
  isPassedOver: (name) => name.startsWith('masks'),
};

/** Paths from `dir` on of what was found in `path`, and what was passed over. */
async function find(path = ''): Promise<{ found: string[]; passedOver: string[] }> {
  const { files, passedOver } = await findFiles(await openTree(join(dir, path)), WANTED);
  return {
    found: files.map((file) => file.path.slice(dir.length + 1)).sort(),
    passedOver: passedOver.toSorted(),
  };
}

const SYSTEM = [
  '.DS_Store',
  'Thumbs.db',
  'desktop.ini',
  '__MACOSX/a.jpg',
  '.ipynb_checkpoints/a.jpg',
  '._a.jpg',
  '~$a.jpg',
];
const SYSTEM_PASSED = [
  '.DS_Store',
  '._a.jpg',
  '.ipynb_checkpoints',
  'Thumbs.db',
  '__MACOSX',
  'desktop.ini',
  '~$a.jpg',
];

describe('files are found', () => {
  const FILES = [
    'a/a/b.jpg',
    'a/c.jpg',
    'a/notes.txt',
    'masks/d.jpg',
    'other/e.bmp',
    'other/f.bmp',
    ...SYSTEM,
  ];
  const RESULT = ['a/notes.txt', 'masks', 'other', ...SYSTEM_PASSED].toSorted();

  it('in a folder and those in it, without what systems leave behind', async () => {
    await make(...FILES, 'empty/');
    expect(await find()).toEqual({
      found: ['a/a/b.jpg', 'a/c.jpg'],
      passedOver: [...RESULT, 'empty'].toSorted(),
    });
  });

  it('in an archive as in a folder', async () => {
    await make(['x.zip', zipOf(...FILES)]);
    expect(await find('x.zip')).toEqual({ found: ['x.zip/a/a/b.jpg', 'x.zip/a/c.jpg'], passedOver: RESULT });
  });

  it('in archives within, where there are none beside', async () => {
    const inner = zipOf('inner/a.jpg', 'inner/notes.txt');
    const archives: Files = [
      ['data/b.zip', inner],
      ['data/masks.zip', inner],
      ['data/none.zip', zipOf('x.txt')],
    ];
    const found = ['data/b.zip/inner/a.jpg'];
    const passedOver = ['data/b.zip/inner/notes.txt', 'data/masks.zip', 'data/none.zip'];
    await make(...archives, ['outer.zip', zipOf(...archives)]);
    expect(await find('outer.zip')).toEqual({ found: found.map((path) => `outer.zip/${path}`), passedOver });
    expect(await find('data')).toEqual({ found, passedOver: passedOver.map((path) => path.slice(5)) });
    await make('data/b/a.jpg');
    expect(await find('data')).toEqual({
      found: ['data/b/a.jpg'],
      passedOver: ['b.zip', 'masks.zip', 'none.zip'],
    });
  });

  it('once, though links lead round in circles', async () => {
    await make('a/b.jpg');
    await symlink(dir, join(dir, 'a', 'round'));
    expect(await find()).toEqual({ found: ['a/b.jpg'], passedOver: ['a/round'] });
  });

  it('as bytes and as sources', async () => {
    await make('a.jpg', ['x.zip', zipOf('b.jpg')]);
    for (const [path, name] of [
      ['', 'a.jpg'],
      ['x.zip', 'b.jpg'],
    ] as const) {
      const [file] = (await findFiles(await openTree(join(dir, path)), WANTED)).files;
      const source = await file!.open();
      expect(new TextDecoder().decode(await source.read(0, source.size))).toBe(name);
      expect(file!.source?.bytes).toBe(path ? 5 : undefined);
      if (path) expect(new TextDecoder().decode(await file!.source?.read())).toBe(name);
    }
  });
});

describe('a search is refused', () => {
  const nested = (depth: number): Buffer =>
    depth === 1 ? zipOf('a.jpg') : zipOf(['x.zip', nested(depth - 1)]);

  it('in archives more than four deep', async () => {
    await make(['four.zip', nested(4)], ['five.zip', nested(5)]);
    expect((await find('four.zip')).found).toEqual(['four.zip/x.zip/x.zip/x.zip/a.jpg']);
    await expect(find('five.zip')).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(/x\.zip\/x\.zip\/x\.zip\/x\.zip is not looked into: .*at most 4 deep/),
    });
  });

  it('in more than 32 archives', async () => {
    await make([
      'x.zip',
      zipOf(...Array.from({ length: 33 }, (_, i): [string, Buffer] => [`${i}.zip`, zipOf('none')])),
    ]);
    await expect(find('x.zip')).rejects.toThrow(
      /x\.zip\/32\.zip is not looked into: at most 32 archives are/,
    );
  });

  it('in folders more than 64 deep', async () => {
    await make(['x.zip', zipOf(`${'a/'.repeat(63)}b.jpg`)], ['y.zip', zipOf(`${'a/'.repeat(20_000)}b.jpg`)]);
    expect((await find('x.zip')).found).toHaveLength(1);
    await expect(find('y.zip')).rejects.toThrow(/more than 64 deep/);
  });

  it('in an archive that is damaged, and in what is neither folder nor archive', async () => {
    await make(['x.zip', zipOf(['y.zip', nested(1).subarray(0, 50)])], 'file');
    await expect(find('x.zip')).rejects.toThrow(
      /Cannot read .*x\.zip\/y\.zip: it has no directory at its end/,
    );
    await expect(find('file')).rejects.toThrow(/Cannot read .*file: it/);
    await expect(find('gone')).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(/gone/),
    });
    await expect(openTree('/dev/null')).rejects.toThrow(
      '/dev/null is a device: give a folder or a zip archive',
    );
  });
});
