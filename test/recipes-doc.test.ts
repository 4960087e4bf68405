/**
 * @file The program of docs/recipes.md: compiled under `strict` as it stands there, and run on drawn photographs for one epoch.
 */

import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSyntheticDataset } from '../src/data/synth.ts';
import {
  compile,
  makeWorkshop,
  programsIn,
  removeWorkshop,
  runProgram,
  writeProgram,
} from './support/user-programs.ts';

let folder: string;

beforeAll(async () => {
  folder = makeWorkshop();
  await writeSyntheticDataset(join(folder, 'drawn'), { training: 4, validation: 4, size: 48 });
  renameSync(join(folder, 'drawn', 'PALM-Training400'), join(folder, 'train'));
  renameSync(join(folder, 'drawn', 'PALM-Validation400'), join(folder, 'val'));
  renameSync(join(folder, 'drawn', 'labels.csv'), join(folder, 'labels.csv'));
});

afterAll(() => removeWorkshop(folder));

test('it compiles, and trains and evaluates', async () => {
  const [program, ...others] = programsIn('docs/recipes.md');
  expect(others).toEqual([]);
  expect(compile([writeProgram(folder, 'recipe.ts', program!)])).toEqual({ 'recipe.ts': [] });
  expect(program).toContain('= recipes.fundus;');
  const short = program!.replace('= recipes.fundus;', '= { ...recipes.fundus, epochs: 1 };');
  const printed = await runProgram(folder, writeProgram(folder, 'recipe.mts', short));
  for (const figure of ['loss', 'accuracy', 'auc']) expect(printed).toMatch(new RegExp(`\\b${figure}: `));
}, 120_000);
