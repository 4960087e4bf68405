/**
 * @file `classification_results.csv`, as iChallenge-PM takes results.
 *
 *     FileName,PM Risk
 *     V0001.jpg,0.0123
 *
 * "The first column corresponding to the filename of the test fundus image (including the extension .jpg) and the second column
 * containing the estimated classification probability" (IEEE DataPort, PALM challenge, task 1). The headings are those of the
 * challenge's later edition at AI Studio.
 */

import type { Prediction } from '../train/inference.ts';

/** The table: of more than two classes, a column of probabilities for each. */
export function challengeCsv(
  { names, probabilities, classDim }: Prediction,
  classes: readonly string[],
): string {
  const headings = classDim === 1 ? ['PM Risk'] : classes;
  const rows = names.map((name, i) => [name, ...probabilities.subarray(i * classDim, (i + 1) * classDim)]);
  return [['FileName', ...headings], ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}

/** RFC 4180: quoted where it must be. */
function cell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
