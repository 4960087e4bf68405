/**
 * @file The sections on predictions of more than two classes.
 */

import { counted } from '../counted.ts';
import { type Html, html } from '../html.ts';
import type { ClassesFigures } from '../judge/classes.ts';
import { fixed, percent, table } from './html.ts';

/** The figures at the top, and the sections below. */
export function severalClasses(
  { accuracy, macro, classes, confusion }: ClassesFigures,
  samples: number,
  names: readonly string[],
): Html {
  return html`<div class="tiles">
<div class="tile"><span>AUC</span><b>${fixed(macro.auc)}</b><span>mean over classes, each against the rest</span></div>
<div class="tile"><span>Accuracy</span><b>${percent(accuracy)}</b><span>of ${counted(samples, 'photograph')}</span></div>
<div class="tile"><span>Recall</span><b>${percent(macro.recall)}</b><span>mean over classes</span></div>
<div class="tile"><span>F1</span><b>${fixed(macro.f1)}</b><span>mean over classes</span></div>
</div>
<section><h2>By class</h2>
${table(
  ['Class', 'Photographs', 'Precision', 'Recall', 'F1', 'AUC, against the rest'],
  classes.map(({ name, samples, precision, recall, f1, auc }) => {
    return [name, samples, percent(precision), percent(recall), fixed(f1), fixed(auc)];
  }),
)}
<h3>Confusion</h3>
${table(
  ['is', ...names.map((name) => `taken for ${name}`)],
  confusion.map((row, label) => [names[label], ...row]),
)}</section>`;
}
