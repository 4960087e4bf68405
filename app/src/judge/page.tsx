/** @file The page Judge: what the trained model is worth on the photographs that it was validated on. */

import { useEffect } from 'preact/hooks';
import { Problem } from '../shell/problem.tsx';
import { text } from '../text/text.ts';
import { hasTrained, NeedsTraining } from '../train/needs-training.tsx';
import { shownModel } from '../train/shown-model.ts';
import { WhichModel } from '../train/which-model.tsx';
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
  const model = shownModel.value;
  useEffect(() => {
    void judgeNow();
  }, [model]);
  return (
    <>
      <WhichModel />
      <Judgement isChosen={model.which === 'best'} />
    </>
  );
}

/** @param isChosen whether the photographs chose the model themselves */
function Judgement({ isChosen }: { readonly isChosen: boolean }) {
  const { judge } = text.value;
  const found = judged.value;
  if (failure.value) return <Problem failure={failure.value} />;
  if (!found) return <p role="status">{judge.judging}</p>;
  return (
    <>
      <p>
        {judge.about(found.evaluation.names.length, found.step)}
        {isChosen ? ` ${judge.flattered}` : null}
      </p>
      {found.judgement && <TwoClasses judged={found} judgement={found.judgement} />}
      {found.figures && <SeveralClasses figures={found.figures} />}
      <Mistakes classes={found.classes} />
      <p class="note">{judge.noAdvice}</p>
    </>
  );
}
