/**
 * @file The stack machine that a pickle is a program for, with bounds. It makes texts, numbers, arrays, maps and what the globals
 * on its list make; it looks nothing up and runs nothing else.
 */

import { counted } from '../../counted.ts';
import { check } from '../../errors.ts';

/** What a pickle may name. */
export interface PickleGlobal {
  /** What Python's call of it gives; where it is missing, it may be named but not called. Throws FoveaErrors. */
  call?: ((args: readonly unknown[]) => unknown) | undefined;
}

/** An object that a global's call has made, and that takes a state. */
export abstract class PickleObject {
  /** Takes the state that `__setstate__` would. Throws FoveaErrors. */
  abstract build(state: unknown): void;
}

/** A global as it lies on the stack. */
export class NamedGlobal {
  constructor(
    readonly name: string,
    readonly definition: PickleGlobal,
  ) {}
}

/** What a pickle may name, by module and name with a space between: `numpy dtype`. */
export type PickleGlobals = Readonly<Record<string, PickleGlobal>>;

/** A key of a dict. */
export type PickleKey = string | number | boolean | null;

/** How many tuples, lists and dicts may be under way at once; Python's own writer needs a handful. */
const MAX_DEPTH = 100;

/** The stack, the marks and the memo. */
export class PickleMachine {
  readonly #globals: PickleGlobals;
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();

  constructor(globals: PickleGlobals) {
    this.#globals = globals;
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  pop(): unknown {
    this.#need(1);
    return this.#stack.pop();
  }

  /** The values on top, the uppermost last. */
  popSome(count: number): unknown[] {
    this.#need(count);
    return this.#stack.splice(this.#stack.length - count);
  }

  mark(): void {
    check(this.#marks.length < MAX_DEPTH, 'bad-file', () => `values are nested more than ${MAX_DEPTH} deep`);
    this.#marks.push(this.#stack.length);
  }

  /** All values above the last mark, which goes. */
  popMark(): unknown[] {
    const start = this.#marks.pop();
    check(start !== undefined, 'bad-file', () => 'there is no mark to go back to');
    return this.#stack.splice(start);
  }

  memoize(index = this.#memo.size): void {
    this.#memo.set(index, this.#top());
  }

  recall(index: number): void {
    check(this.#memo.has(index), 'bad-file', () => `the memo holds nothing under ${index}`);
    this.push(this.#memo.get(index));
  }

  /** Puts what the list of globals has under this name. */
  global(module: unknown, name: unknown): void {
    const full = `${String(module)} ${String(name)}`;
    check(
      typeof module === 'string' && typeof name === 'string',
      'bad-file',
      () => 'the name of a global is no text',
    );
    check(Object.hasOwn(this.#globals, full), 'bad-file', () => {
      const shown = JSON.stringify(`${module}.${name}`.slice(0, 100));
      return (
        `it names ${shown}, which is not on the list of what weights need, so the file is refused and nothing of it was run; ` +
        `known are ${Object.keys(this.#globals)
          .map((known) => known.replace(' ', '.'))
          .join(', ')}`
      );
    });
    this.push(new NamedGlobal(full, this.#globals[full]!));
  }

  /** Has the global under the topmost value called with that. */
  reduce(): void {
    const [target, args] = this.popSome(2);
    check(target instanceof NamedGlobal, 'bad-file', () => 'what is called is no global');
    const { name, definition } = target;
    check(Array.isArray(args) && definition.call !== undefined, 'bad-file', () => {
      return `${name.replace(' ', '.')} cannot be called so`;
    });
    this.push(definition.call(args));
  }

  /** Gives the topmost value to the object under it; attributes of a dict are of no use here. */
  build(): void {
    const state = this.pop();
    const target = this.#top();
    if (target instanceof PickleObject) target.build(state);
    else check(target instanceof Map, 'bad-file', () => 'what is given a state takes none');
  }

  append(values: readonly unknown[]): void {
    const list = this.#top();
    check(Array.isArray(list), 'bad-file', () => 'what values are appended to is no list');
    for (const value of values) list.push(value);
  }

  setItems(keysAndValues: readonly unknown[]): void {
    const target = this.#top();
    check(target instanceof Map, 'bad-file', () => 'what items are set in is no dict');
    putItems(target, keysAndValues);
  }

  /** The last value. */
  result(): unknown {
    const value = this.pop();
    check(
      this.#stack.length === 0,
      'bad-file',
      () => `${counted(this.#stack.length, 'value is', 'values are')} left over at the end`,
    );
    return value;
  }

  #top(): unknown {
    this.#need(1);
    return this.#stack.at(-1);
  }

  /** Values under a mark are not to be had before it is gone. */
  #need(count: number): void {
    const available = this.#stack.length - (this.#marks.at(-1) ?? 0);
    check(
      available >= count,
      'bad-file',
      () =>
        `${counted(count, 'value is', 'values are')} needed, but ${counted(available, 'is', 'are')} there`,
    );
  }
}

/** Puts keys and values, alternating, into a map. */
export function putItems(
  map: Map<unknown, unknown>,
  keysAndValues: readonly unknown[],
): Map<unknown, unknown> {
  check(keysAndValues.length % 2 === 0, 'bad-file', () => 'a dict has a key without a value');
  for (let i = 0; i < keysAndValues.length; i += 2) {
    const key = keysAndValues[i];
    check(isKey(key), 'bad-file', () => 'a key of a dict is neither a text nor a number');
    check(!map.has(key), 'bad-file', () => `the key ${JSON.stringify(key)} occurs twice in a dict`);
    map.set(key, keysAndValues[i + 1]);
  }
  return map;
}

function isKey(key: unknown): key is PickleKey {
  return key === null || ['string', 'number', 'boolean'].includes(typeof key);
}
