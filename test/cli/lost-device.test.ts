import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listenForInterrupt } from '../../src/cli/interrupt.ts';
import { trainInFolder } from '../../src/cli/train/train-in-folder.ts';
import type { BatchSource } from '../../src/train/batch-source.ts';
import { BEGINNING } from '../../src/train/progress.ts';
import { RunFolder } from '../../src/train/run-folder.ts';
import { LosableDevice } from '../support/losable-device.ts';
import { captureStdout } from '../support/stdout.ts';
import { noise, tinyTraining } from '../train/tiny.ts';

const ABOUT = { config: { layers: 50, classDim: 1, size: 16, channelOrder: 'bgr' } } as const;

let parent: string;
let printed: () => string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'fovea-lost-'));
  printed = captureStdout();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(parent, { recursive: true });
});

/** Trains in a folder; the device is lost in the second epoch, and when the checkpoint of the first one is taken, if it is. */
async function train(name: string, losable: LosableDevice, isLost: boolean): Promise<Map<string, string>> {
  const path = join(parent, name);
  const folder = await RunFolder.create(path, {});
  const interrupt = listenForInterrupt(() => {});
  const batches = noise([4, 3], 1);
  let losses = 0;
  const training: BatchSource = {
    length: batches.length,
    async *epoch(epoch, options) {
      for await (const batch of batches.epoch(epoch, options)) {
        if (isLost && epoch === 1 && batch.index === 1 && losses++ === 0) losable.lose();
        yield batch;
      }
    },
  };
  const { model, optimizer } = tinyTraining(losable.device);
  const stateDict = model.stateDict.bind(model);
  vi.spyOn(model, 'stateDict').mockImplementationOnce(() => {
    if (isLost) losable.lose();
    return stateDict();
  });
  try {
    const set = { model, optimizer, training, validation: noise([4], 2), epochs: 2, start: BEGINNING };
    await trainInFolder({ ...set, folder, about: ABOUT, subtitle: '', interrupt });
  } finally {
    interrupt.release();
    await folder.close();
  }
  // When it ran is its own.
  const names = (await readdir(path)).filter((file) => file !== 'sessions.json').sort();
  return new Map(
    await Promise.all(
      names.map(async (file) => [file, (await readFile(join(path, file))).toString('base64')] as const),
    ),
  );
}

test('a training whose device is lost says so, and leaves the files of one that nothing disturbed', async () => {
  const losable = await LosableDevice.open();
  const undisturbed = await train('undisturbed', losable, false);
  expect(printed()).not.toContain('lost');
  expect(await train('lost', losable, true)).toEqual(undisturbed);
  expect(printed().match(/After step \d+: the device was lost/g)).toHaveLength(2);
  expect(printed().match(/The device was opened again: going on after step \d+\./g)).toHaveLength(2);
  expect(losable.opened).toBe(3);
  losable.device.destroy();
});
