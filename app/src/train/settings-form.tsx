/**
 * @file The settings of a training, and what they will take.
 */

import type { RecipeName, ResNetLayers } from 'fovea';
import { formatBytes, formatTime } from '../text/quantities.ts';
import { formatNumber, text } from '../text/text.ts';
import { ask, change, start } from './actions.ts';
import {
  LAYERS,
  type NumberSetting,
  RANGES,
  stepsOf,
  type TrainSettings,
  wrongSettings,
} from './settings.ts';
import { defaults, estimate, isReady, settings, trainingCount } from './state.ts';

const RECIPES: readonly RecipeName[] = ['original', 'fundus'];
const MAIN: readonly NumberSetting[] = ['size', 'batchSize', 'epochs'];
const MORE: readonly NumberSetting[] = ['learningRate', 'seed', 'maxSteps', 'saveEvery'];

/** The form; nothing before the engine has told what the recipes set. */
export function SettingsForm() {
  const chosen = settings.value;
  const t = text.value.train;
  if (!chosen) return <p role="status">{text.value.shell.loading}</p>;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady.value) void start();
      }}
    >
      <RecipeChoice chosen={chosen.recipe} />
      <div class="settings">
        <label>
          {t.layers}
          <select
            name="layers"
            value={chosen.layers}
            onChange={({ currentTarget }) => change({ layers: Number(currentTarget.value) as ResNetLayers })}
          >
            {LAYERS.map((layers) => (
              <option key={layers} value={layers}>
                ResNet-{layers}
              </option>
            ))}
          </select>
        </label>
        {MAIN.map((name) => (
          <NumberField key={name} name={name} chosen={chosen} />
        ))}
      </div>
      <details>
        <summary>{t.more}</summary>
        <div class="settings">
          {MORE.map((name) => (
            <NumberField key={name} name={name} chosen={chosen} />
          ))}
        </div>
      </details>
      <WhatItTakes />
      <div class="actions">
        <button type="submit" class="primary" disabled={!isReady.value}>
          {t.start}
        </button>
        <button
          type="button"
          disabled={!isReady.value || estimate.value === 'asking'}
          onClick={() => void ask()}
        >
          {t.estimate}
        </button>
      </div>
      <p class="quiet">{t.keeping}</p>
    </form>
  );
}

function RecipeChoice({ chosen }: { readonly chosen: RecipeName }) {
  const t = text.value.train;
  return (
    <fieldset>
      <legend>{t.recipe}</legend>
      {RECIPES.map((name) => (
        <label key={name}>
          <input
            type="radio"
            name="recipe"
            checked={name === chosen}
            onChange={() => change(defaults.value?.[name] ?? {})}
          />
          {t.recipes[name]}
        </label>
      ))}
    </fieldset>
  );
}

function NumberField({ name, chosen }: { readonly name: NumberSetting; readonly chosen: TrainSettings }) {
  const t = text.value.train;
  const [least, most] = RANGES[name];
  const isWrong = wrongSettings(chosen).includes(name);
  const words = name === 'learningRate' ? t.range : t.wholeRange;
  return (
    <label>
      {t.settings[name]}
      <input
        type="number"
        name={name}
        min={least}
        max={most}
        step={name === 'learningRate' ? 'any' : 1}
        value={Number.isNaN(chosen[name]) ? '' : chosen[name]}
        aria-invalid={isWrong}
        onInput={({ currentTarget }) => change({ [name]: currentTarget.valueAsNumber })}
      />
      {isWrong ? (
        <span role="alert" class="wrong">
          {words(formatNumber(least, { maximumSignificantDigits: 3 }), formatNumber(most))}
        </span>
      ) : null}
    </label>
  );
}

/** Memory and time, as far as they are known. */
function WhatItTakes() {
  const found = estimate.value;
  const chosen = settings.value;
  const t = text.value.train;
  if (!found || !chosen) return null;
  if (found === 'asking' || found.memory === undefined) return <p role="status">{t.estimating}</p>;
  const { memory, secondsPerStep } = found;
  const steps = stepsOf(chosen, trainingCount.value);
  return (
    <p role="status" class="note">
      {t.takes(formatBytes(memory))}{' '}
      {secondsPerStep === undefined
        ? `… ${t.estimating}`
        : t.takesTime(formatTime(steps * secondsPerStep), formatNumber(steps))}
    </p>
  );
}
