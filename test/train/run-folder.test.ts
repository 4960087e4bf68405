import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Checkpoint } from '../../src/train/checkpoint.ts';
import { loadCheckpoint } from '../../src/train/checkpoint-file.ts';
import { readMetrics } from '../../src/train/metrics-log.ts';
import { BEGINNING } from '../../src/train/progress.ts';
import { RunFolder } from '../../src/train/run-folder.ts';
import { checkpointAfter, epochReport } from './run-folders.ts';

let parent: string;
let path: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'fovea-run-'));
  path = join(parent, 'run');
});

afterEach(() => rm(parent, { recursive: true }));

/** What is known of a validation of that accuracy; NaN goes through all files. */
const of = (accuracy: number) => ({ accuracy, auc: Number.NaN });

function stepReport(step: number) {
  const epoch = Math.floor((step - 1) / 2);
  return { step, epoch, batch: (step - 1) % 2, samples: 4, learningRate: 0.1, loss: 1 / step, accuracy: 0.5 };
}

/** A checkpoint at the end of an epoch, after validations of these accuracies. */
const checkpoint = (accuracies: readonly number[]): Checkpoint => checkpointAfter(accuracies.map(of));

test('keeps the newest checkpoint and the best one, NaN included', async () => {
  const folder = await RunFolder.create(path, { seed: 1 });
  for (const accuracies of [[0.5], [0.5, 0.8], [0.5, 0.8, 0.7]]) await folder.save(checkpoint(accuracies));
  expect(await loadCheckpoint(folder.last)).toEqual(checkpoint([0.5, 0.8, 0.7]));
  expect(await loadCheckpoint(folder.best)).toEqual(checkpoint([0.5, 0.8]));
});

test('resuming removes the metrics of what will be done again, and a line cut short', async () => {
  const folder = await RunFolder.create(path, {});
  const metrics = join(path, 'metrics.jsonl');
  for (let step = 1; step <= 5; step++) {
    folder.addStep(stepReport(step));
    if (step % 2 === 0) folder.addEpoch(epochReport(step / 2 - 1, of(0.5)));
  }
  await appendFile(metrics, '{"kind":"st');
  await folder.close();
  const again = await RunFolder.open(path);
  await again.rewind({ ...checkpoint([]), progress: { ...BEGINNING, step: 3, epoch: 1, batch: 1 } });
  expect(await readMetrics(metrics)).toEqual([
    { kind: 'step', ...stepReport(1) },
    { kind: 'step', ...stepReport(2) },
    { kind: 'epoch', ...epochReport(0, of(0.5)) },
    { kind: 'step', ...stepReport(3) },
  ]);
});

/** Saves after validations of these accuracies, one epoch after the other. */
async function saveAll(folder: RunFolder, accuracies: readonly number[]): Promise<void> {
  for (let epochs = 1; epochs <= accuracies.length; epochs++) {
    await folder.save(checkpoint(accuracies.slice(0, epochs)));
  }
}

describe('going on makes best agree with the history of last', () => {
  const [earlier, later] = [
    [0.5, 0.4],
    [0.5, 0.4, 0.8],
  ];

  test('where it was not written, or is that of an earlier epoch', async () => {
    const folder = await RunFolder.create(path, {});
    await saveAll(folder, earlier);
    const stale = await readFile(folder.best);
    await saveAll(folder, later);
    const right = await readFile(folder.best);
    await writeFile(folder.best, stale);
    expect(await folder.rewind(checkpoint(later))).toEqual([
      expect.stringMatching(/not written when epoch 3/),
    ]);
    expect(await readFile(folder.best)).toEqual(right);
    await rm(folder.best);
    await folder.rewind(checkpoint(later));
    expect(await readFile(folder.best)).toEqual(right);
    expect(await folder.rewind(checkpoint(later))).toEqual([]);
    expect(await RunFolder.results(path)).toEqual(['last.safetensors', 'best.safetensors', 'metrics.jsonl']);
  });

  test('where it is of another training, or of epochs that are done again: set aside, and said', async () => {
    const folder = await RunFolder.create(path, {});
    for (const [other, ours] of [
      [[0.5, 0.6], later],
      [later, earlier],
      [later, []],
    ] as const) {
      await saveAll(folder, other);
      const bytes = await readFile(folder.best);
      const notes = await folder.rewind(checkpoint(ours));
      expect(notes[0]).toMatch(/is not of the best epoch of this training: moved to set-aside/);
      expect(await readFile(join(path, 'set-aside.safetensors'))).toEqual(bytes);
      expect(existsSync(folder.best)).toBe(ours === later);
    }
  });

  test('where it is gone and another epoch was the last: that is said', async () => {
    const folder = await RunFolder.create(path, {});
    await saveAll(folder, earlier);
    await rm(folder.best);
    expect(await folder.rewind(checkpoint(earlier))).toEqual([
      'The checkpoint of the best epoch, 1, is gone: best.safetensors will be of a better one.',
    ]);
    await saveAll(folder, later);
    expect(await loadCheckpoint(folder.best)).toEqual(checkpoint(later));
  });
});

test('a training that ended before its first checkpoint is gone on with, or started anew', async () => {
  const killed = await RunFolder.create(path, { seed: 1 });
  killed.addStep(stepReport(1));
  await killed.close();
  await writeFile(join(path, `.last.safetensors.${randomUUID()}.tmp`), 'half');

  const resumed = await RunFolder.open(path);
  expect(await resumed.rewind(undefined)).toEqual([]);
  expect(await readFile(join(path, 'metrics.jsonl'), 'utf8')).toBe('');
  resumed.addStep(stepReport(1));
  await resumed.close();

  await (await RunFolder.create(path, { seed: 2 })).close();
  expect(await readdir(path)).toEqual(['config.json']);
});

test('other settings are kept in place of the first ones, whole or not at all; the figure that chooses the best epoch stays', async () => {
  const folder = await RunFolder.create(path, { epochs: 5, best: 'auc' });
  await folder.keepSettings({ epochs: 7, best: 'auc' });
  await expect(folder.keepSettings({ epochs: 7, best: 'loss' })).rejects.toThrow(
    /best is loss, but .* by auc/,
  );
  await folder.close();
  // A process that is killed as it writes leaves the old ones, and a beginning beside.
  await writeFile(join(path, `.config.json.${randomUUID()}.tmp`), '{"epochs": 9');
  await (await RunFolder.open(path)).close();
  expect(await RunFolder.config(path)).toEqual({ epochs: 7, best: 'auc' });
  expect(await readdir(path)).toEqual(['config.json']);
});

test('two trainings do not work in one folder', async () => {
  const folder = await RunFolder.create(path, {});
  await expect(RunFolder.create(path, {})).rejects.toMatchObject({ code: 'in-use' });
  await expect(RunFolder.open(path)).rejects.toMatchObject({ code: 'in-use' });
  await folder.close();
  await (await RunFolder.open(path)).close();
});

describe('metrics', () => {
  test('a line that is none of ours is told by its number', async () => {
    const metrics = join(path, 'metrics.jsonl');
    await RunFolder.create(path, {});
    const good = JSON.stringify({ kind: 'step', ...stepReport(1) });
    for (const [line, message] of [
      ['{"kind":"step","step', /line 2 is not JSON: remove it/],
      ['null', /line 2: it is null/],
      ['{"kind":"step","step":"2"}', /line 2: "step" is "2", not a whole number/],
      ['{"kind":"epoch","epoch":0,"step":2}', /line 2: "training" is missing/],
      ['{"kind":"other"}', /line 2: "kind" is "other", not step or epoch/],
    ] as const) {
      await writeFile(metrics, `${good}\n${line}\n${good}\n`);
      await expect(readMetrics(metrics)).rejects.toThrow(message);
    }
  });

  test('keep what they hold, keys that are not known included', async () => {
    const metrics = join(path, 'metrics.jsonl');
    const folder = await RunFolder.create(path, {});
    folder.addStep({ ...stepReport(1), note: 'more' } as ReturnType<typeof stepReport>);
    folder.addEpoch({ ...epochReport(0, of(0.5)), step: 1 });
    const before = await readFile(metrics, 'utf8');
    await folder.rewind(checkpoint([0.5]));
    expect(await readFile(metrics, 'utf8')).toBe(before);
  });
});

test('draws the course as SVG and PNG', async () => {
  const folder = await RunFolder.create(path, {});
  for (const step of [1, 2, 3]) folder.addStep(stepReport(step));
  folder.addEpoch(epochReport(0, of(0.5)));
  await folder.draw('a subtitle');
  await folder.close();
  expect(await readFile(join(path, 'loss.svg'), 'utf8')).toContain('a subtitle');
  const png = await readFile(join(path, 'loss.png'));
  expect([...png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
  expect((await readdir(path)).sort()).toEqual(['config.json', 'loss.png', 'loss.svg', 'metrics.jsonl']);
});

test('is made new only where nothing would be overwritten', async () => {
  await (await RunFolder.create(path, { seed: 1 })).close();
  const again = await RunFolder.create(path, { seed: 2 });
  expect(await RunFolder.config(path)).toEqual({ seed: 2 });
  again.addStep(stepReport(1));
  await again.save(checkpoint([0.5]));
  await again.close();
  await expect(RunFolder.create(path, {})).rejects.toThrow(
    /already holds 2 files: resume its training with --resume/,
  );
  await expect(RunFolder.config(parent)).rejects.toThrow(/holds no training/);
});

test('a checkpoint that cannot be read is named', async () => {
  await expect(loadCheckpoint(path)).rejects.toThrow(`Cannot read the checkpoint ${path}`);
});

test('pipes in place of its files are refused, and not waited for', async () => {
  const files = ['last.safetensors', 'metrics.jsonl', 'config.json'].map((name) => join(parent, name));
  expect(spawnSync('mkfifo', files).status).toBe(0);
  const refusal = (what: string) => new RegExp(`Cannot read the ${what} .*it is a pipe, not a file`);
  await expect(loadCheckpoint(files[0]!)).rejects.toThrow(refusal('checkpoint'));
  await expect(readMetrics(files[1]!)).rejects.toThrow(refusal('metrics'));
  await expect(RunFolder.config(parent)).rejects.toThrow(refusal('settings'));
});
