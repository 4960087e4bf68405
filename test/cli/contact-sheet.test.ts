import { afterAll, beforeAll, expect, test } from 'vitest';
import { contactSheet } from '../../src/cli/data/contact-sheet.ts';
import { ImageDataset } from '../../src/data/node/image-dataset.ts';
import type { Transform } from '../../src/data/transforms/transform.ts';
import { brightness, temporaryFolder, writePhotographs } from '../data/fixtures.ts';
import { testDevice } from '../support/device.ts';

let dataset: ImageDataset;
beforeAll(async () => {
  dataset = new ImageDataset(await writePhotographs(await temporaryFolder(), 2), { size: 4, workers: 1 });
});
afterAll(() => dataset.close());

/** Darker by a half, the right half black. */
const HALF: Transform = {
  name: 'half',
  draw: () => ({ color: [0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0], geometry: [1, 0, 0.5, 0, 1, 0] }),
};

test('a row per image: as it is, then as it is drawn', async () => {
  const sheet = await contactSheet(await testDevice(), dataset, { transforms: HALF, draws: 2, seed: 1 });
  expect(sheet).toMatchObject({ width: 12, height: 8, channels: 3, order: 'bgr' });
  const at = (x: number, y: number) => [...sheet.data.slice((y * 12 + x) * 3, (y * 12 + x) * 3 + 3)];
  for (const image of [0, 1]) {
    const grey = brightness(image);
    expect(at(3, 4 * image + 1)).toEqual([grey, grey, grey]);
    for (const column of [1, 2]) {
      expect(at(4 * column + 1, 4 * image + 3)).toEqual([grey / 2, grey / 2, grey / 2]);
      expect(at(4 * column + 2, 4 * image)).toEqual([0, 0, 0]);
    }
  }
});
