import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ClassSet } from '../../src/data/class-folders.ts';
import { examineClassTable, readClassFolders, readClassTable } from '../../src/data/node/read-folders.ts';
import { temporaryFolder } from './fixtures.ts';

/** A folder with empty files at `paths`: the readers look at names alone. */
async function folderOf(...paths: readonly string[]): Promise<string> {
  const dir = await temporaryFolder();
  for (const path of paths) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    if (!path.endsWith('/')) await writeFile(join(dir, path), '');
    else await mkdir(join(dir, path), { recursive: true });
  }
  return dir;
}

/** A table in a file. */
async function tableOf(...lines: readonly string[]): Promise<string> {
  const path = join(await temporaryFolder(), 'table.csv');
  await writeFile(path, lines.join('\n'));
  return path;
}

const seen = ({ samples }: ClassSet) => samples.map(({ name, label }) => `${name} ${label}`);
const badData = (message: RegExp) =>
  expect.objectContaining({ code: 'bad-data', message: expect.stringMatching(message) });

describe('readClassFolders', () => {
  test('a class per folder, sorted; samples are named by their path', async () => {
    const dir = await folderOf(
      'b/2.jpg',
      'b/deep/1.PNG',
      'a/1.jpeg',
      'a/notes.txt',
      '.DS_Store',
      'a/Thumbs.db',
    );
    const set = await readClassFolders(dir);
    expect(set.classes).toEqual(['a', 'b']);
    expect(seen(set)).toEqual(['a/1.jpeg 0', 'b/2.jpg 1', 'b/deep/1.PNG 1']);
    expect(set.samples[2]!.path).toBe(join(dir, 'b', 'deep', '1.PNG'));
    expect(set.passedOver).toEqual(['.DS_Store', 'a/Thumbs.db', 'a/notes.txt']);
    expect(set.unlabelled).toEqual([]);
  });

  test('folders around the classes are passed through, and numbers sorted as numbers', async () => {
    const dir = await folderOf(
      'set/set/10/a.jpg',
      'set/set/9/a.jpg',
      '__MACOSX/set/x.jpg',
      'set/set/.git/a.jpg',
    );
    expect(seen(await readClassFolders(dir))).toEqual(['10/a.jpg 1', '9/a.jpg 0']);
  });

  test('a validation set takes the classes of the training set, and may lack one', async () => {
    const dir = await folderOf('dog/1.jpg', 'cat/');
    const set = await readClassFolders(dir, { classes: ['cat', 'cow', 'dog'] });
    expect(seen(set)).toEqual(['dog/1.jpg 2']);
    expect(set.classes).toEqual(['cat', 'cow', 'dog']);
    await expect(readClassFolders(dir, { classes: ['cat', 'cow'] })).rejects.toEqual(
      badData(/folder .*dog is of class "dog", which is none of cat, cow/),
    );
  });

  test('images beside the folders have no class, and are told', async () => {
    expect((await readClassFolders(await folderOf('a/1.jpg', 'b/1.jpg', '3.jpg'))).unlabelled).toEqual([
      '3.jpg',
    ]);
  });

  test.each([
    ['one class only', ['a/1.jpg', 'x.txt'], /has one class, a: there is nothing to tell apart/],
    ['an empty folder of a class', ['a/1.jpg', 'b/', 'c/1.jpg'], /of class b holds no image/],
    ['a folder without images', ['a/1.jpg', 'b/1.txt'], /of class b holds no image/],
    ['images alone', ['1.jpg', '2.jpg'], /holds 2 images and no folder/],
    ['one image alone', ['1.jpg'], /holds 1 image and no folder/],
    ['nothing', [], /holds no image \(\.jpg, \.png\), but nothing at all/],
    [
      'photographs of a phone',
      ['1.heic', '2.heic'],
      /no image .* but only 1\.heic, 2\.heic: give JPEGs or PNGs/,
    ],
    ['names that differ by case', ['Cat/1.jpg', 'cat/1.jpg'], /"Cat" and "cat"|"cat" and "Cat"/],
    ['names that differ by spaces', ['a b/1.jpg', 'a  b/1.jpg'], /which differ by case or spaces alone/],
  ])('refuses %s', async (_, paths, message) => {
    await expect(readClassFolders(await folderOf(...paths))).rejects.toEqual(badData(message));
  });

  test('what is no folder is a bad file', async () => {
    await expect(readClassFolders('none')).rejects.toMatchObject({ code: 'bad-file' });
  });
});

describe('readClassTable', () => {
  const images = ['train/1.jpg', 'train/2.jpg', 'more/2.jpg', 'more/3.png'];

  test('files are named by path, by name, or without their ending, whatever other columns there are', async () => {
    const dir = await folderOf(...images, 'notes.txt');
    const table = await tableOf(
      'n,class,file',
      '0,dog,1.jpg',
      '1, cat ,train/2.jpg',
      '2,dog,./more/2.jpg',
      '3,dog,3',
    );
    const set = await readClassTable(dir, table);
    expect(set.classes).toEqual(['cat', 'dog']);
    expect(seen(set)).toEqual(['more/2.jpg 1', 'more/3.png 1', 'train/1.jpg 1', 'train/2.jpg 0']);
    expect(set.passedOver).toEqual(['notes.txt']);
  });

  test.each([
    [
      'semicolons, and decimal commas beside them',
      ['file;class;x', 'train/1.jpg;cat;1,5', 'more/3.png;"dog; old";2,5'],
    ],
    ['tabs', ['file\tclass', 'train/1.jpg\tcat', 'more/3.png\tdog; old']],
  ])('cells may be separated by %s', async (_, lines) => {
    const { samples, classes } = await readClassTable(await folderOf(...images), await tableOf(...lines));
    expect(samples.map(({ name }) => name)).toEqual(['more/3.png', 'train/1.jpg']);
    expect(classes).toEqual(['cat', 'dog; old']);
  });

  test('the folder may be named by any path that leads to it', async () => {
    const dir = await folderOf(...images);
    const table = await tableOf('file,class', 'train/1.jpg,a', 'more/3.png,b');
    for (const path of [`${dir}/`, `${dir}//`, `${dir}/.`, `${dir}/more/..`])
      expect(seen(await readClassTable(path, table))).toEqual(['more/3.png 1', 'train/1.jpg 0']);
  });

  test('columns may be called otherwise; images without a row are told', async () => {
    const dir = await folderOf(...images);
    const table = await tableOf('image;x,label', '1.jpg,b', '3.png,a');
    const set = await readClassTable(dir, table, { nameColumn: 'image;x', classColumn: 'label' });
    expect(set.unlabelled).toEqual(['more/2.jpg', 'train/2.jpg']);
    await expect(readClassTable(dir, table)).rejects.toEqual(badData(/no column "file", but image;x, label/));
  });

  test.each([
    ['rows without images', ['4.jpg,a'], /row 3: there is no image 4\.jpg/],
    [
      'rows that may mean several',
      ['2.jpg,a'],
      /row 3: 2\.jpg may be any of train\/2\.jpg, more\/2\.jpg|row 3: 2\.jpg may be any of more\/2\.jpg, train\/2\.jpg/,
    ],
    ['rows without a class', ['3.png,'], /row 3: 3\.png has no class/],
    ['rows without a file', [',a'], /row 3: it names no file/],
    ['an image twice', ['train/1.jpg,b'], /row 3: train\/1\.jpg stands in row 2 already/],
    ['an image of two classes', ['./train/1.jpg,b'], /stands in row 2 already/],
    ['one class only', ['3.png,a'], /one class, a: there is nothing to tell apart/],
    ['classes that differ by case', ['3.png,A'], /"A" and "a", which differ by case/],
  ])('refuses %s', async (_, rows, message) => {
    const table = await tableOf('file,class', '1.jpg,a', ...rows);
    await expect(readClassTable(await folderOf(...images), table)).rejects.toEqual(badData(message));
  });

  test('all that is wrong is told by row', async () => {
    const table = await tableOf('file,class', '9.jpg,a', '1.jpg,', '3,b', '3.png,a', '8.jpg,a');
    const { problems, rows } = await examineClassTable(await folderOf(...images), table, {});
    expect(problems.map(({ row }) => row)).toEqual([2, 3, 5, 6]);
    expect(rows.map(({ path }) => path)).toEqual(['more/3.png']);
    await expect(readClassTable(await folderOf(...images), table)).rejects.toEqual(
      badData(/row 2: .*; 1 more/),
    );
  });

  test('a class that is none of those given is refused', async () => {
    const table = await tableOf('file,class', '1.jpg,a', '3,c');
    await expect(readClassTable(await folderOf(...images), table, { classes: ['a', 'b'] })).rejects.toEqual(
      badData(/more\/3\.png is of class "c", which is none of a, b/),
    );
  });
});
