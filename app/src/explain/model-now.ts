/**
 * @file The model of a training as it predicts now, kept until the training goes on.
 */

import type { ResNet } from 'fovea';
import type { TrainingSession } from '../train/training-session.ts';

let last: { readonly session: TrainingSession; readonly step: number; readonly model: ResNet } | undefined;

/** It must not be disposed. */
export async function modelNow(session: TrainingSession): Promise<ResNet> {
  const step = session.progress?.step ?? 0;
  if (last?.session === session && last.step === step) return last.model;
  last?.model.dispose();
  last = undefined;
  last = { session, step, model: await session.trainedModel() };
  return last.model;
}
