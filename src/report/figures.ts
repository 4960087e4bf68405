/**
 * @file What predictions come to: of two classes a judgement, of more the figures of each.
 */

import { type ClassesFigures, classFigures } from '../judge/classes.ts';
import { type Judgement, judge } from '../judge/judgement.ts';
import type { ReportedPredictions, ReportFigures } from './content.ts';

/** The figures of predictions. Throws what `judge` and `classFigures` throw. */
export function figuresOf(
  { names, labels, logits, probabilities, classDim }: ReportedPredictions,
  classes: readonly string[],
  sensitivity?: number,
): ReportFigures {
  if (classDim > 1) return classFigures(probabilities, labels, classes);
  return judge({ names, labels, logits }, { sensitivity });
}

/** Whether they are those of two classes. */
export const isJudgement = (figures: ReportFigures): figures is Judgement => 'roc' in figures;

/** How many samples they are of. */
export function samplesOf(figures: ReportFigures): number {
  return isJudgement(figures) ? figures.samples : samplesIn(figures);
}

function samplesIn({ classes }: ClassesFigures): number {
  return classes.reduce((sum, { samples }) => sum + samples, 0);
}
