/** @file The laboratory: how right and how fast fovea is on the adapter, all of which can be copied. */

import { type Signal, signal } from '@preact/signals';
import { Detail, Problem } from '../shell/problem.tsx';
import { text } from '../text/text.ts';
import { Adapter } from './adapter.tsx';
import { Certificate } from './certificate.tsx';
import { Convolutions } from './convolutions.tsx';
import { Gradients } from './gradients.tsx';
import './laboratory.css';
import { failure, figures, isMeasuring, markdown, measure, progress, stop } from './state.ts';
import { Steps } from './steps.tsx';
import { Tuning } from './tuning.tsx';

const machine = signal('');
const quick = signal(false);
/** What is said after copying. */
const copied: Signal<'copied' | 'notCopied' | undefined> = signal(undefined);

/** The page. */
export function Page() {
  const { shell, laboratory } = text.value;
  const found = figures.value;
  return (
    <>
      <h1>{shell.tabs.laboratory}</h1>
      <p>{laboratory.intro}</p>
      {isMeasuring.value ? <Progress /> : <Beginning />}
      <Problem failure={failure.value} />
      {found && (
        <>
          {markdown.value && <Copying />}
          {found.stopped && <p class="note">{laboratory.stopped}</p>}
          {found.failed.map(({ part, message }) => (
            <div class="problem" key={part}>
              <p>{laboratory.notMeasured(laboratory.parts[part])}</p>
              <Detail text={message} />
            </div>
          ))}
          <Adapter figures={found} />
          {found.certificate && <Certificate certificate={found.certificate} />}
          {found.gradients && <Gradients gradients={found.gradients} />}
          {found.convolutions && <Convolutions convolutions={found.convolutions} />}
          {found.steps && <Steps steps={found.steps} />}
          {found.tuning && <Tuning tuning={found.tuning} />}
        </>
      )}
    </>
  );
}

/** What is asked before it begins. */
function Beginning() {
  const { laboratory } = text.value;
  const begin = (event: Event) => {
    event.preventDefault();
    copied.value = undefined;
    void measure(machine.value.trim(), quick.value);
  };
  return (
    <form onSubmit={begin}>
      <label class="field">
        {laboratory.machine}
        <input
          type="text"
          maxLength={200}
          value={machine.value}
          aria-describedby="machine-hint"
          onInput={({ currentTarget }) => {
            machine.value = currentTarget.value;
          }}
        />
      </label>
      <p class="quiet" id="machine-hint">
        {laboratory.machineHint}
      </p>
      <div class="actions">
        <button type="submit" class="primary">
          {laboratory.measure}
        </button>
        <label class="check">
          <input
            type="checkbox"
            checked={quick.value}
            onChange={({ currentTarget }) => {
              quick.value = currentTarget.checked;
            }}
          />
          {laboratory.quick}
        </label>
      </div>
    </form>
  );
}

/** Where measuring is; the part alone is read out, since the pieces follow each other quickly. */
function Progress() {
  const { laboratory, shell } = text.value;
  const now = progress.value;
  return (
    <div class="actions">
      <button type="button" onClick={stop}>
        {laboratory.stop}
      </button>
      <span role="status">{now ? laboratory.parts[now.part] : shell.loading}</span>
      {now && (
        <progress value={now.done} max={Math.max(1, now.total)} aria-label={laboratory.parts[now.part]} />
      )}
      <span class="quiet">{now?.what}</span>
    </div>
  );
}

function Copying() {
  const { laboratory } = text.value;
  const copy = async (written: string) => {
    copied.value = await navigator.clipboard.writeText(written).then(
      () => 'copied' as const,
      () => 'notCopied' as const,
    );
  };
  return (
    <div class="actions">
      <button type="button" onClick={() => void copy(JSON.stringify(figures.value))}>
        {laboratory.copyJson}
      </button>
      <button type="button" onClick={() => void copy(markdown.value)}>
        {laboratory.copyMarkdown}
      </button>
      <span role="status">{copied.value && laboratory[copied.value]}</span>
    </div>
  );
}
