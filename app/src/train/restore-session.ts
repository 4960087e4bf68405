/**
 * @file Sets a training's session to where the training that is kept stood.
 */

import { failingAs } from '../engine/failure.ts';
import { resumedBest } from './best-model.ts';
import { keptCheckpoint, keptCurve } from './kept-training.ts';
import { curveUntil } from './step-curve.ts';
import type { TrainingSession } from './training-session.ts';

/** Leaves the session at its beginning where there was no snapshot yet. Throws 'bad-data' where what is kept is of another training. */
export async function restoreSession(session: TrainingSession): Promise<void> {
  const checkpoint = await failingAs('keptTraining', ['bad-file'], keptCheckpoint);
  if (!checkpoint) return;
  await failingAs('otherPhotographs', ['bad-data'], async () => session.restore(checkpoint));
  session.saved = checkpoint.progress;
  session.curve = curveUntil(await keptCurve(), checkpoint.progress.step);
  session.best = await resumedBest(checkpoint);
}
