/** @file The page Use: what a model says of a new photograph. */

import { signal } from '@preact/signals';
import { DrawnMap } from '../explain/drawn-map.tsx';
import { FileButton } from '../shell/file-button.tsx';
import { Detail, Problem } from '../shell/problem.tsx';
import { formatShare } from '../text/quantities.ts';
import { classNamed, text } from '../text/text.ts';
import { hasTrained } from '../train/needs-training.tsx';
import type { ShownModel } from '../train/shown-model.ts';
import { nameOf, WhichModel } from '../train/which-model.tsx';
import { busy, failure, model, type Told, tell, told, useFile, useTrained } from './state.ts';
import './use.css';

const WEIGHTS = '.safetensors,.pdparams,.pth,.pt';
/** Classes that are named of many. */
const MOST_NAMED = 5;
/** Whether the photographs are coloured where the model looks. */
const coloured = signal(false);

/** The page. */
export function Page() {
  const { use, shell } = text.value;
  return (
    <>
      <h1>{shell.tabs.use}</h1>
      <p>{use.intro}</p>
      <p class="note">{use.noAdvice}</p>
      <ModelChoice />
      <p role="status">{busy.value && use[busy.value]}</p>
      <Problem failure={failure.value} />
      {model.value && <Photographs />}
    </>
  );
}

function ModelChoice() {
  const { use } = text.value;
  const chosen = model.value;
  const isBusy = busy.value !== undefined;
  return (
    <section>
      <h2>{use.model}</h2>
      <p>
        {chosen ? use.chosen(sourceOf(chosen.from), chosen.layers, chosen.size, chosen.classCount) : use.none}
      </p>
      {chosen?.isAssumed && <p class="note">{use.assumed(chosen.size)}</p>}
      <div class="trained">
        {hasTrained.value ? <WhichModel /> : null}
        <button type="button" disabled={isBusy || !hasTrained.value} onClick={() => void useTrained()}>
          {use.useTrained}
        </button>
      </div>
      <div class="actions">
        <FileButton
          label={use.useFile}
          accept={WEIGHTS}
          disabled={isBusy}
          onFiles={([file]) => file && void useFile(file)}
        />
      </div>
    </section>
  );
}

function sourceOf(from: string | ShownModel): string {
  return typeof from === 'string' ? from : nameOf(from);
}

function Photographs() {
  const { use } = text.value;
  const isBusy = busy.value !== undefined;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    if (!isBusy) void tell([...(event.dataTransfer?.files ?? [])]);
  };
  return (
    <section
      class="drop"
      aria-label={use.photographs}
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
    >
      <h2>{use.photographs}</h2>
      <div class="actions">
        <FileButton label={use.choose} accept="image/*" multiple disabled={isBusy} onFiles={tell} />
        <FileButton label={use.camera} accept="image/*" camera disabled={isBusy} onFiles={tell} />
        <label class="check">
          <input
            type="checkbox"
            checked={coloured.value}
            onChange={({ currentTarget }) => {
              coloured.value = currentTarget.checked;
            }}
          />
          {use.coloured}
        </label>
      </div>
      <p class="quiet">{use.drop}</p>
      <ul class="told" aria-live="polite">
        {told.value.map((found) => (
          <li key={found.id}>
            <Answer found={found} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Answer({ found: { name, look, failure: why } }: { readonly found: Told }) {
  const { use, explain, failures } = text.value;
  const [map] = look?.maps ?? [];
  if (!look || !map)
    return (
      <div class="problem">
        <p>
          <strong>{name}</strong> {why && failures[why.kind]}
        </p>
        {why && <Detail text={why.detail} />}
      </div>
    );
  const nameOf = (label: number) => {
    const name = model.value?.classes?.[label];
    return name === undefined ? use.unnamed(label) : classNamed(name);
  };
  const named = [...look.probabilities.entries()].sort(([, a], [, b]) => b - a).slice(0, MOST_NAMED);
  return (
    <figure>
      <DrawnMap
        image={look.image}
        map={map}
        opacity={coloured.value ? 0.6 : 0}
        description={coloured.value ? explain.drawn(name, nameOf(map.class)) : name}
      />
      <figcaption>
        <strong>{use.says(nameOf(map.class), formatShare(look.probabilities[map.class] ?? 0))}</strong>
        <span class="quiet">{name}</span>
        <ul>
          {named.map(([label, probability]) => (
            <li key={label}>{explain.says(nameOf(label), formatShare(probability))}</li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}
