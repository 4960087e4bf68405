/**
 * @file Choices among kernels that were made by measuring, and the text that keeps them.
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
import type { DeviceInfo } from '../device/info.ts';
import { type Choices, PASSES, type Pass } from '../kernels/conv2d/choices.ts';
import { FAMILIES } from '../kernels/conv2d/families.ts';
import { type Conv2dGeometry, conv2dGeometry } from '../shape/conv2d.ts';
import { VERSION } from '../version.ts';

/** One pass of one convolution. */
export interface ConvolutionPass {
  readonly pass: Pass;
  readonly geometry: Conv2dGeometry;
}

/** The names of a geometry's numbers, in one order. */
const NUMBERS = Object.keys(
  conv2dGeometry([1, 1, 1, 1], [1, 1, 1, 1]),
).sort() as readonly (keyof Conv2dGeometry)[];

/** The pass as text, the same for equal ones: `forward batch=2 dilationX=1 …`. Every convolution asks for its choice by it. */
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
  words: 'a list of [key, family]',
};
const PAIR: Rule = {
  holds: (value) => Array.isArray(value) && value.length === 2 && value.every(STRING.holds),
  words: '[key, family], two strings',
};

/** What was measured on an adapter. */
export class MeasuredChoices implements Choices {
  readonly #families: Map<string, string>;

  /** `families` are names of families by {@link passKey}. */
  constructor(families: Iterable<readonly [key: string, family: string]> = []) {
    checkArgument('measured choices', families, LIST);
    const pairs = [...families]; // once: an iterator gives what it has one time
    for (const pair of pairs) checkArgument('a measured choice', pair, PAIR);
    this.#families = new Map(pairs);
  }

  familyOf(pass: Pass, geometry: Conv2dGeometry): string | undefined {
    if (this.size === 0) return undefined; // a key for each convolution of a step would be made for nothing
    checkArgument('the geometry of familyOf', geometry, GEOMETRY);
    return this.#families.get(passKey({ pass, geometry }));
  }

  /** Chooses a family for a pass, whatever was chosen before. */
  choose(pass: ConvolutionPass, family: string): void {
    checkProperties('the pass of a choice', pass, PASS);
    checkArgument('the family of a choice', family, STRING);
    this.#families.set(passKey(pass), family);
  }

  /** How many passes there is a choice for. */
  get size(): number {
    return this.#families.size;
  }

  /** The names of families, by {@link passKey}. */
  entries(): Iterable<readonly [key: string, family: string]> {
    return this.#families.entries();
  }
}

/** What the measurements depend on: the kernels, the adapter with its driver, and a browser's version. */
export interface Circumstances {
  readonly version: string;
  readonly adapter: string;
}

/** The circumstances of measuring on a device now. */
export function circumstancesOf({ name, vendor, architecture }: DeviceInfo): Circumstances {
  const browser = globalThis.navigator?.userAgent ?? '';
  return { version: VERSION, adapter: [name, vendor, architecture, browser].filter(Boolean).join(', ') };
}

/** The text that keeps `choices`, for {@link decodeChoices}. */
export function encodeChoices(choices: MeasuredChoices, circumstances: Circumstances): string {
  const sorted = [...choices.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ ...circumstances, choices: Object.fromEntries(sorted) }, undefined, 1)}\n`;
}

/**
 * What {@link encodeChoices} kept. Undefined for anything else, and for what was measured under other circumstances: it
 * is not trusted. Choices of families that do not exist are left out.
 */
export function decodeChoices(text: string, circumstances: Circumstances): MeasuredChoices | undefined {
  const kept = parse(text);
  if (!isRecord(kept) || !isRecord(kept.choices)) return undefined;
  if (kept.version !== circumstances.version || kept.adapter !== circumstances.adapter) return undefined;
  const entries = Object.entries(kept.choices);
  return new MeasuredChoices(entries.filter((entry): entry is [string, string] => isChoice(entry)));
}

function isChoice([key, family]: [string, unknown]): boolean {
  return PASSES.some((pass) => key.startsWith(`${pass} `)) && FAMILIES.some(({ name }) => name === family);
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
