/**
 * @file The page Train.
 */

import { useEffect } from 'preact/hooks';
import { summary } from '../data/state.ts';
import { Problem } from '../shell/problem.tsx';
import { text } from '../text/text.ts';
import { prepare } from './actions.ts';
import { Course } from './course.tsx';
import { Resumable } from './resumable.tsx';
import { SettingsForm } from './settings-form.tsx';
import { failure, phase } from './state.ts';
import './train.css';

/** The page. */
export function Page() {
  useEffect(() => void prepare(), []);
  return (
    <>
      <h1>{text.value.shell.tabs.train}</h1>
      <Problem failure={failure.value} />
      {phase.value === 'idle' ? (
        <>
          <Resumable />
          <Photographs />
          <SettingsForm />
        </>
      ) : (
        <Course />
      )}
    </>
  );
}

/** What there is to train on. */
function Photographs() {
  const t = text.value.train;
  const all = summary.value?.photographs ?? [];
  const training = all.filter(({ set }) => set === 'training').length;
  if (all.length > 0) return <p>{t.photographs(training, all.length - training)}</p>;
  return (
    <p>
      {t.noData} <a href="#data">{t.toData}</a>
    </p>
  );
}
