/**
 * @file The sections on predictions of two classes.
 */

import { counted } from '../counted.ts';
import { type Html, html } from '../html.ts';
import type { Judgement } from '../judge/judgement.ts';
import type { OperatingPoint } from '../judge/operating-point.ts';
import type { Subgroup } from '../judge/subgroups.ts';
import type { Charts } from './charts.ts';
import type { ReportedPredictions } from './content.ts';
import { fixed, key, percent, table } from './html.ts';

const HALF = 'var(--warm)';
const YOUDEN = 'var(--calm)';
const SENSITIVE = 'var(--violet)';

/** The figures at the top, and the sections below. */
export function twoClasses(
  charts: Charts,
  predictions: ReportedPredictions,
  judgement: Judgement,
  names: readonly string[],
): Html {
  return html`${tiles(judgement)}
<section><h2>How well it tells them apart</h2>
<div class="charts">${curves(charts, judgement)}${distribution(charts, predictions, names)}${confusionMatrix(judgement.points.half, names)}</div>
${operatingPoints(judgement)}</section>
${calibration(charts, judgement)}${subgroups(judgement.subgroups)}`;
}

function tiles({ auc, points: { half }, samples, positives }: Judgement): Html {
  const interval = Number.isNaN(auc.low)
    ? 'not defined with one class'
    : `${Math.round(100 * auc.confidence)} % interval ${fixed(auc.low)} to ${fixed(auc.high)}`;
  return html`<div class="tiles">
<div class="tile"><span>AUC</span><b>${fixed(auc.value)}</b><span>${interval}</span></div>
<div class="tile"><span>Sensitivity</span><b>${percent(half.sensitivity)}</b><span>${half.truePositives} of ${positives} found at 0.5</span></div>
<div class="tile"><span>Specificity</span><b>${percent(half.specificity)}</b><span>${half.trueNegatives} of ${samples - positives} cleared at 0.5</span></div>
<div class="tile"><span>Accuracy</span><b>${percent(half.accuracy)}</b><span>of ${counted(samples, 'photograph')}</span></div>
</div>`;
}

function curves(charts: Charts, { roc, precisionRecall, points, positives, samples, ...rest }: Judgement) {
  const marks = [
    [points.half, HALF],
    [points.youden, YOUDEN],
    [points.sensitivity, SENSITIVE],
  ] as const;
  const shown = marks
    .map(([{ sensitivity, specificity }, color]) => ({ x: 1 - specificity, y: sensitivity, color }))
    .filter(({ x, y }) => Number.isFinite(x + y));
  return html`<figure><h3>ROC curve</h3>${charts.roc(roc, shown)}
<figcaption>Area ${fixed(rest.auc.value)}. ${key(HALF, 'at 0.5')} ${key(YOUDEN, 'best Youden index')} ${key(SENSITIVE, `sensitivity of ${percent(rest.wantedSensitivity)}`)}</figcaption></figure>
<figure><h3>Precision and recall</h3>${charts.precisionRecall(precisionRecall, positives / samples)}
<figcaption>Average precision ${fixed(precisionRecall.averagePrecision)}. The dashed line is the share of positives, ${percent(positives / samples)}: what guessing would reach.</figcaption></figure>`;
}

function distribution(
  charts: Charts,
  { probabilities, labels }: ReportedPredictions,
  names: readonly string[],
): Html {
  return html`<figure><h3>What was predicted</h3>${charts.distribution(probabilities, labels)}
<figcaption>Photographs by the probability of “${names[1]}”: ${key('var(--cool)', names[0]!)} ${key('var(--warm)', names[1]!)}</figcaption></figure>`;
}

function operatingPoints({ points, wantedSensitivity }: Judgement): Html {
  const row = (name: string, color: string, point: OperatingPoint) => [
    key(color, name),
    fixed(point.threshold),
    percent(point.sensitivity),
    percent(point.specificity),
    percent(point.precision),
    percent(point.negativePredictiveValue),
    fixed(point.f1),
    percent(point.accuracy),
  ];
  return html`<h3>Thresholds</h3>
${table(
  [
    '',
    'Threshold',
    'Sensitivity',
    'Specificity',
    'Positive predictive value',
    'Negative predictive value',
    'F1',
    'Accuracy',
  ],
  [
    row('at 0.5', HALF, points.half),
    row('best Youden index', YOUDEN, points.youden),
    row(`sensitivity of ${percent(wantedSensitivity)}`, SENSITIVE, points.sensitivity),
  ],
)}
<p class="note">The last two thresholds were chosen on these very photographs: on others they will do somewhat worse. Predictive values hold where the disease is as frequent as here.</p>`;
}

function confusionMatrix(point: OperatingPoint, names: readonly string[]): Html {
  return html`<figure><h3>Confusion at 0.5</h3>
${table(
  ['is', ...names.map((name) => `taken for ${name}`)],
  [
    [names[0], point.trueNegatives, point.falsePositives],
    [names[1], point.falseNegatives, point.truePositives],
  ],
)}
<figcaption>Counts of photographs. A probability of exactly 0.5 counts as ${names[0]}.</figcaption></figure>`;
}

function calibration(charts: Charts, { calibration, scaled, temperature }: Judgement): Html {
  const row = (name: Html, { expectedCalibrationError, brier }: Judgement['calibration'], loss: number) => [
    name,
    fixed(expectedCalibrationError),
    fixed(brier),
    fixed(loss),
  ];
  const before = key('var(--cool)', 'as predicted');
  const after = key('var(--warm)', `logits divided by ${fixed(temperature.temperature, 2)}`);
  return html`<section><h2>Whether its probabilities mean what they say</h2>
<div class="charts"><figure><h3>Calibration</h3>${charts.reliability(calibration, scaled)}
<figcaption>${before} ${after}<br>On the dashed line, of photographs given 0.8 four in five are positive. Circles are as large as they hold photographs.</figcaption></figure>
<div>${table(
    ['', 'Calibration error', 'Brier score', 'Loss'],
    [row(before, calibration, temperature.lossBefore), row(after, scaled, temperature.lossAfter)],
  )}
<p class="note">The temperature was fitted on these very photographs, so the second row is better than it would be on others. It changes no order: AUC and curves stay. A temperature above 1 means that the model is too sure of itself.</p></div></div></section>`;
}

function subgroups(groups: readonly Subgroup[]): Html | undefined {
  if (groups.length === 0) return undefined;
  return html`<section><h2>By group</h2>
${table(
  ['Group', 'Photographs', 'Positive', 'AUC', 'Sensitivity', 'Specificity', 'Accuracy'],
  groups.map((group) => [
    ...[group.group, group.samples, group.positives, fixed(group.auc)],
    ...[percent(group.sensitivity), percent(group.specificity), percent(group.accuracy)],
  ]),
)}
<p class="note">At 0.5. A figure that needs a class which the group lacks is left open.</p></section>`;
}
