/**
 * @file Tables as text: columns of words, and of numbers that end below each other.
 */

/** A whole number in groups of three digits: `25,557,032`. */
export const count = (value: number): string => value.toLocaleString('en');

/**
 * Rows below their headings. Columns whose index is in `numbers` are aligned at the right, the others at the left; a line
 * stands below the headings and above the last `totals` rows.
 */
export function textTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { numbers, totals = 0 }: { readonly numbers: readonly number[]; readonly totals?: number },
): string {
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map((row) => row[i]!.length)));
  const write = (row: readonly string[]) =>
    row
      .map((word, i) => (numbers.includes(i) ? word.padStart(widths[i]!) : word.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  const lines = [write(headings), rule, ...rows.map(write)];
  if (totals > 0) lines.splice(lines.length - totals, 0, rule);
  return lines.join('\n');
}
