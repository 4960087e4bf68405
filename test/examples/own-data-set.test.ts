/**
 * @file The example of a data set of one's own: three classes in folders, learnt.
 */

import { expect, test } from 'vitest';
import { makeWorkshop, removeWorkshop, runExample } from '../support/user-programs.ts';

test('three shapes in folders are told apart', async () => {
  const folder = makeWorkshop();
  try {
    const printed = await runExample(folder, 'own-data-set');
    const lines = printed.trim().split('\n');
    expect(lines).toHaveLength(9);
    expect(Number(lines[7]!.split(' ')[1])).toBeGreaterThanOrEqual(0.85);
    const [, matrix] = /^cross disc square (\[.*\])$/.exec(lines[8]!)!;
    const counts = (JSON.parse(matrix!) as number[][]).map((row) => row.reduce((a, b) => a + b));
    expect(counts).toEqual([15, 15, 15]);
  } finally {
    removeWorkshop(folder);
  }
});
