/**
 * @file The programs of docs/judging.md, run as they stand there.
 */

import { afterAll, expect, test } from 'vitest';
import {
  makeWorkshop,
  programsIn,
  removeWorkshop,
  runProgram,
  writeProgram,
} from './support/user-programs.ts';

const folder = makeWorkshop();
afterAll(() => removeWorkshop(folder));

test('both programs run, and print what they say', async () => {
  const paths = programsIn('docs/judging.md').map((text, i) =>
    writeProgram(folder, `program-${i}.mts`, text),
  );
  const [figures, report] = await Promise.all(paths.map((path) => runProgram(folder, path)));
  // Eight of nine pairs of a positive and a negative are in the right order.
  expect(figures).toMatch(/^0\.888\d+ 0\.\d+ 1 /);
  expect(figures).toMatch(/mean: 0\.980\d*/);
  expect(report).toMatch(/^\d{5,}/);
  expect(report).toContain("name: 'c.jpg'");
}, 120_000);
