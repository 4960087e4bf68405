/**
 * @file Which algorithms were measured to be the fastest on an adapter, and the text that keeps them.
 */

import {
  checkArgument,
  checkProperties,
  isObject,
  type OptionRules,
  oneOf,
  type Rule,
  required,
  STRING,
  whole,
} from '../arguments.ts';
import { PASSES, type Pass, type TunedAlgorithms } from '../kernels/conv2d/passes.ts';
import { type Conv2dGeometry, conv2dGeometry } from '../shape/conv2d.ts';
import type { TuningKey } from './tuning-key.ts';

/** One pass of one convolution. */
export interface ConvolutionPass {
  /** Forward, or the gradient with respect to the input or the weight. */
  readonly pass: Pass;
  /** Of which convolution. */
  readonly geometry: Conv2dGeometry;
}

/** The names of a geometry's numbers, in one order. */
const NUMBERS = Object.keys(
  conv2dGeometry([1, 1, 1, 1], [1, 1, 1, 1]),
).sort() as readonly (keyof Conv2dGeometry)[];

/** The pass as text, the same for equal ones: `forward batch=2 dilationX=1 …`. Every convolution asks for its algorithm by it. */
export function passKey({ pass, geometry }: ConvolutionPass): string {
  let key: string = pass;
  for (const name of NUMBERS) key += ` ${name}=${geometry[name]}`;
  return key;
}

const EXTENT = whole(0);
const GEOMETRY: Rule = {
  holds: (value) => isObject(value) && NUMBERS.every((name) => EXTENT.holds((value as Conv2dGeometry)[name])),
  words: `a Conv2dGeometry, whole numbers { ${NUMBERS.join(', ')} }`,
};
const PASS: OptionRules<ConvolutionPass> = {
  pass: required(oneOf(...PASSES)),
  geometry: required(GEOMETRY),
};
const LIST: Rule = {
  holds: (value) => isObject(value) && Symbol.iterator in value,
  words: 'a list of [key, algorithm]',
};
const PAIR: Rule = {
  holds: (value) => Array.isArray(value) && value.length === 2 && value.every(STRING.holds),
  words: '[key, algorithm], two strings',
};

/** What was measured on an adapter. */
export class TuningTable implements TunedAlgorithms {
  readonly #algorithms: Map<string, string>;

  /** `algorithms` are names of algorithms by `passKey`. */
  constructor(algorithms: Iterable<readonly [key: string, algorithm: string]> = []) {
    checkArgument('a tuning table', algorithms, LIST);
    const pairs = [...algorithms]; // once: an iterator gives what it has one time
    for (const pair of pairs) checkArgument('an entry of a tuning table', pair, PAIR);
    this.#algorithms = new Map(pairs);
  }

  algorithmOf(pass: Pass, geometry: Conv2dGeometry): string | undefined {
    if (this.size === 0) return undefined; // a key for each convolution of a step would be made for nothing
    checkArgument('the geometry of algorithmOf', geometry, GEOMETRY);
    return this.#algorithms.get(passKey({ pass, geometry }));
  }

  /** Enters an algorithm for a pass, in place of what was there. */
  choose(pass: ConvolutionPass, algorithm: string): void {
    checkProperties('the pass of an entry', pass, PASS);
    checkArgument('the algorithm of an entry', algorithm, STRING);
    this.#algorithms.set(passKey(pass), algorithm);
  }

  /** How many passes there is an algorithm for. */
  get size(): number {
    return this.#algorithms.size;
  }

  /** The names of algorithms, by `passKey`. */
  entries(): Iterable<readonly [key: string, algorithm: string]> {
    return this.#algorithms.entries();
  }
}

/** The text that keeps `table`, for {@link decodeTuningTable}. */
export function encodeTuningTable(table: TuningTable, key: TuningKey): string {
  const sorted = [...table.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ ...key, algorithms: Object.fromEntries(sorted) }, undefined, 1)}\n`;
}

/**
 * What {@link encodeTuningTable} kept. Undefined for anything else, and for what was measured under another key: it
 * is not trusted. Entries that name no pass are left out; whether there is such an algorithm is asked when it is to run.
 */
export function decodeTuningTable(text: string, key: TuningKey): TuningTable | undefined {
  const kept = parse(text);
  if (!isRecord(kept) || !isRecord(kept.algorithms)) return undefined;
  if (kept.version !== key.version || kept.adapter !== key.adapter) return undefined;
  const entries = Object.entries(kept.algorithms);
  return new TuningTable(entries.filter((entry): entry is [string, string] => isEntry(entry)));
}

function isEntry([key, algorithm]: [string, unknown]): boolean {
  return PASSES.some((pass) => key.startsWith(`${pass} `)) && typeof algorithm === 'string';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
