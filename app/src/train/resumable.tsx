/**
 * @file The offer to resume a training that was kept when the tab was closed or crashed.
 */

import { hasData } from '../data/state.ts';
import { formatNumber, formatWhen, text } from '../text/text.ts';
import { forget, resume } from './actions.ts';
import { resumable } from './state.ts';

/** The offer, if there is such a training. */
export function Resumable() {
  const kept = resumable.value;
  if (!kept) return null;
  const t = text.value.train;
  const { step, epoch, saved, hasPhotographs } = kept;
  return (
    <section class="note">
      <h2>{t.resumeTitle}</h2>
      <p>
        {step > 0
          ? t.resumeText(formatNumber(step), epoch + 1, formatWhen(saved))
          : t.resumeBegun(formatWhen(saved))}
      </p>
      {hasPhotographs ? null : <p>{t.resumeWithout}</p>}
      <div class="actions">
        <button
          type="button"
          class="primary"
          disabled={!hasPhotographs && !hasData.value}
          onClick={() => void resume()}
        >
          {t.resume}
        </button>
        <button type="button" onClick={() => void forget()}>
          {t.forget}
        </button>
      </div>
    </section>
  );
}
