/**
 * @file What is kept of a training, so that it is resumed after the tab was closed or crashed: its checkpoint in the origin's private
 * file system; its settings, photographs and place in IndexedDB. One training is kept, the last.
 */

import {
  type Checkpoint,
  FoveaError,
  loadCheckpoint,
  removeCheckpoint,
  saveCheckpoint,
  type TrainingProgress,
} from 'fovea';
import type { DataInput } from '../data/data-set.ts';
import { forget, keep, recall } from '../engine/store.ts';
import type { TrainSettings } from './settings.ts';

/** Where the last checkpoint lies. */
const CHECKPOINT = 'training/last.safetensors';

/** What a training began with. */
export interface KeptBeginning {
  readonly settings: TrainSettings;
  /** The photographs; undefined where there was no room for them. */
  readonly input: DataInput | undefined;
}

/** How far it came. */
export interface KeptPlace {
  readonly step: number;
  readonly epoch: number;
  /** Milliseconds since 1970. */
  readonly saved: number;
}

/** Forgets the training that was kept, and keeps the beginning of another. Tells whether there was room for the photographs. */
export async function keepBeginning(settings: TrainSettings, input: DataInput): Promise<boolean> {
  await forgetTraining();
  try {
    await keep('beginning', { settings, input } satisfies KeptBeginning);
    return true;
  } catch {
    await keep('beginning', { settings, input: undefined } satisfies KeptBeginning).catch(() => {});
    return false;
  }
}

/** Keeps where a training stands. Throws 'bad-file' where it cannot. */
export async function keepProgress(checkpoint: Checkpoint): Promise<void> {
  await saveCheckpoint(CHECKPOINT, checkpoint);
  const { step, epoch }: TrainingProgress = checkpoint.progress;
  await keep('place', { step, epoch, saved: Date.now() } satisfies KeptPlace).catch((cause: unknown) => {
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

/** The checkpoint that is kept. */
export function keptCheckpoint(): Promise<Checkpoint> {
  return loadCheckpoint(CHECKPOINT);
}

/** Removes all that is kept. */
export async function forgetTraining(): Promise<void> {
  await forget('place');
  await forget('beginning');
  await removeCheckpoint(CHECKPOINT);
}
