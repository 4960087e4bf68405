/**
 * @file The models of a training: that of its best round, and that of its last step.
 */

import { type Checkpoint, type Evaluation, evaluate, modelOfCheckpoint, type ResNet } from 'fovea';
import { Failed } from '../engine/failure.ts';
import { keptBest } from './kept-training.ts';
import type { TrainingSession } from './training-session.ts';

/** Which of the two. */
export type Which = 'best' | 'last';

/** After how many steps the model was taken. */
export function stepOf({ best, progress }: TrainingSession, which: Which): number {
  return (which === 'best' ? best?.step : progress?.step) ?? 0;
}

/** All of it. Throws where the browser has removed it. */
export async function checkpointOf(session: TrainingSession, which: Which): Promise<Checkpoint> {
  const { best, progress } = session;
  if (which === 'last') {
    if (!progress) throw new Failed('noTraining', 'The training has done no step yet.');
    return session.checkpoint(progress);
  }
  if (!best) throw new Failed('noTraining', 'No round has ended yet.');
  if (best.held) return best.held;
  const checkpoint = await keptBest();
  session.check(checkpoint);
  const isThat = checkpoint.progress.step === best.step;
  if (!isThat) throw new Failed('bestGone', 'Another tab keeps a training of its own.');
  return checkpoint;
}

let last: { readonly session: TrainingSession; readonly step: number; readonly model: ResNet } | undefined;

/** The model as it predicts, by the averages of its weights where there are any. It lives until another is asked for; it must not be disposed. */
export async function modelOf(session: TrainingSession, which: Which): Promise<ResNet> {
  const step = stepOf(session, which);
  if (last?.session === session && last.step === step) return last.model;
  last?.model.dispose();
  last = undefined;
  last = { session, step, model: modelOfCheckpoint(session.device, await checkpointOf(session, which)) };
  return last.model;
}

/** What it says of the photographs to validate on. */
export async function evaluationOf(session: TrainingSession, which: Which): Promise<Evaluation> {
  if (which === 'last') return session.validate();
  const { best } = session;
  const evaluation = best?.evaluation ?? (await evaluate(await modelOf(session, which), session.validation));
  if (best) session.best = { ...best, evaluation };
  return evaluation;
}
