/**
 * @file The task `resumeTraining`: sets the engine to where the training that is kept stood.
 */

import type { EpochReport } from 'fovea';
import type { DataInput, DataSummary } from '../data/data-set.ts';
import { run as readData } from '../data/read-data.ts';
import { Failed } from '../engine/failure.ts';
import type { Job, Task } from '../engine/protocol.ts';
import { type BestRound, keptTraining } from './kept-training.ts';
import { claimTraining } from './one-tab.ts';
import { restoreSession } from './restore-session.ts';
import type { TrainSettings } from './settings.ts';
import type { StepCurve } from './step-curve.ts';
import { TrainingSession } from './training-session.ts';

/** Where it stood. */
export interface ResumedTraining {
  readonly settings: TrainSettings;
  readonly step: number;
  readonly history: readonly EpochReport[];
  readonly curve: StepCurve;
  /** The round whose model is kept as the best. */
  readonly best: BestRound | undefined;
  /** The data, where it was kept and read again. */
  readonly data?: { readonly input: DataInput; readonly summary: DataSummary } | undefined;
}

/** Resumes, on the photographs that are kept, else on those that were chosen. */
export const run: Task<void, ResumedTraining> = async (_, job) => {
  const { engine } = job;
  await claimTraining();
  const kept = await keptTraining();
  if (!kept) throw new Failed('keptTraining', 'There is no training to resume.');
  const { settings, input } = kept;
  const summary = input && !engine.data ? await readData(input, job as Job) : undefined;
  const data = engine.dataNow();
  await engine.training?.dispose();
  engine.training = undefined;
  const session = await TrainingSession.open(await engine.device(), data, settings);
  try {
    await restoreSession(session);
  } catch (error) {
    await session.dispose();
    throw error;
  }
  engine.training = session;
  const { progress, curve, best } = session;
  const { step = 0, history = [] } = progress ?? {};
  return {
    ...{ settings, step, history, curve },
    best: best && { epoch: best.epoch, step: best.step },
    data: input && summary && { input, summary },
  };
};
