/**
 * @file The task `judgeTraining`: what the training's predictions for the photographs of its validation are worth.
 */

import {
  type ClassesFigures,
  classFigures,
  type Evaluation,
  type Judgement,
  judge,
  type Sample,
} from 'fovea';
import type { Task } from '../engine/protocol.ts';
import type { TrainingSession } from '../train/training-session.ts';

/** The predictions and what they come to. */
export interface Judged {
  /** Steps that the model was trained for. */
  readonly step: number;
  /** The names of the classes, by label. */
  readonly classes: readonly string[];
  readonly evaluation: Evaluation;
  /** Of each prediction, the place of its photograph in the validation set. */
  readonly places: readonly number[];
  /** Of two classes. */
  readonly judgement?: Judgement;
  /** Of more. */
  readonly figures?: ClassesFigures;
}

let last: { readonly session: TrainingSession; readonly judged: Judged } | undefined;

/** Validates the model as it is now, unless that was judged before. */
export const run: Task<void, Judged> = async (_, { engine }) => judgedNow(engine.trainingNow());

/** What the model as it is now was judged to be. */
export async function judgedNow(session: TrainingSession): Promise<Judged> {
  const step = session.progress?.step ?? 0;
  if (last?.session === session && last.judged.step === step) return last.judged;
  const evaluation = await session.validate();
  const { names, labels, logits, probabilities, classDim } = evaluation;
  const { classes, validation } = session.data;
  const judged: Judged = {
    ...{ step, classes, evaluation, places: placesOf(names, validation) },
    ...(classDim === 1
      ? { judgement: judge({ names, labels, logits }) }
      : { figures: classFigures(probabilities, labels, classes) }),
  };
  last = { session, judged };
  return judged;
}

/** Predictions come in the order of the samples; those whose files are damaged have none. */
function placesOf(names: readonly string[], samples: readonly Sample[]): number[] {
  const places: number[] = [];
  samples.forEach(({ name }, place) => {
    if (names[places.length] === name) places.push(place);
  });
  return places;
}
