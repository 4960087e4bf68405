/**
 * @file What is in data sets, as lines of text.
 */

import { counted } from '../../counted.ts';
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
      ? [
          `${counted(across, 'picture lies', 'pictures lie')} in more than one set: validation measures some of what was trained on.`,
        ]
      : []),
    ...(contradicting > 0
      ? [`${counted(contradicting, 'picture is', 'pictures are')} said to be of different classes.`]
      : []),
    ...(problems.length > 0
      ? [`${counted(problems.length, 'problem')} in tables, which training refuses.`]
      : []),
  ];
}

function setLines(set: SetReport, classes: readonly string[]): string[] {
  const { name, photographs, counts, sizes, unreadable, unlabelled, passedOver } = set;
  const shown = sizes.slice(0, SHOWN).map((size) => {
    const total = size.counts.reduce((sum, count) => sum + count, 0);
    return `${size.width}×${size.height} ${total} (${countsLine(size.counts, classes)})`;
  });
  const others = sizes.length > SHOWN ? `; ${counted(sizes.length - SHOWN, 'other size')}` : '';
  return [
    `${name}: ${counted(photographs, 'photograph')}: ${countsLine(counts, classes)}; ${counted(passedOver.length, 'other file')} ignored`,
    `${name}, sizes: ${shown.join('; ')}${others}`,
    ...(unlabelled.length > 0
      ? [`${name}: ${counted(unlabelled.length, 'image has', 'images have')} no class: ${listed(unlabelled)}`]
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
    ...(unreadable.length > 0
      ? [`${counted(unreadable.length, 'photograph')} of ${name} cannot be read.`]
      : []),
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
