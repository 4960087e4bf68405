/**
 * @file Which of the training's models the other pages show.
 */

import { computed, signal } from '@preact/signals';
import { best, running, stepsDone } from './state.ts';
import type { Which } from './trained-model.ts';

/** What was chosen. */
export const chosen = signal<Which>('best');

/** A model of the training, as the page knows it. */
export interface ShownModel {
  readonly which: Which;
  /** After how many steps it was taken. */
  readonly step: number;
  /** From 0; undefined where no round ended with it, as far as the page knows. */
  readonly epoch?: number;
}

/** The model that is shown, another object for another model: the best one, unless there is none or the last was chosen. */
export const shownModel = computed<ShownModel>(() => {
  // Models of another training are others, however many steps they had.
  void running.value;
  const which = best.value ? chosen.value : 'last';
  return which === 'best'
    ? { which, ...best.value, step: best.value?.step ?? 0 }
    : { which, step: stepsDone.value };
});
