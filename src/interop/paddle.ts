/**
 * @file Paddle's own files: `.pdparams`, which holds a state dict, and `.pdopt`, which holds what an optimizer remembers.
 *
 * Both are pickled dicts of NumPy's arrays, with `StructuredToParameterName@@` for the names that Paddle's parameters have: those of a
 * `.pdopt` are made of them. Source: `fluid/dygraph/checkpoint.py` and `fluid/optimizer.py` of Paddle 1.8, `optimizer/lr.py` of 3.3.
 */

import {
  atLeast,
  BYTES,
  checkArgument,
  checkOptions,
  FINITE,
  instanceOf,
  type OptionRules,
  type Rule,
  required,
} from '../arguments.ts';
import { check } from '../errors.ts';
import type { HostTensor } from '../io/element-types.ts';
import { floatsOf } from '../io/floats.ts';
import type { PickleGlobals } from '../io/pickle/machine.ts';
import { NumpyArray, numpyGlobals } from '../io/pickle/numpy.ts';
import { ORDERED_DICT, TUPLE } from '../io/pickle/python.ts';
import { readPickle } from '../io/pickle/read-pickle.ts';
import { type Picklable, writePickle } from '../io/pickle/write-numpy.ts';
import { checkState, type StateDict } from '../nn/state-dict.ts';
import { checkOptimizerState, type OptimizerState } from '../optim/optimizer-state.ts';

/** The contents of a `.pdparams`. */
export interface PaddleParameters {
  /** The tensors by the file's keys: structured names (`out.weight`), or those of parameters (`linear_0.w_0`). */
  readonly tensors: Map<string, HostTensor>;
  /** The names of parameters by structured names; empty where the file has none. */
  readonly parameterNames: ReadonlyMap<string, string>;
}

/** The contents of a `.pdopt`. */
export interface PaddleOptimizer {
  /** Velocities by the names of parameters. */
  readonly velocities: Map<string, HostTensor>;
  /** How many updates were made, by the learning-rate schedule; undefined where there was none. */
  readonly step?: number | undefined;
}

const STRUCTURED_NAMES = 'StructuredToParameterName@@';
const SCHEDULE = 'LR_Scheduler';
const GLOBAL_STEP = 'global_step';
const VELOCITY = /^(.+)_velocity_\d+$/;
/** What newer versions keep beside: weights of half precision in full, where there are any. */
const MASTER_WEIGHTS = 'master_weights';

/**
 * Reads a `.pdparams`: of Paddle 1.8 to 3.x, in pickle protocol 2 to 4. Nothing in it is run. Throws 'bad-file' for whatever is not
 * a dict of arrays.
 */
export function decodePaddleParameters(bytes: Uint8Array): PaddleParameters {
  checkArgument('what decodePaddleParameters is given', bytes, BYTES);
  const entries = readDict(bytes);
  const parameterNames = structuredNames(entries);
  return { tensors: tensorsOf(entries), parameterNames };
}

/**
 * Reads a `.pdopt` of `Momentum`. Throws 'bad-file' as {@link decodePaddleParameters} does, 'unsupported' where it is of another
 * optimizer.
 */
export function decodePaddleOptimizer(bytes: Uint8Array): PaddleOptimizer {
  checkArgument('what decodePaddleOptimizer is given', bytes, BYTES);
  const entries = readDict(bytes);
  structuredNames(entries);
  const step = stepOf(entries);
  const master = entries.get(MASTER_WEIGHTS);
  check(master === undefined || (master instanceof Map && master.size === 0), 'unsupported', () => {
    return 'this .pdopt is of a training in half precision: go on with the weights alone';
  });
  entries.delete(MASTER_WEIGHTS);
  const velocities = new Map<string, HostTensor>();
  for (const [name, tensor] of tensorsOf(entries)) {
    const parameter = VELOCITY.exec(name)?.[1];
    check(parameter !== undefined, 'unsupported', () => {
      return `this .pdopt holds ${name}, which is no velocity: read are those of Momentum. Go on with the weights alone`;
    });
    velocities.set(parameter, tensor);
  }
  return { velocities, step };
}

/**
 * What a `Momentum` of fovea takes by `loadStateDict` to go on as Paddle's would have. Throws 'bad-data' where a parameter of
 * `names` has no velocity.
 *
 * @param names the structured names of the trainable parameters, and Paddle's: `out.weight`, `linear_0.w_0`
 */
export function momentumFromPaddle(
  optimizer: PaddleOptimizer,
  names: ReadonlyMap<string, string>,
): OptimizerState {
  checkOptions('momentumFromPaddle', optimizer, OPTIMIZER);
  checkArgument('the names of momentumFromPaddle', names, NAMES);
  const velocity: StateDict = new Map();
  for (const [name, parameter] of names) {
    const tensor = optimizer.velocities.get(parameter);
    check(tensor !== undefined, 'bad-data', () => {
      return `the .pdopt has ${optimizer.velocities.size} velocities but none of ${parameter}, which ${name} is called there: is it of another model?`;
    });
    velocity.set(name, { shape: [...tensor.shape], data: floatsOf(parameter, tensor) });
  }
  return { name: 'Momentum', step: optimizer.step ?? 0, slots: { velocity } };
}

/** How {@link encodePaddleParameters} names things. */
export interface PaddleNames {
  /** What Paddle calls each entry of the state dict: `conv2d_0.w_0` for `conv._conv.weight`. */
  readonly parameterNames: ReadonlyMap<string, string>;
}

/**
 * The bytes of a `.pdparams` that `paddle.load` and `fluid.load_dygraph` read. Throws 'invalid-argument' where an entry has no name
 * with Paddle.
 */
export function encodePaddleParameters(state: StateDict, options: PaddleNames): Uint8Array {
  checkState('the state dict of encodePaddleParameters', state);
  checkOptions('encodePaddleParameters', options, PADDLE_NAMES);
  const names = [...state.keys()].map((name) => [name, parameterName(name, options)] as const);
  return writePickle(new Map<string, Picklable>([...state, [STRUCTURED_NAMES, new Map(names)]]));
}

/** How {@link encodePaddleOptimizer} writes. */
export interface PaddleOptimizerOptions extends PaddleNames {
  /** The rate of the next update, which newer versions keep. */
  readonly learningRate: number;
}

/**
 * The bytes of a `.pdopt`, of the state of a `Momentum`. Throws 'invalid-argument' for that of another optimizer, and where a
 * parameter has no name with Paddle.
 */
export function encodePaddleOptimizer(state: OptimizerState, options: PaddleOptimizerOptions): Uint8Array {
  checkOptimizerState('the state of encodePaddleOptimizer', state);
  checkOptions('encodePaddleOptimizer', options, OPTIMIZER_OPTIONS);
  const { velocity } = state.slots;
  check(state.name === 'Momentum' && velocity !== undefined, 'invalid-argument', () => {
    return `a .pdopt is written of a Momentum, not of ${state.name}`;
  });
  const velocities = [...velocity].map(
    ([name, entry]) => [`${parameterName(name, options)}_velocity_0`, entry] as const,
  );
  const { step } = state;
  const schedule = new Map([
    ['step_num', step],
    ['last_epoch', step],
    ['last_lr', options.learningRate],
  ]);
  const globalStep = { shape: [1], data: Int32Array.of(step) };
  const names = velocities.map(([name]) => [name, name] as const);
  return writePickle(
    new Map<string, Picklable>([
      ...velocities,
      [SCHEDULE, schedule],
      [GLOBAL_STEP, globalStep],
      [STRUCTURED_NAMES, new Map(names)],
    ]),
  );
}

const MAP: Rule = instanceOf(Map, 'a Map');
const NAMES: Rule = {
  holds: (value) => value instanceof Map && [...value].flat().every((name) => typeof name === 'string'),
  words: 'a Map from structured names to those of parameters',
};
const OPTIMIZER: OptionRules<PaddleOptimizer> = { velocities: required(MAP), step: atLeast(0) };
const PADDLE_NAMES: OptionRules<PaddleNames> = { parameterNames: required(NAMES) };
const OPTIMIZER_OPTIONS: OptionRules<PaddleOptimizerOptions> = {
  ...PADDLE_NAMES,
  learningRate: required(FINITE),
};

function parameterName(name: string, { parameterNames }: PaddleNames): string {
  const parameter = parameterNames.get(name);
  check(parameter !== undefined, 'invalid-argument', () => `parameterNames has no name for ${name}`);
  return parameter;
}

function readDict(bytes: Uint8Array): Map<unknown, unknown> {
  const globals: PickleGlobals = {
    ...numpyGlobals(bytes.length),
    // Paddle 2 and later write some tensors as `tuple((name, array))`.
    'builtins tuple': TUPLE,
    '__builtin__ tuple': TUPLE,
    'collections OrderedDict': ORDERED_DICT,
  };
  const value = readPickle(bytes, { globals });
  check(
    value instanceof Map,
    'bad-file',
    () => 'Paddle: the file holds no dict: it is neither a .pdparams nor a .pdopt.',
  );
  return value;
}

/** Takes the map of names out of `entries`. */
function structuredNames(entries: Map<unknown, unknown>): Map<string, string> {
  const names = entries.get(STRUCTURED_NAMES) ?? new Map();
  entries.delete(STRUCTURED_NAMES);
  check(NAMES.holds(names), 'bad-file', () => `Paddle: ${STRUCTURED_NAMES} is no dict of texts.`);
  return names as Map<string, string>;
}

/** Takes how many updates were made out of `entries`. */
function stepOf(entries: Map<unknown, unknown>): number | undefined {
  const schedule = entries.get(SCHEDULE);
  const counted = entries.get(GLOBAL_STEP);
  entries.delete(SCHEDULE);
  entries.delete(GLOBAL_STEP);
  const inSchedule =
    schedule instanceof Map ? (schedule.get('step_num') ?? schedule.get('last_epoch')) : undefined;
  const step: unknown =
    inSchedule ?? (counted === undefined ? undefined : Number(arrayOf(GLOBAL_STEP, counted).data[0]));
  check(step === undefined || (Number.isSafeInteger(step) && Number(step) >= 0), 'bad-file', () => {
    return `Paddle: the count of updates is ${String(step)}, not a whole number of at least 0.`;
  });
  return step as number | undefined;
}

function tensorsOf(entries: ReadonlyMap<unknown, unknown>): Map<string, HostTensor> {
  const tensors = new Map<string, HostTensor>();
  for (const [name, value] of entries) {
    check(
      typeof name === 'string',
      'bad-file',
      () => `Paddle: a tensor is called ${String(name)}, which is no text.`,
    );
    tensors.set(name, arrayOf(name, value));
  }
  return tensors;
}

function arrayOf(name: string, value: unknown): HostTensor {
  const array: unknown = Array.isArray(value) && value.length === 2 ? value[1] : value;
  check(array instanceof NumpyArray, 'bad-file', () => {
    return `Paddle: ${name} is no array: give what paddle.save() wrote of a state_dict().`;
  });
  return array.tensor;
}
