/**
 * @file The figures of an evaluation as tables for the terminal.
 */

import type { ClassesFigures } from '../judge/classes.ts';
import type { Judgement } from '../judge/judgement.ts';
import type { OperatingPoint } from '../judge/operating-point.ts';
import { textTable } from '../text-table.ts';

const fixed = (value: number, digits = 4) => (Number.isNaN(value) ? '–' : value.toFixed(digits));

/** Lines on predictions of two classes. */
export function judgementLines(judgement: Judgement): string[] {
  const { auc, precisionRecall, points, wantedSensitivity, calibration, scaled, temperature } = judgement;
  const row = (name: string, point: OperatingPoint) => [
    name,
    ...[point.threshold, point.sensitivity, point.specificity].map((value) => fixed(value)),
    ...[point.precision, point.f1, point.accuracy].map((value) => fixed(value)),
    `${point.truePositives} ${point.falsePositives} ${point.trueNegatives} ${point.falseNegatives}`,
  ];
  const confidence = `${Math.round(100 * auc.confidence)} %`;
  return [
    `AUC ${fixed(auc.value)} (${confidence} interval ${fixed(auc.low)} to ${fixed(auc.high)}), average precision ${fixed(precisionRecall.averagePrecision)}`,
    '',
    ...textTable(
      ['at', 'threshold', 'sensitivity', 'specificity', 'precision', 'F1', 'accuracy', 'TP FP TN FN'],
      [
        row('0.5', points.half),
        row('best Youden', points.youden),
        row(`sensitivity ${wantedSensitivity}`, points.sensitivity),
      ],
      { numbers: [1, 2, 3, 4, 5, 6, 7] },
    ).split('\n'),
    '',
    `Calibration error ${fixed(calibration.expectedCalibrationError)}, Brier score ${fixed(calibration.brier)}; ` +
      `at temperature ${fixed(temperature.temperature, 3)}, fitted here: ${fixed(scaled.expectedCalibrationError)}, ${fixed(scaled.brier)}`,
    ...subgroupLines(judgement),
  ];
}

function subgroupLines({ subgroups }: Judgement): string[] {
  if (subgroups.length === 0) return [];
  const rows = subgroups.map(({ group, samples, positives, ...figures }) => [
    ...[group, String(samples), String(positives)],
    ...[figures.auc, figures.sensitivity, figures.specificity, figures.accuracy].map((value) => fixed(value)),
  ]);
  const headings = ['group', 'photographs', 'positive', 'AUC', 'sensitivity', 'specificity', 'accuracy'];
  return ['', ...textTable(headings, rows, { numbers: [1, 2, 3, 4, 5, 6] }).split('\n')];
}

/** Lines on predictions of more classes. */
export function classesLines({ classes, macro, confusion }: ClassesFigures): string[] {
  const rows = classes.map(({ name, samples, precision, recall, f1, auc }) => {
    return [name, String(samples), fixed(precision), fixed(recall), fixed(f1), fixed(auc)];
  });
  const mean = [
    'mean over classes',
    '',
    ...[macro.precision, macro.recall, macro.f1, macro.auc].map((m) => fixed(m)),
  ];
  const names = classes.map(({ name }) => name);
  return [
    ...textTable(['class', 'photographs', 'precision', 'recall', 'F1', 'AUC'], [...rows, mean], {
      numbers: [1, 2, 3, 4, 5],
      totals: 1,
    }).split('\n'),
    '',
    ...textTable(
      ['is \\ taken for', ...names],
      confusion.map((row, label) => [names[label]!, ...row.map(String)]),
      { numbers: names.map((_, i) => i + 1) },
    ).split('\n'),
  ];
}
