/**
 * @file The program of docs/recipes.md, run on drawn photographs for one epoch.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  drawData,
  makeWorkshop,
  programsIn,
  removeWorkshop,
  runProgram,
  writeProgram,
} from './support/user-programs.ts';

let folder: string;

beforeAll(async () => {
  folder = makeWorkshop();
  await drawData(folder);
});

afterAll(() => removeWorkshop(folder));

test('it trains and evaluates', async () => {
  const [program, ...others] = programsIn('docs/recipes.md');
  expect(others).toEqual([]);
  expect(program).toContain('= recipes.fundus;');
  const short = program!.replace('= recipes.fundus;', '= { ...recipes.fundus, epochs: 1 };');
  const printed = await runProgram(folder, writeProgram(folder, 'recipe.mts', short));
  for (const figure of ['loss', 'accuracy', 'auc']) expect(printed).toMatch(new RegExp(`\\b${figure}: `));
}, 120_000);
