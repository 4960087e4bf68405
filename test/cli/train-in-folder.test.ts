import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listenForInterrupt } from '../../src/cli/interrupt.ts';
import { trainInFolder } from '../../src/cli/train/train-in-folder.ts';
import type { BatchSource } from '../../src/train/batch-source.ts';
import { loadCheckpoint } from '../../src/train/checkpoint-file.ts';
import { BEGINNING } from '../../src/train/progress.ts';
import { RunFolder } from '../../src/train/run-folder.ts';
import { testDevice } from '../support/device.ts';
import { noise, tinyTraining } from '../train/tiny.ts';

const ABOUT = { config: { layers: 50, classDim: 1, size: 16, channelOrder: 'bgr' } } as const;

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'fovea-interrupt-'));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});

afterEach(async () => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  await rm(parent, { recursive: true });
});

/** Trains for an epoch, with Ctrl-C as validation batch `at` is fetched; tells how it ended and what the exit code says. */
async function interruptValidation(at: number) {
  const interrupt = listenForInterrupt(() => {});
  const folder = await RunFolder.create(join(parent, 'run'), {});
  const whole = noise([4, 4], 2);
  const validation: BatchSource = {
    length: whole.length,
    async *epoch(epoch) {
      for await (const batch of whole.epoch(epoch)) {
        if (batch.index === at) process.emit('SIGINT', 'SIGINT');
        yield batch;
        if (batch.index === at - 1 && at === whole.length) process.emit('SIGINT', 'SIGINT');
      }
    },
  };
  try {
    const training = noise([4, 3], 1);
    const setUp = { ...tinyTraining(await testDevice()), training, validation, epochs: 1, start: BEGINNING };
    const { reason } = await trainInFolder({ ...setUp, folder, about: ABOUT, subtitle: '', interrupt });
    return { reason, exitCode: process.exitCode, saved: (await loadCheckpoint(folder.last)).progress };
  } finally {
    interrupt.release();
    await folder.close();
  }
}

test('Ctrl-C during the last validation: stopped, and the validation is what is left to do', async () => {
  const { reason, exitCode, saved } = await interruptValidation(1);
  expect({ reason, exitCode }).toEqual({ reason: 'aborted', exitCode: 130 });
  expect(saved).toMatchObject({ step: 2, epoch: 0, batch: 2, history: [] });
});

test('Ctrl-C when nothing is left to stop: finished, and the exit code agrees', async () => {
  const { reason, exitCode, saved } = await interruptValidation(2);
  expect({ reason, exitCode }).toEqual({ reason: 'finished', exitCode: undefined });
  expect(saved).toMatchObject({ step: 2, epoch: 1, batch: 0 });
});
