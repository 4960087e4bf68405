/**
 * @file What is kept of a training, so that it is resumed after the tab was closed or crashed: its last checkpoint and that of its best
 * round in the origin's private file system; its settings, photographs, curve and place in IndexedDB. One training is kept, the last.
 */

import {
  type Checkpoint,
  FoveaError,
  listCheckpoints,
  loadCheckpoint,
  removeCheckpoint,
  saveCheckpoint,
} from 'fovea';
import type { DataInput } from '../data/data-set.ts';
import { forget, keep, recall } from '../engine/store.ts';
import type { TrainSettings } from './settings.ts';
import { NO_STEPS, type StepCurve } from './step-curve.ts';

/** Where the checkpoints lie. */
const FOLDER = 'training';
const LAST = `${FOLDER}/last.safetensors`;
const BEST = `${FOLDER}/best.safetensors`;

/** What a training began with. */
export interface KeptBeginning {
  readonly settings: TrainSettings;
  /** The photographs; undefined where there was no room for them. */
  readonly input: DataInput | undefined;
}

/** How far it came. */
export interface KeptPlace {
  /** 0 before the first snapshot: it begins again then. */
  readonly step: number;
  readonly epoch: number;
  /** Milliseconds since 1970. */
  readonly saved: number;
}

/** Which round was the best when it ended. */
export interface BestRound {
  /** From 0. */
  readonly epoch: number;
  /** Steps done when it ended. */
  readonly step: number;
}

/** Forgets the training that was kept, and keeps the beginning of another. Tells whether there was room for the photographs. */
export async function keepBeginning(settings: TrainSettings, input: DataInput): Promise<boolean> {
  // Where a browser has no place for files, as in some private windows, there is nothing to forget.
  await forgetTraining().catch(() => {});
  const place: KeptPlace = { step: 0, epoch: 0, saved: Date.now() };
  try {
    await keep('beginning', { settings, input } satisfies KeptBeginning);
    await keep('place', place);
    return true;
  } catch {
    await keep('beginning', { settings, input: undefined } satisfies KeptBeginning).catch(() => {});
    await keep('place', place).catch(() => {});
    return false;
  }
}

/** Keeps where a training stands. Throws 'bad-file' where it cannot. */
export async function keepProgress(checkpoint: Checkpoint, curve: StepCurve): Promise<void> {
  const { step, epoch } = checkpoint.progress;
  // First the curve, which is cut to the checkpoint when it is read.
  await keepOrThrow('curve', curve);
  await saveCheckpoint(LAST, checkpoint);
  await keepOrThrow('place', { step, epoch, saved: Date.now() } satisfies KeptPlace);
}

/** Keeps the checkpoint of the best round. Throws 'bad-file' where it cannot. */
export async function keepBest(checkpoint: Checkpoint, round: BestRound): Promise<void> {
  await saveCheckpoint(BEST, checkpoint);
  await keepOrThrow('best', { epoch: round.epoch, step: round.step } satisfies BestRound);
}

async function keepOrThrow(name: string, value: unknown): Promise<void> {
  await keep(name, value).catch((cause: unknown) => {
    throw new FoveaError('bad-file', `The browser does not keep where the training stands: ${cause}`, {
      cause,
    });
  });
}

/** What is kept of a training, if anything. */
export async function keptTraining(): Promise<(KeptBeginning & KeptPlace) | undefined> {
  const [beginning, place] = await Promise.all([
    recall<KeptBeginning>('beginning'),
    recall<KeptPlace>('place'),
  ]);
  return beginning && place && { ...beginning, ...place };
}

/** The last checkpoint of the training that is kept; undefined before its first snapshot. */
export async function keptCheckpoint(): Promise<Checkpoint | undefined> {
  const { step = 0 } = (await recall<KeptPlace>('place')) ?? {};
  if (step > 0) return loadCheckpoint(LAST);
  // A tab may be closed between the first checkpoint and the note of it.
  const found = await listCheckpoints(FOLDER).catch(() => []);
  return found.some(({ path }) => path === LAST) ? loadCheckpoint(LAST) : undefined;
}

/** The curve of the training that is kept; it may be some steps ahead of the checkpoint. */
export async function keptCurve(): Promise<StepCurve> {
  return (await recall<StepCurve>('curve')) ?? NO_STEPS;
}

/** The round whose checkpoint is kept as the best, if any. */
export function keptBestRound(): Promise<BestRound | undefined> {
  return recall<BestRound>('best');
}

/** The checkpoint of that round. */
export function keptBest(): Promise<Checkpoint> {
  return loadCheckpoint(BEST);
}

/** Removes all that is kept. */
export async function forgetTraining(): Promise<void> {
  for (const name of ['place', 'beginning', 'best', 'curve']) await forget(name);
  await removeCheckpoint(FOLDER);
}
