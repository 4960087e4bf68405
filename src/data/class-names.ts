/** @file The names of classes: found in the data, told apart, put in order. */

import { check } from '../errors.ts';
import { listed } from './listed.ts';

/**
 * The names of the classes in the order of their labels: sorted, as numbers where all are whole numbers. `place` is where they
 * were found, for messages.
 *
 * Throws 'bad-data' where there are fewer than two, and where two differ by case or spaces alone.
 */
export function orderedClasses(names: Iterable<string>, place: string): string[] {
  const classes = [...new Set(names)];
  checkTold(classes, place);
  check(classes.length >= 2, 'bad-data', () => {
    const found = classes.length === 0 ? 'no class' : `one class, ${listed(classes)}`;
    return `${place} has ${found}: there is nothing to tell apart.`;
  });
  const numbers = classes.every((name) => /^\d{1,15}$/.test(name));
  return numbers ? classes.sort((a, b) => Number(a) - Number(b)) : classes.sort();
}

/** Throws 'bad-data' where two of `classes` differ by case or spaces alone. */
function checkTold(classes: readonly string[], place: string): void {
  const seen = new Map<string, string>();
  for (const name of [...classes].sort()) {
    const same = seen.get(plain(name));
    check(same === undefined, 'bad-data', () => {
      return `${place} has classes "${same}" and "${name}", which differ by case or spaces alone: give both the same name if they are one class, clearer names if not.`;
    });
    seen.set(plain(name), name);
  }
}

/** A name without what is easily mistyped. */
const plain = (name: string): string => name.normalize('NFKC').replaceAll(/\s+/g, ' ').trim().toLowerCase();

/** The label of class `name`. Throws 'bad-data' where it is none of `classes`. */
export function labelOf(name: string, classes: readonly string[], place: string): number {
  const label = classes.indexOf(name);
  check(label >= 0, 'bad-data', () => {
    return `${place} is of class "${name}", which is none of ${listed(classes)}: rename it, or leave it out.`;
  });
  return label;
}
