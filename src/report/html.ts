/**
 * @file Pieces of HTML that several sections of a report have.
 */

import { type Content, type Html, html } from '../html.ts';

/** A table; `numbers` are the columns that are aligned at the right. */
export function table(
  headings: readonly Content[],
  rows: readonly (readonly Content[])[],
  numbers: readonly number[] = headings.map((_, i) => i).slice(1),
): Html {
  const cell = (tag: 'th' | 'td', content: Content, i: number) => {
    const kind = numbers.includes(i) ? html` class="number"` : undefined;
    return tag === 'th' ? html`<th scope="col"${kind}>${content}</th>` : html`<td${kind}>${content}</td>`;
  };
  return html`<div class="wide"><table>
<thead><tr>${headings.map((heading, i) => cell('th', heading, i))}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((content, i) => cell('td', content, i))}</tr>\n`)}</tbody>
</table></div>`;
}

/** A share as a percentage of one decimal; a dash where it is not defined. */
export function percent(share: number): string {
  return Number.isNaN(share) ? '–' : `${(100 * share).toFixed(1)} %`;
}

/** A number with a fixed count of decimals; a dash where it is not defined. */
export function fixed(value: number, digits = 3): string {
  if (Number.isNaN(value)) return '–';
  return Number.isFinite(value) ? value.toFixed(digits) : '∞';
}

/** An entry of a legend: a dot of a colour of the page, and what it stands for. */
export function key(color: string, text: string): Html {
  return html`<span class="key" style="--color: ${color}">${text}</span>`;
}
