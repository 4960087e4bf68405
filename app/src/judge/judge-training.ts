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
import { failingAs } from '../engine/failure.ts';
import type { Task } from '../engine/protocol.ts';
import { evaluationOf, stepOf, type Which } from '../train/trained-model.ts';
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

/** Validates a model of the training, unless that was done before. */
export const run: Task<Which, Judged> = async (which, { engine }) => judgementOf(engine.trainingNow(), which);

/** What a model was judged to be. */
export async function judgementOf(session: TrainingSession, which: Which): Promise<Judged> {
  const step = stepOf(session, which);
  if (last?.session === session && last.judged.step === step) return last.judged;
  const evaluation = await failingAs('allDamaged', ['bad-data'], () => evaluationOf(session, which));
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
