/**
 * @file What the page Judge shows, and the threshold that is tried.
 */

import { computed, signal } from '@preact/signals';
import { atThreshold } from 'fovea';
import { runTask } from '../engine/client.ts';
import { type Failure, failureOf } from '../engine/failure.ts';
import { type ShownModel, shownModel } from '../train/shown-model.ts';
import type { Judged } from './judge-training.ts';

/** The last judgement; undefined before there is one. */
export const judged = signal<Judged | undefined>(undefined);
/** Why judging failed. */
export const failure = signal<Failure | undefined>(undefined);
/** From which probability on a photograph counts as the second class. */
export const threshold = signal(0.5);

/** What the threshold gives; undefined for more than two classes. */
export const point = computed(() => {
  const found = judged.value;
  if (!found?.judgement) return undefined;
  return atThreshold(found.evaluation.probabilities, found.evaluation.labels, threshold.value);
});

/** A photograph that was predicted wrongly. */
export interface Mistake {
  readonly name: string;
  /** Its place in the validation set. */
  readonly place: number;
  readonly label: number;
  readonly predicted: number;
  /** The probability of what it is. */
  readonly probability: number;
}

/** The most wrong first: those whose class got the least probability. */
export const mistakes = computed<Mistake[]>(() => {
  const found = judged.value;
  if (!found) return [];
  const { names, labels, probabilities, classDim } = found.evaluation;
  return names
    .map((name, i): Mistake => {
      const label = labels[i] ?? 0;
      const row =
        classDim === 1
          ? [1 - (probabilities[i] ?? 0), probabilities[i] ?? 0]
          : [...probabilities.subarray(i * classDim, (i + 1) * classDim)];
      const isSecond = (row[1] ?? 0) >= threshold.value;
      const predicted = classDim === 1 ? Number(isSecond) : row.indexOf(Math.max(...row));
      return { name, place: found.places[i] ?? 0, label, predicted, probability: row[label] ?? 0 };
    })
    .filter(({ label, predicted }) => label !== predicted)
    .sort((a, b) => a.probability - b.probability);
});

let asked: ShownModel | undefined;

/** Judges the model that is shown; what was asked for later wins. */
export async function judgeNow(): Promise<void> {
  const model = shownModel.value;
  if (asked !== model) judged.value = undefined;
  asked = model;
  failure.value = undefined;
  try {
    const found = await runTask('judgeTraining', model.which);
    if (asked === model) judged.value = found;
  } catch (error) {
    if (asked === model) failure.value = failureOf(error);
  }
}
