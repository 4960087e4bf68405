/**
 * @file The example of Grad-CAM: it finds what the network was never told.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeImage } from '../../src/data/decode.ts';
import { makeWorkshop, removeWorkshop, runExample } from '../support/user-programs.ts';

test('the map is greatest where the spot is, and is drawn', async () => {
  const folder = makeWorkshop();
  try {
    const printed = await runExample(folder, 'explain');
    expect(Number(/^(\d+) of 10 spots found\n$/.exec(printed)?.[1])).toBeGreaterThanOrEqual(9);
    expect(decodeImage(readFileSync(join(folder, 'explained.png')))).toMatchObject({ width: 24, height: 24 });
  } finally {
    removeWorkshop(folder);
  }
});
