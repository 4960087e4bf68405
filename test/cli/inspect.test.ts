/**
 * @file What `fovea data inspect` says of data sets, as text, as JSON and as a page.
 */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { inspectCommand } from '../../src/cli/data/inspect.ts';
import { temporaryFolder } from '../data/fixtures.ts';
import { jpegOf } from '../data/jpeg/build-jpeg.ts';
import { printedBy } from './printed.ts';

const NUMBERS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** A photograph whose pattern is its own. */
const photograph = (seed: number, width = 24, height = 24): Uint8Array =>
  jpegOf(width, height, (x, y) => [
    (x * (7 + seed)) % 256,
    (y * (11 + 3 * seed)) % 256,
    (x * y * (seed + 1)) % 256,
  ]);

let dir: string;
let palm: string[];

/** Inspects, and gives what is printed. */
async function inspect(...args: string[]): Promise<string[]> {
  const { stdout, stderr } = await printedBy(() => inspectCommand.parseAsync(args, { from: 'user' }));
  expect(stderr).toEqual([]);
  return stdout;
}

beforeAll(async () => {
  dir = await temporaryFolder();
  const files: [string, Uint8Array | string][] = [
    // Healthy eyes by one camera, the others by another: size alone tells the class.
    ...NUMBERS.map((i): [string, Uint8Array] => [`train/N000${i}.jpg`, photograph(i)]),
    ...NUMBERS.map((i): [string, Uint8Array] => [`train/P000${i}.jpg`, photograph(20 + i, 40, 16)]),
    ['train/notes.txt', 'read me'],
    ['val/V0001.jpg', photograph(1)],
    ['val/V0002.jpg', photograph(31)],
    ['val/V0003.jpg', 'no image'],
    ['labels.csv', 'imgName,Label\nV0001.jpg,1\nV0002.jpg,0\nV0003.jpg,0\n'],
    ['wrong.csv', 'imgName,Label\nV0001.jpg,1\nV0002.jpg,7\nV0003.jpg,0\n'],
    ['classes.csv', 'file,class\nN0001.jpg,a\nN0002.jpg,b\n'],
  ];
  for (const folder of ['train', 'val']) await mkdir(join(dir, folder));
  for (const [name, content] of files) await writeFile(join(dir, name), content);
  palm = ['--train', join(dir, 'train'), '--val', join(dir, 'val')];
});

test('counts, sizes, what cannot be read, copies across sets, what follows from it, and a page of samples', async () => {
  const page = join(dir, 'page.html');
  const lines = await inspect(...palm, '--labels', join(dir, 'labels.csv'), '--page', page);
  expect(lines).toEqual([
    'training: 20 photographs: 10 not pathologic, 10 pathologic; 1 other file ignored',
    'training, sizes: 24×24 10 (10 not pathologic, 0 pathologic); 40×16 10 (0 not pathologic, 10 pathologic)',
    'validation: 3 photographs: 2 not pathologic, 1 pathologic; 0 other files ignored',
    'validation, sizes: 24×24 2 (1 not pathologic, 1 pathologic)',
    expect.stringMatching(/^validation, unreadable: V0003\.jpg: .*Neither a JPEG/),
    'Byte-identical: N0001.jpg (training, not pathologic) = V0001.jpg (validation, pathologic)',
    expect.stringMatching(
      /^Warning: in training, size gives the class away: .* 100\.0 % .* where the commonest class has 50\.0 %/,
    ),
    'Warning: 1 photograph of validation cannot be read.',
    'Warning: 1 picture lies in more than one set: validation measures some of what was trained on.',
    'Warning: 1 picture is said to be of different classes.',
    `${page}: 22 photographs`,
  ]);
  const html = await readFile(page, 'utf8');
  expect(html.match(/<img /g)).toHaveLength(22);
  expect(html.match(/<p class="warning">/g)).toHaveLength(4);
  for (const name of ['N0001.jpg', 'P0004.jpg', 'V0002.jpg']) expect(html).toContain(`>${name}<`);
  expect(html.match(/(src|href)="(?!data:image\/jpeg;base64,)/g)).toBeNull();
});

test('one object with the same; what is wrong with rows of a table is told in it, and the rest inspected', async () => {
  const [line, ...others] = await inspect(...palm, '--labels', join(dir, 'wrong.csv'), '--json');
  expect(others).toEqual([]);
  const report = JSON.parse(line!);
  expect(report).toMatchObject({
    classes: ['not pathologic', 'pathologic'],
    sets: [{ counts: [10, 10] }, { counts: [1, 1] }],
    identical: [{ acrossSets: true, differentClasses: true }],
    similar: [],
    tableProblems: [{ row: 3, problem: expect.stringContaining('"7"') }],
  });
  expect(report.warnings).toHaveLength(5);
  expect(report.warnings.at(-1)).toBe('1 problem in tables, which training refuses.');
});

test('a validation set whose table is missing is refused, in any layout that has tables', async () => {
  const table = ['--layout', 'table', '--table', join(dir, 'classes.csv')];
  for (const layout of [[], table])
    await expect(inspect(...palm, ...layout)).rejects.toThrow(/^--labels is missing/);
});
