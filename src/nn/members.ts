/**
 * @file What an object holds: in its properties, and in the arrays and plain objects among them.
 */

import { isObject, isPlain } from '../arguments.ts';

/**
 * All objects of a class in the own properties of `owner`, and in arrays and plain objects of any depth, in order of
 * definition, with their paths: `conv`, `blocks.0`, `heads.mask`. Each array and plain object is looked into once. Private
 * fields (`#conv`) are not seen.
 */
export function* membersOf(
  owner: object,
  path = '',
  seen = new Set<object>(),
): Generator<[path: string, member: object]> {
  seen.add(owner);
  for (const [name, value] of Object.entries(owner) as [string, unknown][]) {
    if (!isObject(value)) continue;
    const place = joinNames(path, name);
    if (!Array.isArray(value) && !isPlain(value)) yield [place, value];
    else if (!seen.has(value)) yield* membersOf(value, place, seen);
  }
}

/** `path` with the longest part that `names` knows, up to a dot or the end, under the name it has there. */
export function renamed(path: string, names: Readonly<Record<string, string>>): string {
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
    const known = path.slice(0, end);
    if (Object.hasOwn(names, known)) return joinNames(names[known]!, path.slice(end + 1));
  }
  return path;
}

/** `outer.inner`, or `inner` where `outer` is the empty name. */
export function joinNames(outer: string, inner: string): string {
  return outer === '' ? inner : inner === '' ? outer : `${outer}.${inner}`;
}
