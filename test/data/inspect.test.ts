import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inspectSets, type NamedSet, sameLine } from '../../src/data/inspect/inspect.ts';
import { samplesPage } from '../../src/data/inspect/page.ts';
import { temporaryFolder, writePhotographs } from './fixtures.ts';
import { jpegOf } from './jpeg/build-jpeg.ts';

const REVERSE = '\u202e';

test('the page shows what would reverse a name, and takes none for markup', async () => {
  const [sample] = await writePhotographs(await temporaryFolder(), 1);
  const name = `${REVERSE}gpj.<b>'`;
  const set: NamedSet = { name: 'training', samples: [{ ...sample!, name }], passedOver: [] };
  const report = await inspectSets([set], ['a', 'b'], { workers: 1 });
  const page = samplesPage(report, [{ set: 'training', label: 0, name, jpeg: Uint8Array.of(1) }], [name]);
  const shown = '\\u{202e}gpj.&lt;b&gt;&#39;';
  expect(page).toContain(`<figcaption>${shown}</figcaption>`);
  expect(page).toContain(`<p class="warning">${shown}</p>`);
  expect(page).not.toContain(REVERSE);
});

test('sizes, unreadable files and copies are told, and sizes of what only decoding refuses too', async () => {
  const dir = await temporaryFolder();
  const [first, second] = await writePhotographs(dir, 2);
  const large = jpegOf(16, 8, (x, y) => [x * 9, y * 9, 0]);
  const files = { 'copy.jpg': large, 'large.jpg': large, 'cut.jpg': large.subarray(0, large.length - 60) };
  const written = await Promise.all(
    Object.entries({ ...files, 'none.jpg': Buffer.from('no image') }).map(async ([name, bytes]) => {
      await writeFile(join(dir, name), bytes);
      return { name, path: join(dir, name), label: 1 };
    }),
  );
  const gone = { name: 'gone.jpg', path: join(dir, 'gone.jpg'), label: 0 };
  const sets: NamedSet[] = [
    { name: 'training', samples: [first!, second!, ...written, gone], passedOver: ['x.txt'] },
  ];
  const { identical, similar, sets: reports } = await inspectSets(sets, ['a', 'b'], { workers: 1 });
  const [report] = reports;
  expect(report).toMatchObject({ photographs: 7, counts: [2, 5], passedOver: ['x.txt'], unlabelled: [] });
  expect(report!.sizes).toEqual([
    { width: 16, height: 8, counts: [0, 3] },
    { width: 8, height: 8, counts: [1, 1] },
  ]);
  expect(report!.unreadable.map(({ name }) => name)).toEqual(['cut.jpg', 'none.jpg', 'gone.jpg']);
  expect(identical.map(sameLine)).toEqual(['copy.jpg (training, b) = large.jpg (training, b)']);
  expect(similar.map(sameLine)).toEqual(['N0000.jpg (training, a) = P0001.jpg (training, b)']);
});
