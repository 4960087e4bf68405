/**
 * @file Globals of Python's own that pickles of weights name, and how much all globals may make.
 */

import { check } from '../../errors.ts';
import type { PickleGlobal } from './machine.ts';

/** A bound on what is made of a file: a pickle can name the same bytes again and again. */
export class Allowance {
  #left: number;

  /** @param bytes how many may be allocated */
  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Counts what is about to be allocated. Throws 'bad-file' beyond the bound. */
  take(bytes: number): void {
    this.#left -= bytes;
    check(this.#left >= 0, 'bad-file', () => 'it would take many times the memory of the file');
  }
}

/** `collections.OrderedDict()`, whose items are set afterwards. */
export const ORDERED_DICT: PickleGlobal = {
  call(args) {
    check(args.length === 0, 'bad-file', () => 'an OrderedDict is made of something');
    return new Map();
  },
};

/** `tuple(values)`. */
export const TUPLE: PickleGlobal = {
  call([values]) {
    check(Array.isArray(values), 'bad-file', () => 'a tuple is made of something else than a list');
    return values;
  },
};
