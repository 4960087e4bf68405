/**
 * @file HTML in which nothing that comes from files can be taken for markup.
 */

/** A piece of HTML, as opposed to a text that is still to be escaped. */
export class Html {
  constructor(
    /** The markup. */
    readonly markup: string,
  ) {}
}

/** What may stand in a template: texts and numbers are escaped, pieces of HTML are not. */
export type Content = Html | string | number | undefined | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * What does not show, and could reverse the order of the letters around it or hide some: controls, marks of direction, invisible
 * separators. They are shown by their code.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** `text` as it can stand between tags and in quoted attributes. */
export function escaped(text: string): string {
  const visible = text.replaceAll(INVISIBLE, (character) => {
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
  return visible.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** A piece of HTML: `` html`<b>${name}</b>` ``. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(strings.map((text, i) => text + (i < values.length ? markupOf(values[i]) : '')).join(''));
}

function markupOf(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Html) return content.markup;
  if (typeof content === 'object') return content.map(markupOf).join('');
  return escaped(String(content));
}

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
