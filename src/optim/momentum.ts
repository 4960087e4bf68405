/**
 * @file Stochastic gradient descent with momentum.
 *
 * The update is `momentumPlan` of the kernels; the rule and its source stand there.
 */

import {
  ARRAY,
  atLeast,
  BOOLEAN,
  checkArgument,
  checkOptions,
  instanceOf,
  isObject,
  type OptionRules,
  type Rule,
  required,
  whole,
} from '../arguments.ts';
import { clearGrad } from '../autograd/graph.ts';
import type { BufferSlice } from '../device/buffer-pool.ts';
import { check } from '../errors.ts';
import { momentumPlan } from '../kernels/momentum.ts';
import { Parameter } from '../nn/parameter.ts';
import { matchingEntry, STATE_DICT, type StateDict, type StateEntry } from '../nn/state-dict.ts';
import { checkOneDevice } from '../tensor/check-tensor.ts';
import { fromMemory, toMemory } from '../tensor/tensor.ts';
import { mergePlaces, ParameterArena } from './parameter-arena.ts';
import type { Schedule } from './schedule.ts';

/** How a {@link Momentum} is made. */
export interface MomentumOptions {
  /** What it updates, `model.parameters()`; all of one device. */
  readonly parameters: readonly Parameter[];
  readonly learningRate: number | Schedule;
  /** The share of the old velocity in the new one, 0.9 by default. */
  readonly momentum?: number;
  /** Whether to step along the velocity of the next update; false by default. */
  readonly nesterov?: boolean;
  /** The coefficient of the L2 decay, which takes in biases and the weights of batch norms; 0 by default. */
  readonly decay?: number;
}

/** All that a {@link Momentum} has to remember to go on where it stood. */
export interface MomentumState {
  /** By the parameters' names. */
  readonly velocities: StateDict;
  /** How many updates were made. */
  readonly step: number;
}

const RATE = atLeast(0);
const LEARNING_RATE: Rule = {
  holds: (value) => RATE.holds(value) || (isObject(value) && typeof (value as Schedule).at === 'function'),
  words: `${RATE.words}, or a Schedule`,
};
const SHARE: Rule = {
  holds: (value) => typeof value === 'number' && value >= 0 && value < 1,
  words: 'a number of at least 0 and less than 1',
};
const OPTIONS: OptionRules<MomentumOptions> = {
  parameters: required(ARRAY),
  learningRate: required(LEARNING_RATE),
  momentum: SHARE,
  nesterov: BOOLEAN,
  decay: atLeast(0),
};
const PARAMETER = instanceOf(Parameter, 'a Parameter: give model.parameters()');
/** The rules of a {@link MomentumState}. */
export const MOMENTUM_STATE: OptionRules<MomentumState> = {
  velocities: required(STATE_DICT),
  step: required(whole(0)),
};

/** Updates parameters by their gradients. It takes them into flat memory of its own, see `ParameterArena`. */
export class Momentum {
  readonly #memory: ParameterArena;
  readonly #velocities: readonly BufferSlice[];
  readonly #schedule: Schedule;
  readonly #options: { readonly momentum: number; readonly nesterov: boolean; readonly decay: number };
  #step = 0;

  /**
   * Throws 'invalid-argument' where there are no parameters, or two of one name; for a momentum outside [0, 1), and a
   * learning rate or decay that is negative or not finite.
   */
  constructor(options: MomentumOptions) {
    checkOptions('Momentum', options, OPTIONS);
    const { parameters, learningRate, momentum = 0.9, nesterov = false, decay = 0 } = options;
    parameters.forEach((parameter, i) => {
      checkArgument(`parameter ${i} of Momentum`, parameter, PARAMETER);
    });
    const [first] = parameters;
    check(first !== undefined, 'invalid-argument', () => 'Momentum was given no parameters to update');
    const names = new Set(parameters.map(({ name }) => name));
    check(
      names.size === parameters.length,
      'invalid-argument',
      () =>
        `Momentum was given ${parameters.length} parameters of ${names.size} names: take those of one model, each once`,
    );
    checkOneDevice(
      'Momentum',
      parameters.map(({ tensor }) => tensor),
    );
    this.#memory = new ParameterArena(first.tensor.device, parameters);
    this.#velocities = this.#memory.allocateTwin();
    this.#schedule = typeof learningRate === 'number' ? { at: () => learningRate } : learningRate;
    this.#options = { momentum, nesterov, decay };
  }

  /** The learning rate of the next update. Throws 'invalid-argument' where the schedule's is negative or not finite. */
  get learningRate(): number {
    const rate = this.#schedule.at(this.#step);
    checkArgument(`the learning rate of update ${this.#step}`, rate, RATE);
    return rate;
  }

  /** Updates all parameters that have a gradient, the others and their velocities stay; then the schedule goes on. */
  step(): void {
    this.update();
    this.#step++;
  }

  /** {@link step} without the schedule going on: for a dry run. */
  update(): void {
    const { device, parameters, places, values, gradients } = this.#arena;
    const update = { ...this.#options, learningRate: this.learningRate };
    const stretches = mergePlaces(places, (i) => parameters[i]!.grad !== undefined);
    for (const { buffer, offset, bytes } of stretches) {
      const plan = momentumPlan(bytes / Float32Array.BYTES_PER_ELEMENT, update);
      device.run(
        plan,
        [values, gradients, this.#velocities].map((twin) => ({
          buffer: twin[buffer]!.buffer,
          offset,
          bytes,
        })),
      );
    }
    for (const { tensor } of parameters) tensor.writable(); // graphs of the old weights are out of date
  }

  /** Forgets all gradients. */
  clearGradients(): void {
    for (const { tensor } of this.#arena.parameters) clearGrad(tensor);
  }

  /** The velocities, read with one wait, and the count of updates. */
  async stateDict(): Promise<MomentumState> {
    const { device, parameters } = this.#arena;
    const step = this.#step;
    const contents = await device.read(parameters.map((_, i) => this.#velocityOf(i)));
    const velocities: StateDict = new Map(
      parameters.map(({ name, tensor }, i) => [
        name,
        { shape: [...tensor.shape], data: fromMemory(contents[i]!, tensor) as Float32Array },
      ]),
    );
    return { velocities, step };
  }

  /**
   * Goes on from `state`. Nothing is written unless all fits: throws 'bad-data' where a velocity is missing,
   * 'shape-mismatch' where one has another shape than its parameter or another count of values.
   */
  loadStateDict(state: MomentumState): void {
    const entries = this.#entriesOf(state);
    const { device, parameters } = this.#arena;
    parameters.forEach(({ tensor }, i) => {
      device.upload(this.#velocityOf(i), toMemory(entries[i]!.data, tensor));
    });
    this.#step = state.step;
  }

  /** Throws what {@link loadStateDict} would throw, and writes nothing. */
  checkStateDict(state: MomentumState): void {
    this.#entriesOf(state);
  }

  #entriesOf(state: MomentumState): StateEntry[] {
    checkOptions("Momentum's state", state, MOMENTUM_STATE);
    return this.#arena.parameters.map(({ name, shape }) => matchingEntry(state.velocities, name, shape));
  }

  /** Frees velocities and gradients. The parameters stay usable, in memory of their own; the optimizer does not. */
  dispose(): void {
    this.#memory.dispose();
  }

  /** Where all lies. Throws 'disposed' after {@link dispose}: others may hold that memory by then. */
  get #arena(): ParameterArena {
    check(
      !this.#memory.disposed,
      'disposed',
      () => 'a Momentum was used after it was disposed: make another one of the parameters',
    );
    return this.#memory;
  }

  #velocityOf(index: number): BufferSlice {
    return this.#arena.sliceOf(this.#velocities, index);
  }
}

/** An optimizer. */
export const MOMENTUM: Rule = instanceOf(Momentum, 'a Momentum');
