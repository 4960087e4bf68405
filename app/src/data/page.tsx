/**
 * @file The page Data: what is learnt from.
 */

import { Detail, Problem } from '../shell/problem.tsx';
import { text } from '../text/text.ts';
import { Chooser } from './chooser.tsx';
import './data.css';
import { Findings } from './findings.tsx';
import { LayoutChoice } from './layout-choice.tsx';
import { busy, check, DRAWN, damaged, failure, hasData, summary } from './state.ts';
import { Thumbnails } from './thumbnails.tsx';

/** The page. */
export function Page() {
  const t = text.value.data;
  const found = summary.value;
  return (
    <>
      <h1>{text.value.shell.tabs.data}</h1>
      <p>{t.intro}</p>
      <Chooser />
      <p role="status">{statusText()}</p>
      <Problem failure={failure.value} />
      <LayoutChoice />
      {found ? <Findings found={found} /> : null}
      {found && hasData.value ? (
        <>
          <Damaged />
          <div class="actions">
            <a class="button primary" href="#train">
              {t.next}
            </a>
            <button type="button" disabled={busy.value !== undefined} onClick={() => void check()}>
              {t.check}
            </button>
          </div>
          <Thumbnails found={found} />
        </>
      ) : null}
    </>
  );
}

function statusText(): string {
  const t = text.value.data;
  const now = busy.value;
  if (!now) return '';
  if (now.what === 'reading') return t.reading;
  if (now.what === 'drawing') return t.drawing(now.done, DRAWN.training + DRAWN.validation + 1);
  return t.checking(now.done, summary.value?.photographs.length ?? 0);
}

/** What came of looking for damaged photographs. */
function Damaged() {
  const t = text.value.data;
  const found = damaged.value;
  if (!found) return null;
  if (found.length === 0) return <p class="note">{t.sound}</p>;
  return (
    <details class="problem">
      <summary>{t.damaged(found.length)}</summary>
      <ul>
        {found.map(({ name, reason }) => (
          <li key={name}>
            {name}
            <Detail text={reason} />
          </li>
        ))}
      </ul>
    </details>
  );
}
