/**
 * @file Reads figures of an adapter that somebody else may have sent: what does not fit is refused.
 */

import * as v from 'valibot';
import { checkArgument, type Rule, STRING } from '../arguments.ts';
import { check, FoveaError, messageOf } from '../errors.ts';
import { exactRecord, oneOf, ruleOf, validated, wholeNumber } from '../io/validate.ts';
import { PASSES } from '../kernels/conv2d/passes.ts';
import { RESNET_LAYERS } from '../nn/resnet.ts';
import { type AdapterFigures, FIGURE_PARTS, FIGURES_FORMAT } from './figures.ts';

/** Of a file of all figures; it has some 60 kB. */
const MOST_CHARACTERS = 2 ** 20;
/** Of a list in it. */
const MOST_ITEMS = 1000;
/** Of a text in it. */
const LONGEST_TEXT = 2000;

const text = v.pipe(
  v.string('a string'),
  v.maxLength(LONGEST_TEXT, `a string of at most ${LONGEST_TEXT} characters`),
);
const yes = v.boolean('true or false');
const amount = v.pipe(
  v.number('a number of at least 0'),
  v.finite('a number of at least 0'),
  v.minValue(0, 'a number of at least 0'),
);
/** JSON has no infinity: it is null there. */
const error = v.pipe(v.number('a number, or null'), v.minValue(0, 'a number of at least 0, or null'));
const count = wholeNumber(0);
const pass = oneOf(PASSES);

function list<const T extends v.GenericSchema>(item: T) {
  return v.pipe(v.array(item, 'a list'), v.maxLength(MOST_ITEMS, `a list of at most ${MOST_ITEMS} items`));
}

const finding = { error, bound: amount, passed: yes, about: text };

const certificate = exactRecord({
  passed: yes,
  struck: list(text),
  adapter: text,
  vendor: text,
  architecture: text,
  runtime: text,
  fovea: text,
  seconds: amount,
  algorithms: list(exactRecord({ algorithm: text, pass, ...finding })),
  ops: list(exactRecord({ op: text, ...finding })),
  training: exactRecord(finding),
});

const gradients = exactRecord({
  tolerance: amount,
  ops: list(exactRecord({ op: text, ok: yes, worst: error, compared: count, kinks: count, about: text })),
});

const convolutions = exactRecord({
  timedBy: oneOf(['timestamps', 'clock']),
  ceiling: amount,
  passes: list(
    exactRecord({
      ...{ name: text, geometry: text, pass, algorithm: text },
      ...{ milliseconds: amount, gigaflops: amount },
    }),
  ),
});

const steps = list(
  exactRecord({
    layers: oneOf(RESNET_LAYERS),
    size: wholeNumber(1),
    batch: wholeNumber(1),
    ...{ compile: amount, milliseconds: amount, javascript: amount, dispatches: amount, submits: amount },
    peakBytes: count,
    kernels: list(exactRecord({ name: text, dispatches: count, milliseconds: amount })),
  }),
);

const tuning = exactRecord({
  size: wholeNumber(1),
  batch: wholeNumber(1),
  seconds: amount,
  total: count,
  passes: list(
    exactRecord({
      ...{ geometry: text, pass, heuristic: text, chosen: text },
      ...{ before: amount, after: amount },
    }),
  ),
  before: amount,
  after: amount,
});

const adapter = exactRecord({
  ...{ name: text, vendor: text, architecture: text },
  software: yes,
  features: list(text),
  readableTextures: yes,
  subgroupSizes: v.tuple([count, count], 'two whole numbers'),
  limits: exactRecord({
    maxBufferSize: count,
    maxStorageBufferBindingSize: count,
    maxStorageBuffersPerShaderStage: count,
    maxComputeWorkgroupStorageSize: count,
    maxComputeInvocationsPerWorkgroup: count,
    maxComputeWorkgroupsPerDimension: count,
  }),
});

const FIGURES = exactRecord({
  format: v.literal(FIGURES_FORMAT, `'${FIGURES_FORMAT}'`),
  ...{ fovea: text, runtime: text, machine: text },
  date: v.pipe(v.string('a time in ISO 8601'), v.isoTimestamp('a time in ISO 8601')),
  seconds: amount,
  quick: yes,
  stopped: yes,
  failed: list(exactRecord({ part: oneOf(FIGURE_PARTS), message: text })),
  adapter,
  choices: list(exactRecord({ what: text, chosen: text, why: text })),
  certificate: v.exactOptional(certificate),
  gradients: v.exactOptional(gradients),
  convolutions: v.exactOptional(convolutions),
  steps: v.exactOptional(steps),
  tuning: v.exactOptional(tuning),
});

/** {@link AdapterFigures} as an argument. */
export const ADAPTER_FIGURES: Rule = ruleOf(
  FIGURES,
  'figures of an adapter, as measureAdapter() resolves to',
);

/** Keys whose numbers may be infinite. */
const INFINITE = new Set(['error', 'worst']);

/**
 * What `JSON.stringify` made of figures. Throws 'bad-file' for text that is no JSON or too long, and where a key is missing, unknown or holds
 * what it should not, naming it.
 */
export function decodeAdapterFigures(json: string): AdapterFigures {
  checkArgument('the text of decodeAdapterFigures', json, STRING);
  check(
    json.length <= MOST_CHARACTERS,
    'bad-file',
    () => `figures of an adapter have at most ${MOST_CHARACTERS} characters, not ${json.length}`,
  );
  return validated(FIGURES, parse(json), 'the figures of an adapter');
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json, (key, value: unknown) =>
      value === null && INFINITE.has(key) ? Number.POSITIVE_INFINITY : value,
    );
  } catch (cause) {
    throw new FoveaError('bad-file', `the figures of an adapter are no JSON: ${messageOf(cause)}`, { cause });
  }
}
