/**
 * @file The weights averaged over the updates, newer ones counting more: they are often better than the last ones.
 *
 *     average' = average + (1 − decay) · (weight − average)
 *
 * Source: B. Polyak and A. Juditsky, "Acceleration of stochastic approximation by averaging", 1992. The first update takes the
 * weights as they are, as PyTorch's `AveragedModel` does; running statistics are not averaged.
 */

import {
  ARRAY,
  checkOptions,
  checkProperties,
  isObject,
  type OptionRules,
  type Rule,
  required,
  whole,
} from '../arguments.ts';
import type { BufferSlice } from '../device/buffer-pool.ts';
import type { Device } from '../device/device.ts';
import { check } from '../errors.ts';
import { averagePlan, exchangePlan } from '../kernels/optimizer/moving-average.ts';
import type { Parameter } from '../nn/parameter.ts';
import { matchingEntry, STATE_DICT, type StateDict } from '../nn/state-dict.ts';
import { fromMemory, toMemory } from '../tensor/tensor.ts';
import { joinSlices } from './join-slices.ts';
import { allocateFlat, freeFlat, planArena } from './parameter-arena.ts';
import { checkNames, checkParameters } from './parameter-groups.ts';
import { SHARE } from './update-rule.ts';

/** How an {@link ExponentialMovingAverage} is made. */
export interface ExponentialMovingAverageOptions {
  /** What it averages, `model.parameters()`. */
  readonly parameters: readonly Parameter[];
  /** The share of the old average in the new one, 0.999 by default. */
  readonly decay?: number;
}

/** All that an {@link ExponentialMovingAverage} has to remember. */
export interface AverageState {
  /** How many updates the averages have taken in. */
  readonly updates: number;
  /** By the parameters' names. */
  readonly averages: StateDict;
}

const OPTIONS: OptionRules<ExponentialMovingAverageOptions> = { parameters: required(ARRAY), decay: SHARE };
/** The rules of an {@link AverageState}. */
export const AVERAGE_STATE: OptionRules<AverageState> = {
  updates: required(whole(0)),
  averages: required(STATE_DICT),
};

/** Averages of weights. Call {@link update} after each `optimizer.step()`, or give it to `fit`. */
export class ExponentialMovingAverage {
  readonly #device: Device;
  readonly #parameters: readonly Parameter[];
  readonly #decay: number;
  readonly #memory: readonly BufferSlice[];
  /** The average of each parameter. */
  readonly #averages: readonly BufferSlice[];
  #updates = 0;
  #swapped = false;
  #disposed = false;

  /** Throws 'invalid-argument' where there are no parameters, or one twice, and for a decay outside [0, 1). */
  constructor(options: ExponentialMovingAverageOptions) {
    checkOptions('ExponentialMovingAverage', options, OPTIONS);
    const { parameters, decay = 0.999 } = options;
    checkParameters('ExponentialMovingAverage', parameters);
    const { device } = parameters[0]!.tensor;
    const { maxStorageBufferBindingSize, maxBufferSize } = device.info.limits;
    const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    const bytes = parameters.map(({ tensor }) => tensor.slice.bytes);
    const places = planArena(bytes, limit);
    this.#memory = allocateFlat(device, places);
    this.#averages = places.map(({ buffer, offset }, i) => {
      return { buffer: this.#memory[buffer]!.buffer, offset, bytes: bytes[i]! };
    });
    this.#device = device;
    this.#parameters = [...parameters];
    this.#decay = decay;
    this.#takeWeights();
  }

  /** Whether the parameters hold the averages now. */
  get swapped(): boolean {
    return this.#swapped;
  }

  /** Takes the weights into the averages. Throws 'invalid-argument' while they are exchanged. */
  update(): void {
    this.#checkUsable();
    check(
      !this.#swapped,
      'invalid-argument',
      () => 'the parameters hold their averages: swap() back before an update',
    );
    if (this.#updates === 0) this.#takeWeights();
    else
      for (const [averages, weights] of this.#runs())
        this.#device.run(averagePlan(countOf(averages!), this.#decay), [averages!, weights!]);
    this.#updates++;
  }

  /** Exchanges the weights for their averages, and the next time back: to validate with them, or to save them. */
  swap(): void {
    this.#checkUsable();
    for (const [averages, weights] of this.#runs())
      this.#device.run(exchangePlan(countOf(averages!)), [averages!, weights!]);
    for (const { tensor } of this.#parameters) tensor.writable(); // graphs of the other weights are out of date
    this.#swapped = !this.#swapped;
  }

  /** The averages, read with one wait, and the count of updates. Throws 'invalid-argument' while they are exchanged. */
  async stateDict(): Promise<AverageState> {
    this.#checkAtHome();
    checkNames('ExponentialMovingAverage', this.#parameters);
    const updates = this.#updates;
    const contents = await this.#device.read(this.#averages);
    const averages: StateDict = new Map(
      this.#parameters.map(({ name, tensor }, i) => {
        const data = fromMemory(contents[i]!, tensor) as Float32Array;
        return [name, { shape: [...tensor.shape], data }];
      }),
    );
    return { updates, averages };
  }

  /** Goes on from `state`. Nothing is written unless all fits: throws as {@link checkStateDict} does. */
  loadStateDict(state: AverageState): void {
    this.#checkAtHome();
    this.checkStateDict(state);
    this.#parameters.forEach(({ name, tensor }, i) => {
      this.#device.upload(this.#averages[i]!, toMemory(state.averages.get(name)!.data, tensor));
    });
    this.#updates = state.updates;
  }

  /** Throws 'bad-data' where a parameter is missing, 'shape-mismatch' where one has another shape or count of values. */
  checkStateDict(state: AverageState): void {
    this.#checkUsable();
    checkProperties('the state of ExponentialMovingAverage', state, AVERAGE_STATE);
    checkNames('ExponentialMovingAverage', this.#parameters);
    for (const { name, shape } of this.#parameters) matchingEntry(state.averages, name, shape);
  }

  /**
   * Notes how often it was updated, and whether the weights are exchanged. What it returns takes that back; the memory of its
   * device is not its business.
   */
  bookmark(): () => void {
    const [updates, swapped] = [this.#updates, this.#swapped];
    return () => {
      [this.#updates, this.#swapped] = [updates, swapped];
    };
  }

  /** Frees the averages; swaps back first, if need be. */
  dispose(): void {
    if (this.#disposed) return;
    if (this.#swapped) this.swap();
    this.#disposed = true;
    freeFlat(this.#device, this.#memory);
  }

  #takeWeights(): void {
    for (const [averages, weights] of this.#runs()) this.#device.copy(weights!, averages!);
  }

  /** Averages and weights, in as few pieces as may be. */
  #runs(): (readonly BufferSlice[])[] {
    return joinSlices(this.#parameters.map(({ tensor }, i) => [this.#averages[i]!, tensor.slice]));
  }

  #checkAtHome(): void {
    this.#checkUsable();
    check(
      !this.#swapped,
      'invalid-argument',
      () => 'the parameters hold their averages: swap() back before the state is saved or loaded',
    );
  }

  #checkUsable(): void {
    check(!this.#disposed, 'disposed', () => 'an ExponentialMovingAverage was used after it was disposed');
  }
}

/** An {@link ExponentialMovingAverage}, told by its members: a program that makes none need not load the class. */
export const AVERAGE: Rule = {
  holds: (value) =>
    isObject(value) &&
    typeof (value as ExponentialMovingAverage).update === 'function' &&
    typeof (value as ExponentialMovingAverage).swap === 'function',
  words: 'an ExponentialMovingAverage',
};

const countOf = ({ bytes }: BufferSlice): number => bytes / Float32Array.BYTES_PER_ELEMENT;
