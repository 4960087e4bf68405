import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventFileName } from '../../src/io/tensorboard/event-files.ts';
import { readEvent } from '../../src/io/tensorboard/events.ts';
import { readRecords } from '../../src/io/tensorboard/records.ts';
import { SummaryWriter } from '../../src/io/tensorboard/summary-writer.ts';
import type { Checkpoint } from '../../src/train/checkpoint.ts';
import { RunFolder } from '../../src/train/run-folder.ts';
import { checkpointAfter, epochReport } from './run-folders.ts';

let parent: string;
let path: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'fovea-events-'));
  path = join(parent, 'run');
});
afterEach(() => rm(parent, { recursive: true }));

const STEP = { samples: 4, learningRate: 0.1, loss: 0.5, accuracy: 0.5 };
/** After `step` steps, two an epoch, and `validated` epochs. */
const checkpointAt = (step: number, validated: number): Checkpoint =>
  checkpointAfter(new Array(validated).fill({}), step - 2 * validated);

/** Trains from step `from` to `to`. */
function train(folder: RunFolder, from: number, to: number): void {
  for (let step = from; step <= to; step++) {
    const epoch = Math.floor((step - 1) / 2);
    folder.addStep({ ...STEP, step, epoch, batch: (step - 1) % 2 });
    if (step % 2 === 0) folder.addEpoch(epochReport(epoch));
  }
}

/** Steps of all events that have values, by their first tag; the folder's files in order. */
async function eventsIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('events')).sort();
  const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
  return files.flatMap((file) =>
    [...readRecords(file)].flatMap(({ data }) => {
      const { step, tags } = readEvent(data)!;
      return tags.length > 0 ? [`${step} ${tags[0]}`] : [];
    }),
  );
}

const STEPS_1_TO_4 = [
  '1 train/loss',
  '2 train/loss',
  '2 epoch/train_loss',
  '3 train/loss',
  '4 train/loss',
  '4 epoch/train_loss',
];

test('a resumed training has each step once, whatever its predecessor wrote last', async () => {
  const first = await RunFolder.create(path, {});
  first.logToTensorBoard();
  train(first, 1, 4);
  await first.close();
  const [name] = (await RunFolder.results(path)).filter((result) => result.startsWith('events'));
  await appendFile(join(path, name!), Buffer.from([1, 2, 3])); // a process killed while it wrote
  expect(await eventsIn(path)).toEqual(STEPS_1_TO_4);

  const second = await RunFolder.open(path);
  await second.rewind(checkpointAt(3, 1));
  second.logToTensorBoard();
  expect(await eventsIn(path)).toEqual(STEPS_1_TO_4.slice(0, 4));
  train(second, 4, 4);
  await second.close();
  expect(await eventsIn(path)).toEqual(STEPS_1_TO_4);

  const third = await RunFolder.open(path);
  await third.rewind(checkpointAt(2, 0)); // before the validation of epoch 1
  expect(await eventsIn(path)).toEqual(STEPS_1_TO_4.slice(0, 2));
  await third.rewind(undefined);
  expect(await eventsIn(path)).toEqual([]);
  await third.close();
});

test('a session that resumes says so, the first does not', async () => {
  const texts = async () =>
    Promise.all(
      (await readdir(path))
        .filter((n) => n.startsWith('events'))
        .sort()
        .map(async (name) =>
          [...readRecords(await readFile(join(path, name)))].map(({ data }) =>
            Buffer.from(data).toString('hex').slice(18),
          ),
        ),
    );
  const first = await RunFolder.create(path, {});
  first.logToTensorBoard();
  train(first, 1, 1);
  await first.close();
  const second = await RunFolder.open(path);
  await second.rewind(checkpointAt(1, 0));
  second.logToTensorBoard();
  await second.close();
  const [before, after] = await texts();
  const version = `1a0d${Buffer.from('brain.Event:2').toString('hex')}`;
  expect(before?.[0]).toBe(version);
  expect(before?.[1]?.startsWith('10012a')).toBe(true);
  expect(after).toEqual([version, '10023a020801']); // step 2, SessionLog START
});

test('a new training takes the place of one that ended before its first checkpoint', async () => {
  const first = await RunFolder.create(path, {});
  first.logToTensorBoard();
  train(first, 1, 1);
  await first.close();
  const second = await RunFolder.create(path, {});
  expect(await eventsIn(path)).toEqual([]);
  await second.close();
});

test('without being asked, a folder gets no events; files of others are no concern', async () => {
  const folder = await RunFolder.create(path, {});
  train(folder, 1, 2);
  await folder.close();
  expect(await RunFolder.results(path)).toEqual(['metrics.jsonl']);
  await appendFile(join(path, 'events.out.tfevents.1700000000.elsewhere.1.0'), 'x');
  const again = await RunFolder.open(path);
  await again.rewind(undefined);
  await again.close();
  expect(await readdir(path)).toContain('events.out.tfevents.1700000000.elsewhere.1.0');
});

test('a SummaryWriter refuses what it cannot write, and takes a name of its own', async () => {
  const writer = new SummaryWriter(parent);
  const other = new SummaryWriter(parent);
  expect(other.path).not.toBe(writer.path);
  expect(eventFileName(12.9, 3)).toBe('events.out.tfevents.0000000012.fovea.3');
  writer.addImage('eye', { width: 1, height: 1, bytes: new Uint8Array(3) }, 5);
  expect(await eventsIn(parent)).toEqual(['5 eye']);
  writer.close();
  writer.close();
  other.close();
  expect(() => writer.addScalars({ a: 1 }, 1)).toThrow(/is closed/);
  new SummaryWriter(join(parent, 'new', 'folder')).close();
  expect(await readdir(join(parent, 'new', 'folder'))).toHaveLength(1);
  expect(() => new SummaryWriter(join(writer.path, 'below'))).toThrow(/a part of its path is a file/);
});
