/**
 * @file What is worth knowing about a training: slow steps and why, a device that was lost, photographs that were left out.
 */

import { Detail } from '../shell/problem.tsx';
import { formatTime } from '../text/quantities.ts';
import { text } from '../text/text.ts';
import { type Note, notes } from './state.ts';

/** The notes, the newest first. */
export function Notes() {
  if (notes.value.length === 0) return null;
  return (
    <section>
      <h2>{text.value.train.notes}</h2>
      <ul class="notes">
        {notes.value.toReversed().map((note, i) => (
          <li key={notes.value.length - i}>
            {sentenceOf(note)}
            {note.kind === 'unsaved' && <Detail text={note.reason} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function sentenceOf(note: Note): string {
  const t = text.value.train;
  switch (note.kind) {
    case 'slow': {
      const { step, seconds, usual, reason } = note.slow;
      return `${t.slow(step, formatTime(seconds), formatTime(usual))}: ${t.slowReasons[reason]}`;
    }
    case 'reopened':
      return t.reopened(note.reached, note.step);
    case 'unsaved':
      return t.unsaved;
    case 'notKept':
      return t.notKept;
    case 'corrupt':
      return t.corrupt(note.names.join(', '));
  }
}
