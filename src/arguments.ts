/**
 * @file What callers may pass: rules for values, tables of them for options, and how a value is named in a message.
 *
 * TypeScript checks types where it is used; these checks are for plain JavaScript and for what types cannot say.
 */

import { FoveaError } from './errors.ts';

/** What a value must be. */
export interface Rule {
  /** Whether a value is one. */
  readonly holds: (value: unknown) => boolean;
  /** It must be …: `a whole number of at least 1`. */
  readonly words: string;
  /** Whether an option with this rule must be given. */
  readonly required?: boolean;
}

/** A rule of an option that must be given. */
export type RequiredRule = Rule & {
  /** Given by `required`. */
  readonly required: true;
};

/** A rule for each option of `T`; `required` for those that are not optional. */
export type OptionRules<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? Rule : RequiredRule;
};

/** Throws 'invalid-argument', naming `what`, unless `rule` holds for `value`. */
export function checkArgument(what: string, value: unknown, rule: Rule): void {
  if (!rule.holds(value)) refuse(what, value, rule);
}

/** As {@link checkOptions}, for data that may have more to it than `rules` tell of. */
export function checkProperties<T>(what: string, value: unknown, rules: OptionRules<T>): void {
  if (!isObject(value)) refuse(what, value, optionsOf(rules));
  const properties = value as Record<string, unknown>;
  for (const [name, rule] of Object.entries<Rule>(rules)) {
    const property = properties[name];
    if (rule.required ? !rule.holds(property) : property !== undefined && !rule.holds(property))
      refuse(`${name} of ${what}`, property, rule);
  }
}

/**
 * Throws 'invalid-argument' unless `options` is an object that has no options but those of `rules`, all that are required,
 * and the rule of each holds. An option that is undefined counts as left out.
 */
export function checkOptions<T>(what: string, options: unknown, rules: OptionRules<T>): void {
  if (!isObject(options)) refuse(`the options of ${what}`, options, optionsOf(rules));
  const given = options as Record<string, unknown>;
  const known = rules as Readonly<Record<string, Rule>>;
  for (const name in given) {
    if (given[name] === undefined) continue;
    if (!Object.hasOwn(known, name)) refuseOption(what, name, options, rules);
    if (!known[name]!.holds(given[name])) refuse(`${name} of ${what}`, given[name], known[name]!);
  }
  const names = requiredOf(known);
  for (const name of names)
    if (given[name] === undefined) refuse(`${name} of ${what}`, undefined, known[name]!);
  // A promise, an array, a tensor: nothing of it is an option, so that nothing above has refused it.
  if (
    names.length === 0 &&
    !isPlain(options) &&
    Object.keys(known).every((name) => given[name] === undefined)
  )
    refuseKind(what, options, rules);
}

/** The names of the options that must be given, by the table: every op asks for them. */
const requiredNames = new WeakMap<object, readonly string[]>();

function requiredOf(rules: Readonly<Record<string, Rule>>): readonly string[] {
  let names = requiredNames.get(rules);
  if (!names) {
    names = Object.keys(rules).filter((name) => rules[name]!.required);
    requiredNames.set(rules, names);
  }
  return names;
}

function refuse(what: string, value: unknown, { words }: Rule): never {
  throw new FoveaError(
    'invalid-argument',
    `${what} is ${describe(value)}: it must be ${words}${hint(value)}`,
  );
}

function refuseOption(what: string, name: string, options: object, rules: object): never {
  if (!isPlain(options)) refuseKind(what, options, rules);
  const names = Object.keys(rules);
  const plain = (text: string) => text.replaceAll('_', '').toLowerCase();
  const begins = (text: string, start: string) => start !== '' && plain(text).startsWith(plain(start));
  const meant = names.find((known) => begins(name, known)) ?? names.find((known) => begins(known, name));
  throw new FoveaError(
    'invalid-argument',
    `${what} has no option ${name}${meant ? `, did you mean ${meant}?` : ''}: its options are ${names.join(', ')}`,
  );
}

function refuseKind(what: string, options: object, rules: object): never {
  throw new FoveaError(
    'invalid-argument',
    `${what} takes options {${Object.keys(rules).join(', ')}}, got ${describe(options)}${hint(options)}`,
  );
}

/** What helps with a mistake that is often made. */
function hint(value: unknown): string {
  return isObject(value) && 'then' in value ? '; await the promise first' : '';
}

/** A value in a message: `'bgr'`, `NaN`, `an array of 3`, `a Tensor`. */
export function describe(value: unknown): string {
  if (typeof value === 'string') {
    const escaped = JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    return `'${escaped.slice(1, -1)}'`;
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function' && !isObject(value)) return 'a function';
  if (Array.isArray(value))
    return value.length > 8 ? `an array of ${value.length}` : `[${Array.from(value, inArray).join(', ')}]`;
  if (!isObject(value)) return String(value);
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  if (typeof name !== 'string' || name === 'Object' || name === '') return 'an object';
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}

const inArray = (value: unknown): string =>
  Array.isArray(value) ? `an array of ${value.length}` : describe(value);

/** As `rule`, for an option that must be given. */
export const required = (rule: Rule): RequiredRule => ({ ...rule, required: true });

/** Whether a value has properties to ask for: objects, those that can be called (modules) too, but no functions. */
export const isObject = (value: unknown): value is object =>
  typeof value === 'function' ? !(value instanceof Function) : typeof value === 'object' && value !== null;

/** Whether an object is of no class: `{ … }`, of another window's too. */
export function isPlain(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const optionsOf = (rules: object): Rule => ({
  holds: isObject,
  words: `an object {${Object.keys(rules).join(', ')}}`,
});

/** Any number, NaN and the infinite ones too. */
export const NUMBER: Rule = { holds: (value) => typeof value === 'number', words: 'a number' };
/** Neither NaN nor infinite. */
export const FINITE: Rule = { holds: Number.isFinite, words: 'a finite number' };
export const BOOLEAN: Rule = { holds: (value) => typeof value === 'boolean', words: 'true or false' };
export const STRING: Rule = { holds: (value) => typeof value === 'string', words: 'a string' };
export const FUNCTION: Rule = { holds: (value) => typeof value === 'function', words: 'a function' };
export const ARRAY: Rule = { holds: Array.isArray, words: 'an array' };
export const OBJECT: Rule = { holds: isObject, words: 'an object' };

/** Bytes, as a file or a canvas gives them. */
export const BYTES: Rule = instanceOf(Uint8Array, 'a Uint8Array');

/** Values of type f32 on the host. */
export const FLOATS: Rule = instanceOf(Float32Array, 'a Float32Array');

/** Where a file or a folder lies. */
export const PATH: Rule = {
  holds: (value) => typeof value === 'string' && value !== '',
  words: 'the path of a file or folder, a string (fileURLToPath() makes one of a URL)',
};

/** What is used of an `AbortSignal`, which is a name of DOM's or Node's types and there are other makes of. */
export interface StopSignal {
  /** Whether it was aborted. */
  readonly aborted: boolean;
  /** Throws the reason if it was. */
  throwIfAborted(): void;
}

/** A {@link StopSignal}. */
export const SIGNAL: Rule = {
  holds: (value) =>
    isObject(value) &&
    typeof (value as StopSignal).aborted === 'boolean' &&
    typeof (value as StopSignal).throwIfAborted === 'function',
  words: 'an AbortSignal, such as new AbortController().signal',
};

/** Numbers in a list: an array or a typed array. */
export const NUMBERS: Rule = {
  holds: (value) => Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value),
  words: 'an array of numbers',
};

/** A number above 0, the infinite one too. */
export const POSITIVE: Rule = {
  holds: (value) => typeof value === 'number' && value > 0,
  words: 'a number above 0',
};

/** A seed of `Random`: 32 bits. */
export const SEED: Rule = whole(0, 2 ** 32 - 1);

/** A whole number from `least` to `most`. */
export function whole(least: number, most = Number.POSITIVE_INFINITY): Rule {
  return {
    holds: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
    words: `a whole number ${most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`}`,
  };
}

/** A finite number of at least `least`. */
export function atLeast(least: number): Rule {
  return {
    holds: (value) => Number.isFinite(value) && (value as number) >= least,
    words: `a finite number of at least ${least}`,
  };
}

/** A number that lies between `least` and `most`, both included. */
export function between(least: number, most: number): Rule {
  return {
    holds: (value) => typeof value === 'number' && value >= least && value <= most,
    words: `a number from ${least} to ${most}`,
  };
}

/** One of `values`. */
export function oneOf(...values: readonly (string | number)[]): Rule {
  return {
    holds: (value) => values.includes(value as string),
    words: values
      .map((value) => (typeof value === 'string' ? `'${value}'` : value))
      .join(', ')
      .replace(/, ([^,]*)$/, ' or $1'),
  };
}

/** An array whose items all are as `item` says; `words` name it. */
export function listOf(item: Rule, words: string): Rule {
  return { holds: (value) => Array.isArray(value) && Array.from(value).every(item.holds), words };
}

/** An object of class `Type`; `words` say how to come by one. */
export function instanceOf(Type: { [Symbol.hasInstance](value: unknown): boolean }, words: string): Rule {
  return { holds: (value) => value instanceof Type, words };
}
