/** @file The page Explain: where in a photograph the model sees what it says. */

import { useEffect, useRef } from 'preact/hooks';
import { Problem } from '../shell/problem.tsx';
import { Slider } from '../shell/slider.tsx';
import { formatShare } from '../text/quantities.ts';
import { classNamed, text } from '../text/text.ts';
import { hasTrained, NeedsTraining } from '../train/needs-training.tsx';
import { shownModel } from '../train/shown-model.ts';
import { WhichModel } from '../train/which-model.tsx';
import { DrawnMap } from './drawn-map.tsx';
import type { Explainable } from './explainable.ts';
import type { Look } from './look.ts';
import { savePng } from './save-png.ts';
import {
  askWhat,
  chosenClass,
  chosenLayer,
  chosenPlace,
  explainable,
  explainNow,
  failure,
  look,
  opacity,
} from './state.ts';

/** The page. */
export function Page() {
  return (
    <>
      <h1>{text.value.shell.tabs.explain}</h1>
      {hasTrained.value ? <Explaining /> : <NeedsTraining />}
    </>
  );
}

function Explaining() {
  const { explain } = text.value;
  const what = explainable.value;
  useEffect(() => {
    void askWhat();
  }, [shownModel.value]);
  useEffect(() => {
    void explainNow();
  }, [what, chosenPlace.value, chosenLayer.value]);
  return (
    <>
      <p>{explain.intro}</p>
      <WhichModel />
      {what && <Controls what={what} />}
      <Problem failure={failure.value} />
      {what && look.value ? (
        <Explained what={what} look={look.value} />
      ) : (
        !failure.value && <p role="status">{explain.looking}</p>
      )}
      <p class="note">{explain.noAdvice}</p>
    </>
  );
}

/** A residual block by its place: `bb_1_0` is the first of the second stage. */
function nameOf(layer: string): string {
  const [, stage, block] = layer.split('_').map(Number);
  return text.value.explain.block((stage ?? 0) + 1, (block ?? 0) + 1);
}

function Controls({ what }: { readonly what: Explainable }) {
  const { explain } = text.value;
  return (
    <div class="controls">
      <label>
        {explain.photograph}
        <select
          value={chosenPlace.value}
          onChange={({ currentTarget }) => {
            chosenPlace.value = Number(currentTarget.value);
          }}
        >
          {what.photographs.map(({ name, label }, place) => (
            <option key={place} value={place}>
              {`${name} (${classNamed(what.classes[label])})`}
            </option>
          ))}
        </select>
      </label>
      <label>
        {explain.layer}
        <select
          value={chosenLayer.value ?? what.layer}
          onChange={({ currentTarget }) => {
            chosenLayer.value = currentTarget.value;
          }}
        >
          {what.layers.map((layer) => (
            <option key={layer} value={layer}>
              {layer === what.layer ? explain.suits(nameOf(layer)) : nameOf(layer)}
            </option>
          ))}
        </select>
      </label>
      <Slider label={explain.opacity(formatShare(opacity.value))} value={opacity} step={0.05} />
    </div>
  );
}

function Explained({ what, look: found }: { readonly what: Explainable; readonly look: Look }) {
  const { explain } = text.value;
  const canvas = useRef<HTMLCanvasElement>(null);
  const { image, maps, probabilities } = found;
  const map = maps.find(({ class: label }) => label === chosenClass.value) ?? maps[0];
  const name = what.photographs[chosenPlace.value]?.name ?? '';
  const describe = (label: number) =>
    explain.says(classNamed(what.classes[label]), formatShare(probabilities[label] ?? Number.NaN));
  if (!map) return null;
  const shown = map.class;
  return (
    <section>
      <h2>{describe(shown)}</h2>
      <DrawnMap
        {...{ image, map, canvas, opacity: opacity.value }}
        description={explain.drawn(name, classNamed(what.classes[shown]))}
      />
      <div class="actions">
        <button
          type="button"
          onClick={() => canvas.current && savePng(canvas.current, `${name}-${what.classes[shown]}.png`)}
        >
          {explain.save}
        </button>
      </div>
      <h2>{explain.others}</h2>
      <div class="beside">
        {maps.map(({ class: label, ...other }) => (
          <figure key={label}>
            <DrawnMap
              {...{ image, map: { ...other, class: label }, opacity: opacity.value }}
              description={explain.drawn(name, classNamed(what.classes[label]))}
            />
            <figcaption>
              {describe(label)}{' '}
              {label !== shown && (
                <button
                  type="button"
                  onClick={() => {
                    chosenClass.value = label;
                  }}
                >
                  {explain.show}
                </button>
              )}
            </figcaption>
          </figure>
        ))}
      </div>
    </section>
  );
}
