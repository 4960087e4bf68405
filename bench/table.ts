/**
 * @file Results as tables of text.
 */

import type { Results, Row } from './results.ts';

type Line = readonly string[];

/** Four significant digits at most, whole numbers whole. */
function format(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  return Number.isInteger(value) || value >= 1000 ? value.toFixed(0) : `${Number(value.toPrecision(4))}`;
}

/** Lines under a heading, in columns: the first flush left, the others flush right. */
export function formatLines(lines: readonly Line[]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

/** All rows with all their figures. */
export function formatResults({ rows }: Results): string {
  const headings = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
  const lines = rows.map(({ name, milliseconds, figures }) => [
    name,
    format(milliseconds),
    ...headings.map((heading) => format(figures[heading])),
  ]);
  return formatLines([['', 'ms', ...headings], ...lines]);
}

/** Times side by side, for the rows that both runs have. A ratio above 1 says that `after` is faster. */
export function formatComparison(before: Results, after: Results): string {
  const earlier = new Map(before.rows.map((row) => [row.name, row]));
  const lines = after.rows.flatMap((row) => {
    const old = earlier.get(row.name);
    return old?.milliseconds && row.milliseconds ? [comparisonLine(old, row)] : [];
  });
  const key = [before, after].map(
    ({ adapter, cpu, date }, i) => `${['before', 'after'][i]}: ${adapter}, ${cpu}, ${date}`,
  );
  return [...key, formatLines([['', 'before ms', 'after ms', 'before/after'], ...lines])].join('\n');
}

function comparisonLine(before: Row, after: Row): Line {
  const ratio = before.milliseconds! / after.milliseconds!;
  return [after.name, format(before.milliseconds), format(after.milliseconds), ratio.toFixed(2)];
}
