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

/** The bytes of a file as an address that holds them: `type` is such as 'image/png'. */
export function dataAddress(type: string, bytes: Uint8Array): string {
  let text = '';
  // A call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 0x2000)
    text += String.fromCharCode(...bytes.subarray(at, at + 0x2000));
  return `data:${type};base64,${btoa(text)}`;
}

function markupOf(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Html) return content.markup;
  if (typeof content === 'object') return content.map(markupOf).join('');
  return escaped(String(content));
}
