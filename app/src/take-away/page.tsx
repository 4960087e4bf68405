/** @file The page Take away: what was trained, as files for other tools. */

import { type Signal, signal } from '@preact/signals';
import { runTask } from '../engine/client.ts';
import { type Failure, failureOf } from '../engine/failure.ts';
import { Problem } from '../shell/problem.tsx';
import { text } from '../text/text.ts';
import { hasTrained, NeedsTraining } from '../train/needs-training.tsx';
import { shownModel } from '../train/shown-model.ts';
import { WhichModel } from '../train/which-model.tsx';
import { download } from './download.ts';
import './take-away.css';
import type { Taken } from './take-away.ts';

/** In the order in which they are offered. */
const OFFERED = [
  'checkpoint',
  'onnx',
  'report',
  'reportWithoutPhotographs',
  'modelCard',
  'metrics',
] as const satisfies readonly Taken[];

/** What is being made. */
const making: Signal<Taken | undefined> = signal(undefined);
/** What was saved last. */
const saved: Signal<string | undefined> = signal(undefined);
const failure: Signal<Failure | undefined> = signal(undefined);

async function take(what: Taken): Promise<void> {
  [making.value, failure.value, saved.value] = [what, undefined, undefined];
  try {
    const { name, content } = await runTask('takeAway', { what, which: shownModel.value.which });
    download(content, name);
    saved.value = name;
  } catch (error) {
    failure.value = failureOf(error);
  } finally {
    making.value = undefined;
  }
}

/** The page. */
export function Page() {
  const { shell, takeAway } = text.value;
  return (
    <>
      <h1>{shell.tabs.takeAway}</h1>
      {hasTrained.value ? <Files /> : <NeedsTraining />}
      <p role="status">
        {making.value ? takeAway.making : saved.value === undefined ? '' : takeAway.saved(saved.value)}
      </p>
      <Problem failure={failure.value} />
    </>
  );
}

function Files() {
  const { takeAway } = text.value;
  return (
    <>
      <p>{takeAway.intro}</p>
      <WhichModel />
      <ul class="offered">
        {OFFERED.map((what) => (
          <li key={what}>
            <div>
              <strong>{takeAway.files[what].title}</strong>
              <p>{takeAway.files[what].use}</p>
            </div>
            <button
              type="button"
              disabled={making.value !== undefined}
              aria-label={takeAway.saveWhat(takeAway.files[what].title)}
              onClick={() => void take(what)}
            >
              {takeAway.save}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
