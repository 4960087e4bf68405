/**
 * @file The section on the course of a training.
 */

import { type Html, html } from '../html.ts';
import type { MetricsLine } from '../train/metrics-log.ts';
import { type BestBy, bestEpoch } from '../train/progress.ts';
import type { Charts, Point } from './charts.ts';
import { FIGURE_NAMES } from './content.ts';
import { fixed, key, percent, table } from './html.ts';

/** A batch's loss is noise; this many stretches of them have a mean each. */
const STRETCHES = 60;

/** Curves and a table of the epochs; nothing where there is neither. */
export function course(charts: Charts, lines: readonly MetricsLine[], bestBy?: BestBy): Html | undefined {
  const steps = lines.filter((line) => line.kind === 'step');
  const epochs = lines.filter((line) => line.kind === 'epoch');
  if (lines.length === 0) return undefined;
  const ofSteps = (figure: 'loss' | 'learningRate') =>
    steps.map((line) => ({ x: line.step, y: line[figure] }));
  const ofEpochs = (figure: 'loss' | 'accuracy' | 'auc') =>
    epochs.map((line) => ({ x: line.step, y: line.validation[figure] }));
  const [cool, warm, calm] = ['var(--cool)', 'var(--warm)', 'var(--calm)'] as const;
  const each = ofSteps('loss');
  return html`<section><h2>The course of the training</h2>
<div class="charts">
<figure><h3>Loss</h3>${charts.course('loss', [
    { points: each, color: cool, faint: true },
    { points: means(each), color: cool },
    { points: ofEpochs('loss'), color: warm, dots: true },
  ])}<figcaption>${key(cool, 'training, each step and its mean')} ${key(warm, 'validation')}</figcaption></figure>
<figure><h3>Accuracy and AUC</h3>${charts.course('share', [
    { points: ofEpochs('accuracy'), color: warm, dots: true },
    { points: ofEpochs('auc'), color: calm, dots: true },
  ])}<figcaption>On the validation photographs: ${key(warm, 'accuracy')} ${key(calm, 'AUC')}</figcaption></figure>
<figure><h3>Learning rate</h3>${charts.course('rate', [{ points: ofSteps('learningRate'), color: cool }], { y: { zero: true } })}
<figcaption>What each step used.</figcaption></figure>
</div>
${epochTable(epochs, bestBy)}</section>`;
}

function epochTable(epochs: readonly Extract<MetricsLine, { kind: 'epoch' }>[], bestBy?: BestBy) {
  if (epochs.length === 0) return undefined;
  const best = bestEpoch(epochs, bestBy);
  const rows = epochs.map(({ epoch, step, training, validation }, i) => [
    html`${epoch + 1}${i === best ? html`&nbsp;<b>best</b>` : undefined}`,
    step,
    fixed(training.loss, 4),
    fixed(validation.loss, 4),
    percent(validation.weightedAccuracy),
    fixed(validation.auc, 4),
  ]);
  const headings = ['Epoch', 'Steps', 'Training loss', 'Validation loss', 'Accuracy', 'AUC'];
  return html`${table(headings, rows)}
<p class="note">The best epoch is the first with the best validation ${FIGURE_NAMES[bestBy ?? 'accuracy']}. The validation photographs chose it, so their figures flatter it; those of the last epoch were chosen by nothing.</p>`;
}

/** The means of stretches of points. */
function means(points: readonly Point[]): Point[] {
  const length = Math.max(1, Math.ceil(points.length / STRETCHES));
  const stretches = Math.ceil(points.length / length);
  return Array.from({ length: stretches }, (_, i) => {
    const stretch = points.slice(i * length, (i + 1) * length);
    const mean = (figure: 'x' | 'y') =>
      stretch.reduce((sum, point) => sum + point[figure], 0) / stretch.length;
    return { x: mean('x'), y: mean('y') };
  });
}
