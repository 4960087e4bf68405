/** @file Finds the columns of a table by its header, and names things of it in messages. */

import { check } from '../../errors.ts';

/** How many names an error message gives, and how much of each. */
const NAMES_SHOWN = 5;
const CHARACTERS_SHOWN = 80;

/**
 * Which column of the table at `path` is called `column`, from 0.
 *
 * Throws 'bad-data' where none is, or several are.
 */
export function columnOf(column: string, header: readonly string[], path: string): number {
  const index = header.indexOf(column);
  check(index >= 0, 'bad-data', () => {
    const found = header.length > 0 ? listed(header) : 'no header at all';
    return `${path} has no column "${column}", but ${found}: name the column so in its first line.`;
  });
  check(header.lastIndexOf(column) === index, 'bad-data', () => {
    return `${path} has two columns "${column}": remove or rename one of them.`;
  });
  return index;
}

/** The first few of `names`, shortened. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map(shortened).join(', ');
  return names.length > NAMES_SHOWN ? `${shown}, …` : shown;
}

/** The beginning of a text. */
export function shortened(text: string): string {
  return text.length > CHARACTERS_SHOWN ? `${text.slice(0, CHARACTERS_SHOWN)}…` : text;
}
