/**
 * @file The programs of README and docs/networks.md, run on drawn photographs, the first one with smaller numbers.
 */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  drawData,
  makeWorkshop,
  programsIn,
  removeWorkshop,
  runProgram,
  writeProgram,
} from './support/user-programs.ts';

const programs = [...programsIn('README.md'), ...programsIn('docs/networks.md')];

/** What is written smaller so that a ResNet-50 trains in seconds. */
const SMALLER = [
  ['size: 224', 'size: 32'],
  ['batchSize: 10', 'batchSize: 4'],
  ['epochs: 10', 'epochs: 1'],
] as const;

let folder: string;

beforeAll(async () => {
  folder = makeWorkshop();
  await drawData(folder);
});

afterAll(() => removeWorkshop(folder));

test('a network with its training loop takes 20 lines, and README is short', () => {
  expect(programs.length).toBe(3);
  expect(readFileSync('README.md', 'utf8').split('\n').length).toBeLessThan(140);
  expect(programs[1]!.split('\n').filter((line) => line !== '').length).toBeLessThanOrEqual(20);
});

test('the U-Net that it shows is the one in examples/', () => {
  const shown = readFileSync('README.md', 'utf8').match(/^```ts\n(override forward.*?)\n```$/ms)![1]!;
  const indented = shown.replaceAll(/^(?=.)/gm, '  ');
  expect(readFileSync('examples/unet.ts', 'utf8')).toContain(indented);
});

test('all that it lists is there, and all ops and optimizers are listed', async () => {
  const [, section] = readFileSync('docs/networks.md', 'utf8').match(/^## What there is\n(.*?)^## /ms)!;
  const listed = new Set([...section!.matchAll(/`([a-zA-Z0-9]+)`/g)].map(([, name]) => name!));
  const exported = Object.keys(await import('../src/index.ts'));
  expect([...listed].filter((name) => !exported.includes(name))).toEqual([]);
  const ops = Object.keys(await import('../src/autograd/ops.ts'));
  const comparisons = ['notEqual', 'greater', 'greaterEqual', 'lessEqual'];
  const helpers = ['accuracy', 'convBatchNorm'];
  expect(ops.filter((name) => ![...listed, ...comparisons, ...helpers].includes(name))).toEqual([]);
});

test('the first program trains and evaluates', async () => {
  const small = SMALLER.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  }, programs[0]!);
  const path = writeProgram(folder, 'train.mts', small);
  const [loss, ...evaluation] = (await runProgram(folder, path)).split('\n');
  expect(Number(loss)).toBeGreaterThan(0);
  for (const figure of ['loss', 'accuracy', 'auc', 'confusion'])
    expect(evaluation.join('\n')).toMatch(new RegExp(`\\b${figure}: `));
});

test('the second program learns', async () => {
  const printed = await runProgram(folder, writeProgram(folder, 'loop.mts', programs[1]!));
  const losses = printed
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ')[1]));
  expect(losses.length).toBe(50);
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 4);
});

test('the third program checks its gradients', async () => {
  const printed = await runProgram(folder, writeProgram(folder, 'own.mts', programs[2]!));
  expect(printed).toMatch(/Float32Array\(216\)/);
  expect(printed).toMatch(/ok: true/);
});
