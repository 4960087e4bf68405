/**
 * @file Which trainings `fovea train` begins and resumes, by what settings. What a training does is tested elsewhere: here it only makes its folder.
 */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { reportCommand } from '../../src/cli/report/command.ts';
import type { TrainOptions } from '../../src/cli/train/given-settings.ts';
import type { RunConfig } from '../../src/cli/train/run-config.ts';
import { startTraining } from '../../src/cli/train/start-training.ts';
import type { FitResult } from '../../src/train/fit.ts';
import { BEGINNING } from '../../src/train/progress.ts';
import { RunFolder } from '../../src/train/run-folder.ts';
import { captureStdout } from '../support/stdout.ts';

/** A call of a training: its settings and its folder. */
interface Call {
  readonly kind: 'new' | 'resumed';
  readonly config: RunConfig;
  readonly path: string;
}

const calls: Call[] = [];
let endsIn: FitResult['reason'];

vi.mock('../../src/cli/train/run-training.ts', () => ({
  runTraining: async ({ config, out }: { config: RunConfig; out: string }) => {
    calls.push({ kind: 'new', config, path: out });
    await (await RunFolder.create(out, config)).close();
    return result();
  },
  resumeTraining: async ({ path }: RunFolder, { config }: { config: RunConfig }) => {
    calls.push({ kind: 'resumed', config, path });
    return result();
  },
}));

function result(): FitResult {
  const training = { loss: 1, accuracy: 0.5, weightedAccuracy: 0.5 };
  const validation = { ...training, auc: calls.length / 10 };
  return {
    progress: { ...BEGINNING, history: [{ epoch: 0, step: 1, training, validation }] },
    reason: endsIn,
  };
}

let out: string;
let printed: () => string;
beforeEach(async () => {
  out = join(await mkdtemp(join(tmpdir(), 'fovea-start-')), 'run');
  calls.length = 0;
  endsIn = 'finished';
  printed = captureStdout();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(join(out, '..'), { recursive: true });
});

const options = (given: Partial<TrainOptions>): TrainOptions => ({
  ...{ out, adapter: 'software', photographs: true },
  ...given,
});
const DATA = { train: '/train', folds: 3 };

test('a fold after the other, each with a folder of its own; their figures and means are kept', async () => {
  await startTraining(options(DATA));
  expect(calls.map(({ kind, config, path }) => [kind, config.fold, path])).toEqual(
    [1, 2, 3].map((fold) => ['new', fold, join(out, `fold-${fold}`)]),
  );
  const { folds, means } = JSON.parse(await readFile(join(out, 'folds.json'), 'utf8'));
  expect(folds).toHaveLength(3);
  expect(means.auc.mean).toBeCloseTo(0.2, 10);
});

test('a fold that is stopped stops them all; resumed, the others have the settings that are given anew', async () => {
  endsIn = 'max-steps';
  await startTraining(options({ ...DATA, photographs: false }));
  expect(calls.map(({ config }) => config.fold)).toEqual([1]);
  expect(printed()).toContain(`Stopped in fold 1. Resume with: fovea train --out ${out} --resume`);
  endsIn = 'finished';
  await startTraining(options({ resume: true, epochs: 7 }));
  expect(calls.slice(1).map(({ kind, config }) => [kind, config.fold])).toEqual([
    ['resumed', 1],
    ['new', 2],
    ['new', 3],
  ]);
  for (const { config } of calls.slice(1)) expect(config).toMatchObject({ epochs: 7, photographs: false });
});

test('folds go on with the settings that the first one keeps', async () => {
  await startTraining(options(DATA));
  const first = await RunFolder.open(join(out, 'fold-1'));
  await first.keepSettings({ ...((await RunFolder.config(first.path)) as RunConfig), epochs: 7 });
  await first.close();
  await startTraining(options({ resume: true }));
  expect(calls.slice(3).map(({ config }) => [config.fold, config.epochs])).toEqual([
    [1, 7],
    [2, 7],
    [3, 7],
  ]);
});

test('folds resume from their own checkpoints, and in as many folds as they were begun', async () => {
  await startTraining(options(DATA));
  await expect(startTraining(options({ resume: 'last.safetensors' }))).rejects.toThrow(
    /--resume last\.safetensors: .* holds folds/,
  );
  await expect(startTraining(options({ resume: true, folds: 4 }))).rejects.toThrow(
    /--folds is 4, but .* has 3/,
  );
  await expect(reportCommand.parseAsync([out], { from: 'user' })).rejects.toThrow(
    /holds folds: name one of them, such as .*fold-1/,
  );
});

test.each([
  [{ train: '/train' }, /^Nothing says what to validate on/],
  [{ train: '/train', split: 0.2, folds: 2 }, /^--split and --folds exclude each other/],
  [{ train: '/train', val: '/val' }, /^--labels is missing/],
  [{ train: '/train', split: 0.2, layout: 'table' as const }, /^--table is missing/],
  [{ split: 0.2 }, /^--train is missing/],
  [{ train: '/train', val: '/val', keepTogether: 'similar' as const }, /^--keep-together goes with --split/],
])('%o is refused before anything is done', async (given, message) => {
  await expect(startTraining(options(given))).rejects.toThrow(message);
  expect(calls).toEqual([]);
});
