/**
 * @file What a report is made of.
 */

import type { ClassesFigures } from '../judge/classes.ts';
import type { Judgement } from '../judge/judgement.ts';
import type { Evaluation } from '../train/evaluate.ts';
import type { MetricsLine } from '../train/metrics-log.ts';
import type { BestBy } from '../train/progress.ts';

/** How a figure is called that may make an epoch the best. */
export const FIGURE_NAMES: Readonly<Record<BestBy, string>> = {
  auc: 'AUC',
  accuracy: 'accuracy',
  loss: 'loss',
};

/** A photograph that was taken for another class than it is of. */
export interface Mistake {
  /** The name of its file. */
  readonly name: string;
  /** What it is, a class index. */
  readonly label: number;
  /** What it was taken for. */
  readonly predicted: number;
  /** How probable the model took that to be. */
  readonly probability: number;
  /** The photograph as a JPEG or PNG file, where it is to be shown. */
  readonly photograph?: Uint8Array | undefined;
  /** The same under a map of what spoke for the class it was taken for, such as Grad-CAM's. */
  readonly map?: Uint8Array | undefined;
}

/** Names and values that are shown as they are. */
export interface Facts {
  /** What they are about: `Settings`, `Machine`. */
  readonly title: string;
  /** In the order in which they are shown. */
  readonly entries: readonly (readonly [name: string, value: string | number])[];
}

/** Predictions to be judged. */
export type ReportedPredictions = Pick<
  Evaluation,
  'names' | 'labels' | 'classDim' | 'logits' | 'probabilities'
>;

/** What `judge` or, of more than two classes, `classFigures` gave. */
export type ReportFigures = Judgement | ClassesFigures;

/** What {@link renderReport} takes. All but the title may be missing: what is missing is left out. */
export interface ReportContent {
  /** The headline. */
  readonly title: string;
  /** Stands below it: which network, which data. */
  readonly subtitle?: string | undefined;
  /** What is to be known before anything is believed, a sentence each. */
  readonly notes?: readonly string[] | undefined;
  /** What was predicted of each photograph. */
  readonly predictions?: ReportedPredictions | undefined;
  /** What they come to, where that is known; otherwise it is computed. */
  readonly figures?: ReportFigures | undefined;
  /** The names of the classes, by label; of one logit, those of 0 and 1. */
  readonly classes?: readonly string[] | undefined;
  /** The sensitivity that a threshold is looked up for where `figures` are computed, 0.95 by default. */
  readonly sensitivity?: number | undefined;
  /** The most wrong photographs, worst first. */
  readonly mistakes?: readonly Mistake[] | undefined;
  /** The course of the training: the lines of `metrics.jsonl`. */
  readonly metrics?: readonly MetricsLine[] | undefined;
  /** What made an epoch the best of the training. */
  readonly bestBy?: BestBy | undefined;
  /** Settings, adapter, versions, duration. */
  readonly facts?: readonly Facts[] | undefined;
}

/** The names of classes where none are given. */
export function namesOf(classes: readonly string[] | undefined, classDim: number): readonly string[] {
  const count = Math.max(classDim, 2);
  return classes?.length === count ? classes : Array.from({ length: count }, (_, i) => `class ${i}`);
}
