/**
 * @file What all optimizers share: parameters and what is remembered of each in an arena, groups, the schedule, the state.
 *
 * An optimizer is an {@link UpdateRule}: the names of what it remembers, and a kernel. It runs that on all parameters which lie
 * side by side in memory, belong to one group and have a gradient: mostly one dispatch.
 */

import {
  checkArgument,
  checkProperties,
  instanceOf,
  listOf,
  NUMBER,
  type Rule,
  STRING,
} from '../arguments.ts';
import { clearGrad } from '../autograd/graph.ts';
import type { BufferSlice } from '../device/buffer-pool.ts';
import { check } from '../errors.ts';
import { PLAN } from '../kernels/plan.ts';
import type { Parameter } from '../nn/parameter.ts';
import { matchingEntry, type StateDict } from '../nn/state-dict.ts';
import { formatShape } from '../shape/shape.ts';
import { fromMemory, toMemory } from '../tensor/tensor.ts';
import { checkOptimizerState, type OptimizerState } from './optimizer-state.ts';
import { mergePlaces, ParameterArena } from './parameter-arena.ts';
import { checkNames, groupsOf, type OptimizerOptions, type OptimizerSettings } from './parameter-groups.ts';
import { RATE, type Schedule, scheduleOf } from './schedule.ts';
import { UPDATE_RULE, type UpdateRule } from './update-rule.ts';

const SLOTS: Rule = listOf(STRING, 'an array of strings');

/** Updates parameters by their gradients. It takes them into flat memory of its own, see `ParameterArena`. */
export class Optimizer<Settings extends OptimizerSettings = OptimizerSettings> {
  /** Of its class, as in checkpoints: 'Adam'. */
  readonly name: string;
  readonly #rule: UpdateRule<Settings>;
  readonly #groups: readonly Required<Settings>[];
  /** For each group its learning rate. */
  readonly #schedules: readonly Schedule[];
  /** For each parameter the index of its group. */
  readonly #groupOf: readonly number[];
  readonly #memory: ParameterArena;
  /** What is remembered: twins of the arena's buffers by name. */
  readonly #slots: ReadonlyMap<string, readonly BufferSlice[]>;
  /** How often each parameter was updated. */
  #updates: number[];
  #step = 0;

  /**
   * Throws 'invalid-argument' where there are no parameters, or one twice, or of two devices; for settings that are missing
   * or misspelt, out of their range or not finite.
   */
  constructor(rule: UpdateRule<Settings>, options: OptimizerOptions<Settings>) {
    checkProperties('the rule of an Optimizer', rule, UPDATE_RULE);
    const { parameters, groupOf, groups } = groupsOf(rule.name, options, rule.settings, rule.defaults);
    this.name = rule.name;
    this.#rule = rule;
    this.#groups = groups;
    this.#groupOf = groupOf;
    this.#schedules = groups.map(({ learningRate }) => scheduleOf(learningRate));
    const slots = rule.slots(groups);
    checkArgument(`the slots of ${rule.name}`, slots, SLOTS);
    this.#memory = new ParameterArena(parameters[0]!.tensor.device, parameters);
    this.#slots = new Map(slots.map((slot) => [slot, this.#memory.allocateTwin()]));
    this.#updates = parameters.map(() => 0);
  }

  /** What it updates, in the order of its groups. */
  get parameters(): readonly Parameter[] {
    return this.#arena.parameters;
  }

  /**
   * The learning rate of the next update, that of the first group where there are several. Throws 'invalid-argument' where the
   * schedule's is negative or not finite.
   */
  get learningRate(): number {
    return this.#rateOf(0);
  }

  /**
   * Updates all parameters that have a gradient; the others, and what is remembered of them, stay. Then schedules go on. Throws
   * 'invalid-argument' where one of them went over to an optimizer that was made later.
   */
  step(): void {
    this.update();
    this.#updates = this.#memory.parameters.map(({ grad }, i) => this.#updates[i]! + (grad ? 1 : 0));
    this.#step++;
  }

  /** {@link step} without the schedules going on: for a dry run. Throws as that does. */
  update(): void {
    const { device, parameters, places, values, gradients } = this.#arena;
    this.#checkHeld();
    const rates = this.#groups.map((_, group) => this.#rateOf(group));
    const twins = new Map([['parameters', values], ['gradients', gradients], ...this.#slots]);
    const runs = mergePlaces(
      places,
      (i) => parameters[i]!.grad !== undefined,
      (i, j) => this.#groupOf[i] === this.#groupOf[j] && this.#updates[i] === this.#updates[j],
    );
    for (const { first, buffer, offset, bytes } of runs) {
      const group = this.#groupOf[first]!;
      const settings = {
        ...this.#groups[group]!,
        learningRate: rates[group]!,
        update: this.#updates[first]! + 1,
      };
      const plan = this.#rule.plan(bytes / Float32Array.BYTES_PER_ELEMENT, settings);
      checkArgument(`what plan of ${this.name} gives`, plan, PLAN);
      device.run(
        plan,
        plan.names.map((name) => ({ buffer: twins.get(name)![buffer]!.buffer, offset, bytes })),
      );
    }
    for (const { tensor, grad } of parameters) if (grad) tensor.writable(); // graphs of the old weights are out of date
  }

  /** Tells the schedules a figure of a validation: for those that depend on one, such as `ReduceOnPlateau`. */
  observe(figure: number): void {
    checkArgument(`the figure of ${this.name}`, figure, NUMBER);
    for (const schedule of this.#distinctSchedules) schedule.observe?.(figure);
  }

  /** Forgets all gradients. */
  clearGradients(): void {
    for (const { tensor } of this.#arena.parameters) clearGrad(tensor);
  }

  /** All that it has to remember to go on where it stands, read with one wait. */
  async stateDict(): Promise<OptimizerState> {
    const { device, parameters } = this.#arena;
    checkNames(this.name, parameters);
    const { name } = this;
    const step = this.#step;
    const schedules = this.#statefulSchedules.map(({ state }) => state!);
    const late = parameters.flatMap(({ name }, i) => {
      return this.#updates[i] === step ? [] : [[name, this.#updates[i]!] as const];
    });
    const contents = await device.read(
      [...this.#slots.values()].flatMap((twin) => parameters.map((_, i) => this.#arena.sliceOf(twin, i))),
    );
    const slots = [...this.#slots.keys()].map((slot, s): [string, StateDict] => [
      slot,
      new Map(
        parameters.map(({ name, tensor }, i) => {
          const data = fromMemory(contents[s * parameters.length + i]!, tensor) as Float32Array;
          return [name, { shape: [...tensor.shape], data }];
        }),
      ),
    ]);
    return {
      name,
      step,
      ...(late.length > 0 ? { updates: Object.fromEntries(late) } : {}),
      ...(schedules.length > 0 ? { schedules } : {}),
      slots: Object.fromEntries(slots),
    };
  }

  /**
   * Continues from `state`. Nothing is written unless all fits: throws 'bad-data' where it is of another class of optimizers, or
   * lacks a parameter, 'shape-mismatch' where one has another shape or another count of values.
   */
  loadStateDict(state: OptimizerState): void {
    this.checkStateDict(state);
    const { device, parameters } = this.#arena;
    for (const [slot, twin] of this.#slots) {
      parameters.forEach(({ name, tensor }, i) => {
        const { data } = state.slots[slot]!.get(name)!;
        device.upload(this.#arena.sliceOf(twin, i), toMemory(data, tensor));
      });
    }
    this.#statefulSchedules.forEach((schedule, i) => {
      const remembered = state.schedules?.[i];
      if (remembered) schedule.restore?.(remembered);
    });
    this.#step = state.step;
    this.#updates = parameters.map(({ name }) => state.updates?.[name] ?? state.step);
  }

  /** Throws what {@link loadStateDict} would throw, and writes nothing. */
  checkStateDict(state: OptimizerState): void {
    checkOptimizerState(`${this.name}'s state`, state);
    checkNames(this.name, this.#arena.parameters);
    check(
      state.name === this.name,
      'bad-data',
      () =>
        `the state is of ${state.name}, but the optimizer is ${this.name}: go on with ${state.name}, or start with the weights alone`,
    );
    const [kept, own] = [state.schedules?.length ?? 0, this.#statefulSchedules.length];
    check(
      kept === own,
      'bad-data',
      () =>
        `the state of ${this.name} has ${kept} schedules that remember what they observed, but the optimizer ${own}: make it with the same schedules`,
    );
    for (const slot of this.#slots.keys()) {
      const entries = state.slots[slot];
      check(
        entries !== undefined,
        'bad-data',
        () => `the state of ${this.name} has no ${slot}: is it of other settings?`,
      );
      for (const { name, shape } of this.#arena.parameters) matchingEntry(entries, name, shape);
    }
  }

  /**
   * Notes its counts and where its schedules stand. What it returns takes them back there, and forgets gradients; the memory of
   * its device is not its business.
   */
  bookmark(): () => void {
    const [step, updates] = [this.#step, this.#updates];
    const states = this.#statefulSchedules.map((schedule) => [schedule, schedule.state!] as const);
    return () => {
      this.clearGradients();
      [this.#step, this.#updates] = [step, updates];
      for (const [schedule, state] of states) schedule.restore?.(state);
    };
  }

  /** @internal Memory that holds nothing of use between two steps. */
  get scratch(): readonly BufferSlice[] {
    return this.#arena.gradients;
  }

  /** Frees gradients and what is remembered. The parameters stay usable, in memory of their own; the optimizer does not. */
  dispose(): void {
    this.#memory.dispose();
  }

  /** Where all lies. Throws 'disposed' after {@link dispose}: others may hold that memory by then. */
  get #arena(): ParameterArena {
    check(
      !this.#memory.disposed,
      'disposed',
      () => `${this.name} was used after it was disposed: make another one of the parameters`,
    );
    return this.#memory;
  }

  get #distinctSchedules(): readonly Schedule[] {
    return [...new Set(this.#schedules)];
  }

  get #statefulSchedules(): readonly Schedule[] {
    return this.#distinctSchedules.filter(({ state }) => state !== undefined);
  }

  /** What another optimizer took into its memory this one would update in vain. */
  #checkHeld(): void {
    const { parameters } = this.#memory;
    const lost = parameters.find(({ grad }, i) => grad && !this.#memory.holds(i));
    check(
      lost === undefined,
      'invalid-argument',
      () =>
        `${this.name} no longer holds ${lost!.name || 'a parameter'} of shape ${formatShape(lost!.shape)}: an optimizer that was ` +
        'made of it later does. Use that one, or make a new one',
    );
  }

  #rateOf(group: number): number {
    const rate = this.#schedules[group]!.at(this.#step);
    checkArgument(`the learning rate of update ${this.#step}`, rate, RATE);
    return rate;
  }
}

/** An optimizer. */
export const OPTIMIZER: Rule = instanceOf(Optimizer, 'an optimizer, such as Adam or Momentum');
