/**
 * @file What is in data sets, as lines of text.
 */

import { type DataReport, type SetReport, sameLine } from '../../data/inspect/inspect.ts';
import { listed } from '../../data/listed.ts';
import type { TableProblem } from './sets-to-inspect.ts';

/** How many sizes a line gives. */
const SHOWN = 5;

/** All that was found; `warnings` come last. */
export function reportLines(
  report: DataReport,
  problems: readonly TableProblem[],
  warnings: readonly string[],
): string[] {
  const { classes, sets, identical, similar } = report;
  return [
    ...sets.flatMap((set) => setLines(set, classes)),
    ...identical.map((group) => `Byte-identical: ${sameLine(group)}`),
    ...similar.map((group) => `Near-identical: ${sameLine(group)}`),
    ...problems.map(({ table, row, problem }) =>
      row === undefined ? problem : `${table}, row ${row}: ${problem}`,
    ),
    ...warnings.map((warning) => `Warning: ${warning}`),
  ];
}

/** What may spoil a training or its judgement, in sentences. */
export function warningsOf(
  { classes, sets, identical, similar }: DataReport,
  problems: readonly TableProblem[],
): string[] {
  const same = [...identical, ...similar];
  const across = same.filter(({ acrossSets }) => acrossSets).length;
  const contradicting = same.filter(({ differentClasses }) => differentClasses).length;
  return [
    ...sets.flatMap((set) => setWarnings(set, classes)),
    ...(across > 0
      ? [`${across} pictures lie in more than one set: validation measures some of what was trained on.`]
      : []),
    ...(contradicting > 0 ? [`${contradicting} pictures are said to be of different classes.`] : []),
    ...(problems.length > 0 ? [`${problems.length} problems in tables: training refuses them.`] : []),
  ];
}

function setLines(set: SetReport, classes: readonly string[]): string[] {
  const { name, photographs, counts, sizes, unreadable, unlabelled, passedOver } = set;
  const shown = sizes.slice(0, SHOWN).map((size) => {
    const total = size.counts.reduce((sum, count) => sum + count, 0);
    return `${size.width}×${size.height} ${total} (${countsLine(size.counts, classes)})`;
  });
  const others = sizes.length > SHOWN ? `; ${sizes.length - SHOWN} other sizes` : '';
  return [
    `${name}: ${photographs} photographs: ${countsLine(counts, classes)}; ${passedOver.length} other files ignored`,
    `${name}, sizes: ${shown.join('; ')}${others}`,
    ...(unlabelled.length > 0
      ? [`${name}: ${unlabelled.length} images have no class: ${listed(unlabelled)}`]
      : []),
    ...unreadable.map(({ name: file, reason }) => `${name}, unreadable: ${file}: ${reason}`),
  ];
}

function setWarnings(
  { name, counts, sizeRule, unreadable }: SetReport,
  classes: readonly string[],
): string[] {
  const missing = classes.filter((_, label) => counts[label] === 0);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return [
    ...(missing.length > 0 ? [`${name} has no photograph of ${listed(missing)}.`] : []),
    ...(unreadable.length > 0 ? [`${unreadable.length} photographs of ${name} cannot be read.`] : []),
    ...(sizeRule.givesAway
      ? [
          `in ${name}, size gives the class away: it alone tells the class of ${percent(sizeRule.bySize)} of the photographs, ` +
            `where the commonest class has ${percent(sizeRule.byCommonest)}. A network may learn the camera.`,
        ]
      : []),
  ];
}

function countsLine(counts: readonly number[], classes: readonly string[]): string {
  return counts.map((count, label) => `${count} ${classes[label]}`).join(', ');
}
