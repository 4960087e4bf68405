/**
 * @file Checks what was read from JSON against a schema.
 *
 * Each part of a schema has a message that completes "… is 5, not …".
 */

import * as v from 'valibot';
import type { Rule } from '../arguments.ts';
import { FoveaError } from '../errors.ts';

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER) {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  const expected = `a whole number ${range}`;
  return v.pipe(
    v.number(expected),
    v.safeInteger(expected),
    v.minValue(least, expected),
    v.maxValue(most, expected),
  );
}

/** One of `values`. */
export function oneOf<const T extends string | number>(values: readonly T[]) {
  return v.picklist(values, values.join(' or '));
}

/** An object with at least the keys of `entries`. */
export function record<const T extends v.ObjectEntries>(entries: T) {
  return v.looseObject(entries, 'an object');
}

/** An object with the keys of `entries` and no others. */
export function exactRecord<const T extends v.ObjectEntries>(entries: T) {
  return v.strictObject(entries, 'an object');
}

/**
 * `value`, if it is as `schema` says. Throws 'bad-file' where it is not, naming `what` was read, the key, what stands there and
 * what should.
 */
export function validated<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  what: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  // As it stands: the output would have its keys in the schema's order.
  if (result.success) return value as v.InferOutput<S>;
  const [issue] = result.issues;
  throw new FoveaError('bad-file', `${what}: ${describe(issue)}.`);
}

/** What `schema` says as a rule for arguments; `words` name it. */
export function ruleOf(schema: v.GenericSchema, words: string): Rule {
  return { holds: (value) => v.is(schema, value), words };
}

function describe(issue: v.BaseIssue<unknown>): string {
  const { expected, message } = issue;
  // JSON has no NaN: it is how numbers that are null were read.
  const received = issue.received === 'NaN' ? 'null' : issue.received;
  const key = v.getDotPath(issue);
  if (key === null) return `it is ${received}, not ${message}`;
  if (expected === 'never') return `"${key}" is no key that is known here: remove it`;
  return received === 'undefined' ? `"${key}" is missing` : `"${key}" is ${received}, not ${message}`;
}
