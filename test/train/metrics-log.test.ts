import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { appendMetrics, readMetrics, syncMetrics, truncateMetrics } from '../../src/train/metrics-log.ts';
import { BEGINNING, bestEpoch, type EpochReport } from '../../src/train/progress.ts';
import { parseNumbers } from '../../src/train/progress-format.ts';

const disk = vi.hoisted(() => ({ isFull: false, synced: 0, open: 0 }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    openSync: (path: string, flags: string) => {
      const file = fs.openSync(path, flags);
      disk.open++;
      return file;
    },
    closeSync: (file: number) => {
      fs.closeSync(file);
      disk.open--;
    },
    writeFileSync: (file: number, text: string) => {
      fs.writeFileSync(file, disk.isFull ? text.slice(0, 9) : text);
      if (disk.isFull) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
    },
    fsyncSync: (file: number) => {
      disk.synced++;
      fs.fsyncSync(file);
    },
  };
});

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-metrics-'));
  path = join(folder, 'metrics.jsonl');
});
afterEach(async () => {
  disk.isFull = false;
  await rm(folder, { recursive: true });
});

const step = (number: number, loss = 0.5) => {
  const report = {
    step: number,
    epoch: 0,
    batch: number - 1,
    samples: 4,
    learningRate: 0.1,
    loss,
    accuracy: 1,
  };
  return { kind: 'step', ...report } as const;
};

function epoch(number: number, accuracy = 0.5): EpochReport {
  const figures = { loss: 0.6, accuracy, weightedAccuracy: accuracy };
  const counts = { truePositives: 1, falsePositives: 0, trueNegatives: 1, falseNegatives: 0 };
  const confusion = { ...counts, sensitivity: 1, specificity: Number.NaN };
  return {
    epoch: number,
    step: 2 * number + 2,
    training: figures,
    validation: { ...figures, auc: Number.NaN, confusion },
  };
}

test('lines are read as they were written, numbers that are none included', async () => {
  const lines = [step(1), step(2, Number.POSITIVE_INFINITY), { kind: 'epoch', ...epoch(0) } as const];
  for (const line of lines) appendMetrics(path, line);
  expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(4);
  expect(await readMetrics(path)).toEqual([step(1), step(2, Number.NaN), lines[2]]);
});

test('a file that is missing has no lines; one that cannot be read is an error', async () => {
  expect(await readMetrics(path)).toEqual([]);
  await expect(readMetrics(folder)).rejects.toMatchObject({ code: 'bad-file' });
});

test('a last line that was cut off is left out, and none else', async () => {
  appendMetrics(path, step(1));
  const whole = await readFile(path, 'utf8');
  for (let length = 0; length < whole.length; length++) {
    await writeFile(path, whole + whole.slice(0, length));
    expect(await readMetrics(path)).toEqual([step(1)]);
  }
  await writeFile(path, `${whole.slice(0, 12)}\n${whole}`);
  await expect(readMetrics(path)).rejects.toMatchObject({
    code: 'bad-file',
    message: `${path}: line 1 is not JSON: remove it.`,
    cause: expect.any(SyntaxError),
  });
});

test('a text where a number should stand is told by its line and key', async () => {
  for (const key of ['loss', 'accuracy', 'learningRate']) {
    await writeFile(path, `${JSON.stringify({ ...step(1), [key]: '0.5' })}\n`);
    await expect(readMetrics(path)).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(new RegExp(`line 1: "${key}" is "0.5", not a number`)),
    });
  }
});

test('a disk that is full leaves no part of a line, and is named', async () => {
  appendMetrics(path, step(1));
  disk.isFull = true;
  expect(() => appendMetrics(path, step(2))).toThrow(
    expect.objectContaining({ code: 'bad-file', message: expect.stringMatching(/the disk is full/) }),
  );
  disk.isFull = false;
  appendMetrics(path, step(3));
  expect(await readMetrics(path)).toEqual([step(1), step(3)]);
  expect(disk.open).toBe(0);
});

test('lines are forced to the disk, whether there are any or not', async () => {
  const { synced } = disk;
  syncMetrics(path);
  appendMetrics(path, step(1));
  syncMetrics(path);
  expect(disk.synced).toBe(synced + 2);
  expect(await readMetrics(path)).toEqual([step(1)]);
});

test('a folder that is missing is told by writing, forcing and truncating', async () => {
  const lost = join(folder, 'missing', 'metrics.jsonl');
  const refusal = { code: 'bad-file', message: expect.stringMatching(/folder is missing/) };
  expect(() => appendMetrics(lost, step(1))).toThrow(expect.objectContaining(refusal));
  expect(() => syncMetrics(lost)).toThrow(expect.objectContaining(refusal));
  await expect(truncateMetrics(lost, BEGINNING)).rejects.toMatchObject(refusal);
});

test('what was done after a moment is removed: later steps, and epochs that had not ended', async () => {
  const lines = [step(1), step(2), { kind: 'epoch', ...epoch(0) } as const, step(3), step(4)];
  for (const line of lines) appendMetrics(path, line);
  const at = async (done: number, epochs: number) => {
    await truncateMetrics(path, { ...BEGINNING, step: done, epoch: epochs });
    return (await readMetrics(path)).length;
  };
  expect([await at(4, 1), await at(3, 1), await at(2, 1), await at(2, 0), await at(0, 0)]).toEqual([
    5, 4, 3, 2, 0,
  ]);
});

test('the best epoch is the first of the highest accuracy; NaN is never', () => {
  const best = (...accuracies: number[]) => bestEpoch(accuracies.map((accuracy, i) => epoch(i, accuracy)));
  expect(best()).toBe(-1);
  expect(best(Number.NaN)).toBe(-1);
  expect(best(0)).toBe(0);
  expect(best(0.5, 0.8, 0.8, 0.7)).toBe(1);
  expect(best(Number.NaN, 0.3, Number.NaN, 0.2)).toBe(1);
});

test('null stands for a number that is none, at any depth', () => {
  expect(parseNumbers('{"a":[null,1],"b":{"c":null},"d":"null"}')).toEqual({
    a: [Number.NaN, 1],
    b: { c: Number.NaN },
    d: 'null',
  });
});
