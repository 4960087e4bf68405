/** @file What stands on pages that need a trained model, where there is none. */

import { computed } from '@preact/signals';
import { text } from '../text/text.ts';
import { phase, running } from './state.ts';

/** Whether there is a model that is not being trained at the moment. */
export const hasTrained = computed(
  () => running.value !== undefined && (phase.value === 'paused' || phase.value === 'done'),
);

/** Says what is missing: a training, or that it is paused. */
export function NeedsTraining() {
  const { judge } = text.value;
  return (
    <p class="note">
      {running.value === undefined ? judge.noTraining : judge.isTraining} <a href="#train">{judge.toTrain}</a>
    </p>
  );
}
