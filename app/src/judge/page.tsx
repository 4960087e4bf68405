/** @file The page Judge: what the trained model is worth on the photographs that it was validated on. */

import { useEffect } from 'preact/hooks';
import { text } from '../text/text.ts';
import { hasTrained, NeedsTraining } from '../train/needs-training.tsx';
import { lastStep } from '../train/state.ts';
import './judge.css';
import { Mistakes } from './mistakes.tsx';
import { SeveralClasses } from './several-classes.tsx';
import { failure, judged, judgeNow } from './state.ts';
import { TwoClasses } from './two-classes.tsx';

/** The page. */
export function Page() {
  const { shell } = text.value;
  return (
    <>
      <h1>{shell.tabs.judge}</h1>
      {hasTrained.value ? <Judging /> : <NeedsTraining />}
    </>
  );
}

function Judging() {
  const { judge, shell } = text.value;
  const found = judged.value;
  useEffect(() => {
    void judgeNow();
  }, [lastStep.value?.step]);
  if (failure.value) return <p class="problem">{shell.failed(failure.value)}</p>;
  if (!found) return <p role="status">{judge.judging}</p>;
  return (
    <>
      <p>{judge.about(found.evaluation.names.length, found.step)}</p>
      {found.judgement && <TwoClasses judged={found} judgement={found.judgement} />}
      {found.figures && <SeveralClasses figures={found.figures} />}
      <Mistakes classes={found.classes} />
      <p class="note">{judge.noAdvice}</p>
    </>
  );
}
