/**
 * @file Which epoch is the best, by what the settings say, and the predictions and sessions that are kept beside the checkpoints.
 */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Checkpoint } from '../../src/train/checkpoint.ts';
import { loadCheckpoint } from '../../src/train/checkpoint-file.ts';
import {
  type KeptPredictions,
  parsePredictions,
  readPredictions,
  writePredictions,
} from '../../src/train/prediction-log.ts';
import { bestEpoch, type EpochReport } from '../../src/train/progress.ts';
import { RunFolder } from '../../src/train/run-folder.ts';
import { readSessions } from '../../src/train/session-log.ts';
import fc from '../support/fast-check.ts';
import { checkpointAfter, epochReport } from './run-folders.ts';

let parent: string;
let path: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'fovea-best-'));
  path = join(parent, 'run');
});
afterEach(() => rm(parent, { recursive: true }));

/** Accuracy, AUC and loss of a validation. */
type Figures = readonly [accuracy: number, auc: number, loss: number];

const figures = ([accuracy, auc, loss]: Figures) => ({ accuracy, auc, loss });
const epoch = (number: number, found: Figures): EpochReport => epochReport(number, figures(found));
const checkpoint = (epochs: readonly Figures[]): Checkpoint => checkpointAfter(epochs.map(figures));

const predictions = (logit: number) => ({
  names: ['V0001.jpg', '"\n<b>'],
  labels: Float32Array.of(0, 1),
  classDim: 1,
  logits: Float32Array.of(-1, logit),
  probabilities: Float32Array.of(0.25, 0.5),
});

/** The best by accuracy, by AUC and by loss are the first, the second and the third. */
const EPOCHS: readonly Figures[] = [
  [0.9, 0.7, 0.5],
  [0.8, 0.9, 0.6],
  [0.7, 0.8, 0.4],
];

test('the best epoch is told by AUC, accuracy or loss, the first of equal ones', () => {
  const history = [...EPOCHS, [0.9, 0.9, 0.4] as const].map((each, i) => epoch(i, each));
  expect([bestEpoch(history), bestEpoch(history, 'accuracy')]).toEqual([0, 0]);
  expect([bestEpoch(history, 'auc'), bestEpoch(history, 'loss')]).toEqual([1, 2]);
  const oneClass = EPOCHS.map(([accuracy, , loss], i) => epoch(i, [accuracy, Number.NaN, loss]));
  expect(bestEpoch(oneClass, 'auc')).toBe(0);
  expect(bestEpoch([...oneClass, epoch(3, [0.1, 0.5, 1])], 'auc')).toBe(3);
  expect(bestEpoch([], 'auc')).toBe(-1);
});

test.each([
  ['auc', 2],
  ['accuracy', 1],
  ['loss', 3],
  [undefined, 1],
])(
  'with best: %s in the settings, best.safetensors is of epoch %d, with its predictions',
  async (best, wanted) => {
    const folder = await RunFolder.create(path, best ? { best } : {});
    for (let i = 1; i <= EPOCHS.length; i++)
      await folder.save(checkpoint(EPOCHS.slice(0, i)), predictions(i));
    expect((await loadCheckpoint(folder.best)).progress.epoch).toBe(wanted);
    const file = (name: string) => join(path, `${name}.predictions.jsonl`);
    expect(await readPredictions(file('best'))).toEqual({ ...predictions(wanted), epoch: wanted - 1 });
    expect(await readPredictions(file('last'))).toEqual({ ...predictions(3), epoch: 2 });
    await folder.close();
    // As it was said when the training began, it is when it is resumed.
    const again = await RunFolder.open(path);
    expect(await again.rewind(checkpoint(EPOCHS))).toEqual([]);
    expect((await loadCheckpoint(again.best)).progress.epoch).toBe(wanted);
    await again.close();
  },
);

test('predictions of epochs that will be done again are removed, as are those that cannot be read', async () => {
  const folder = await RunFolder.create(path, { best: 'loss' });
  for (let i = 1; i <= EPOCHS.length; i++) await folder.save(checkpoint(EPOCHS.slice(0, i)), predictions(i));
  await folder.rewind(checkpoint(EPOCHS.slice(0, 1)));
  expect(await RunFolder.results(path)).not.toContain('best.predictions.jsonl');
  expect(await RunFolder.results(path)).not.toContain('last.predictions.jsonl');
  await folder.save(checkpoint(EPOCHS.slice(0, 1)), predictions(1));
  await writeFile(join(path, 'last.predictions.jsonl'), 'half');
  await folder.rewind(checkpoint(EPOCHS.slice(0, 1)));
  expect(await RunFolder.results(path)).toContain('best.predictions.jsonl');
  expect(await RunFolder.results(path)).not.toContain('last.predictions.jsonl');
  await folder.close();
});

test('a session is noted once, and later ones after it', async () => {
  const about = { adapter: 'a GPU', version: '0.1.0', runtime: 'Node.js 20' };
  const session = (started: string, toStep: number) => ({
    ...{ started, seconds: toStep / 2, fromStep: 0, toStep },
    ...about,
  });
  const folder = await RunFolder.create(path, {});
  const file = join(path, 'sessions.json');
  expect(await readSessions(file)).toEqual([]);
  for (const step of [2, 4]) await folder.addSession(session('2026-01-01T00:00:00.000Z', step));
  await folder.addSession(session('2026-01-02T00:00:00.000Z', 6));
  expect((await readSessions(file)).map(({ toStep }) => toStep)).toEqual([4, 6]);
  await writeFile(file, '[{"started":1}]');
  await expect(readSessions(file)).rejects.toThrow(/sessions.json: "0.started" is 1, not a text/);
  await writeFile(file, '[');
  await expect(readSessions(file)).rejects.toThrow(/is not JSON/);
  await folder.close();
});

describe('predictions as a file', () => {
  test('come back as they were written, of several classes too', async () => {
    const file = join(parent, 'p.jsonl');
    const several: KeptPredictions = {
      ...{ epoch: 4, names: ['a'], labels: Float32Array.of(2), classDim: 3 },
      logits: Float32Array.of(0.1, -1e-7, 3),
      probabilities: Float32Array.of(0.1, 0.2, 0.7),
    };
    await writePredictions(file, several);
    expect(await readPredictions(file)).toEqual(several);
    expect(await readPredictions(join(parent, 'none'))).toBeUndefined();
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(3);
    await expect(writePredictions(file, { ...several, classDim: 2 })).rejects.toThrow(
      /1 name, but 1 label, 3/,
    );
  });

  const FIRST = '{"kind":"predictions","epoch":1,"classDim":1}';
  test.each([
    ['nothing', '', /p is empty/],
    ['no JSON', 'x\n', /p: line 1 is not JSON/],
    ['another file', '{"kind":"step"}\n', /line 1: "kind" is "step", not predictions/],
    [
      'a row too long',
      `${FIRST}\n{"name":"a","label":0,"logits":[1,2],"probabilities":[0]}\n`,
      /line 2: it has 2/,
    ],
    [
      'a label that is none',
      `${FIRST}\n{"name":"a","label":-1,"logits":[1],"probabilities":[0]}\n`,
      /"label"/,
    ],
    ['NaN', `${FIRST}\n{"name":"a","label":0,"logits":[null],"probabilities":[0]}\n`, /"logits.0" is null/],
  ])('%s is refused', (_, text, message) => {
    expect(() => parsePredictions(text, 'p')).toThrow(
      expect.objectContaining({ code: 'bad-file', message: expect.stringMatching(message) }),
    );
  });

  test('whatever is damaged is parsed or refused', () => {
    const text = `${FIRST}\n{"name":"a","label":0,"logits":[1],"probabilities":[0.7]}\n`;
    const cut = fc.tuple(fc.nat(text.length), fc.nat(4), fc.string());
    fc.assert(
      fc.property(cut, ([at, length, inserted]) => {
        const damaged = text.slice(0, at) + inserted + text.slice(at + length);
        try {
          expect(parsePredictions(damaged, 'p').classDim).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toMatchObject({ name: 'FoveaError', code: 'bad-file' });
        }
      }),
      { numRuns: 300 },
    );
  });
});
