/** @file Finds the columns of a table by its header. */

import { check } from '../../errors.ts';
import { listed } from '../listed.ts';

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
