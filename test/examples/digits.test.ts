/**
 * @file The example of ten digits: one short file on the public API alone, that learns. Its types are checked with all others.
 */

import { expect, test } from 'vitest';
import { exampleText, makeWorkshop, removeWorkshop, runExample } from '../support/user-programs.ts';

const TEXT = exampleText('digits');

test('ten digits are told in 60 lines, 97 of 100 right', async () => {
  expect(TEXT.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  expect(TEXT.match(/from '.*'/g)).toEqual(["from 'fovea'"]);
  const folder = makeWorkshop();
  try {
    const printed = await runExample(folder, 'digits');
    const accuracies = printed
      .trim()
      .split('\n')
      .map((line) => Number(line.split(' ')[2]));
    expect(accuracies).toHaveLength(6);
    expect(accuracies[0]).toBeLessThan(0.95); // not trivial
    expect(accuracies.at(-1)).toBeGreaterThanOrEqual(0.97);
  } finally {
    removeWorkshop(folder);
  }
}, 120_000);
