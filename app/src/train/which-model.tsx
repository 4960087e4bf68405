/** @file The choice between the models of a training. */

import { formatNumber, text } from '../text/text.ts';
import { chosen, type ShownModel, shownModel } from './shown-model.ts';
import { best, stepsDone } from './state.ts';
import type { Which } from './trained-model.ts';

/** The choice, where there is one; else what the only model is. */
export function WhichModel() {
  const { models } = text.value.train;
  const step = stepsDone.value;
  if (!best.value || best.value.step === step) return <p>{nameOf(shownModel.value)}.</p>;
  return (
    <div class="settings">
      <label>
        {models.model}
        <select
          name="model"
          value={shownModel.value.which}
          onChange={({ currentTarget }) => {
            chosen.value = currentTarget.value as Which;
          }}
        >
          <option value="best">{nameOf({ which: 'best', ...best.value })}</option>
          <option value="last">{nameOf({ which: 'last', step })}</option>
        </select>
      </label>
    </div>
  );
}

/** What a model is called. */
export function nameOf({ which, step, epoch = 0 }: ShownModel): string {
  const { models } = text.value.train;
  const steps = formatNumber(step);
  return which === 'best' ? models.best(formatNumber(epoch + 1), steps) : models.last(steps);
}
