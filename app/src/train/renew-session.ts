/**
 * @file A device may be lost while a snapshot is taken, when `fit` has nothing to go back to. Then another one is opened, and the training
 * goes on from what is kept, or from its beginning, to the same bits.
 */

import type { Engine } from '../engine/engine.ts';
import { keptTraining } from './kept-training.ts';
import { restoreSession } from './restore-session.ts';
import { TrainingSession } from './training-session.ts';

/** Opens a device, and makes the engine's training anew on it. */
export async function renewSession(engine: Engine): Promise<TrainingSession> {
  const { data, settings, training, validation } = engine.trainingNow();
  await Promise.all([training.dataset.close(), validation.dataset.close()]);
  const device = await engine.anotherDevice();
  const session = await TrainingSession.open(device, data, settings);
  if (await keptTraining()) await restoreSession(session);
  engine.training = session;
  return session;
}
