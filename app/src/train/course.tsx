/**
 * @file A training under way or done: figures, curves, what can be done with it.
 */

import { formatBytes, formatFigure, formatTime } from '../text/quantities.ts';
import { formatNumber, text } from '../text/text.ts';
import { another, goOn, pauseTraining, stop } from './actions.ts';
import { Curves } from './curves.tsx';
import { Notes } from './notes.tsx';
import { Rounds } from './rounds.tsx';
import {
  epochs,
  lastStep,
  pace,
  phase,
  running,
  savedStep,
  stepsDone,
  timeLeft,
  totalSteps,
} from './state.ts';

/** All of it. */
export function Course() {
  const t = text.value.train;
  return (
    <>
      <p role="status">{t.phases[phase.value]}</p>
      <progress max={Math.max(1, totalSteps.value)} value={stepsDone.value} aria-label={t.step} />
      <Buttons />
      <Figures />
      <Curves />
      <Rounds />
      <Notes />
    </>
  );
}

function Buttons() {
  const t = text.value.train;
  const now = phase.value;
  return (
    <div class="actions">
      {now === 'running' ? (
        <button type="button" onClick={pauseTraining}>
          {t.pause}
        </button>
      ) : null}
      {now === 'paused' ? (
        <button type="button" class="primary" onClick={() => void goOn()}>
          {t.goOn}
        </button>
      ) : null}
      {now === 'running' || now === 'paused' ? (
        <button type="button" onClick={() => void stop()}>
          {t.stop}
        </button>
      ) : null}
      {now === 'done' ? (
        <>
          <a class="button primary" href="#judge">
            {t.next}
          </a>
          <button type="button" onClick={another}>
            {t.another}
          </button>
        </>
      ) : null}
    </div>
  );
}

function Figures() {
  const t = text.value.train;
  const last = lastStep.value;
  const left = phase.value === 'running' ? timeLeft.value : undefined;
  const figures: readonly (readonly [name: string, value: string])[] = [
    [t.step, `${formatNumber(stepsDone.value)} / ${formatNumber(totalSteps.value)}`],
    [t.epoch, `${formatNumber(epochs.value.length)} / ${formatNumber(running.value?.epochs ?? 0)}`],
    [t.loss, last ? formatFigure(last.loss, 4) : '–'],
    [t.speed, pace.value?.rate ? formatFigure(pace.value.rate) : '–'],
    [t.left, left === undefined ? '–' : formatTime(left)],
    [t.memory, pace.value ? formatBytes(pace.value.memory) : '–'],
    [t.saved, savedStep.value === undefined ? t.never : formatNumber(savedStep.value)],
  ];
  return (
    <dl class="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
