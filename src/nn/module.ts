/**
 * @file A part of a network: parameters, buffers and smaller modules under the names that state dicts know.
 */

import { checkArgument, FUNCTION, instanceOf } from '../arguments.ts';
import { clearGrad, isLeaf } from '../autograd/graph.ts';
import type { Device } from '../device/device.ts';
import { check } from '../errors.ts';
import { checkDevice } from '../tensor/check-device.ts';
import { moduleScope } from '../tensor/scope.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Buffer } from './buffer.ts';
import { Callable } from './callable.ts';
import { joinNames, membersOf, renamed } from './members.ts';
import { nameParameter, Parameter } from './parameter.ts';
import {
  type LoadableState,
  type LoadReport,
  type LoadStateOptions,
  loadState,
  type NamedTensor,
  readState,
  type StateDict,
} from './state-dict.ts';

/** A module, whatever it takes and gives. */
export type AnyModule = Module<never, unknown>;

/** Whose names: those of our state dicts, or PyTorch's. */
type Naming = 'state' | 'torch';

/** What has a name in a module. */
type Member = AnyModule | Parameter | Buffer;

export interface Module<Inputs extends readonly unknown[] = [x: Tensor], Output = Tensor> {
  /** Runs the module. Its intermediates are freed on return, but for those that backward needs. */
  // biome-ignore lint/style/useShorthandFunctionType: as above.
  (...inputs: Inputs): Output;
}

/**
 * A differentiable function with state, which is called: `model(x)`. A subclass implements {@link forward}, which takes and
 * gives what it likes: a tensor by default, several, arrays and plain objects of them.
 *
 * What it holds is found by the names of its properties, in order of definition: modules, {@link Parameter}s and
 * {@link Buffer}s, in arrays and plain objects too (`blocks.0.weight`). What it holds twice counts once, under the first
 * name. Private fields (`#conv`) are not seen.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: Callable makes every instance a function.
export abstract class Module<
  Inputs extends readonly unknown[] = [x: Tensor],
  Output = Tensor,
> extends Callable<Inputs, Output> {
  /** Where its parameters lie and its kernels run. */
  readonly device: Device;
  /**
   * The names that state dicts have for members whose properties are called otherwise: `{ conv: '_conv' }`, `{ 'blocks.0': 'first' }`,
   * `{ layers: '' }` for none.
   */
  protected stateNames: Readonly<Record<string, string>> = {};
  /** As {@link stateNames}, for the names that PyTorch has for them; those of state dicts where it is undefined. */
  protected torchNames: Readonly<Record<string, string>> | undefined = undefined;
  #training = true;

  /** Throws 'invalid-argument' unless `device` is one. */
  constructor(device: Device) {
    super((self, inputs) => (self as Module<Inputs, Output>).#call(inputs));
    checkDevice(new.target.name, device);
    this.device = device;
  }

  /** What the module computes. */
  abstract forward(...inputs: Inputs): Output;

  #call(inputs: Inputs): Output {
    if (typeof this.forward !== 'function')
      checkArgument(`forward of ${this.constructor.name}`, this.forward, FUNCTION);
    return moduleScope(this.device, () => this.forward(...inputs));
  }

  /** Whether it is in train mode, as it is when made: batch norm then uses the batch's statistics. */
  get training(): boolean {
    return this.#training;
  }

  /** Puts it and all modules inside it into train mode. */
  train(): this {
    return this.#setTraining(true);
  }

  /** Puts it and all modules inside it into evaluation mode. */
  eval(): this {
    return this.#setTraining(false);
  }

  /** This module, under the empty name, and all modules inside it with their structured names, outer ones first. */
  namedModules(): [name: string, module: AnyModule][] {
    return this.modulesBy('state');
  }

  /** @internal All modules, by the names of state dicts or PyTorch's. */
  modulesBy(naming: Naming): [name: string, module: AnyModule][] {
    return [...this.#walk(naming)].flatMap(([name, member]) =>
      member instanceof Module ? [[name, member] as const] : [],
    ) as [string, AnyModule][];
  }

  /** All parameters, in the order of the state dict. Throws as {@link namedParameters} does. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /**
   * All parameters with their structured names, which they are called by from now on unless a module around this one has
   * named them. Throws 'invalid-argument' where a property is a tensor that requires a gradient but no {@link Parameter}, or
   * two members have one name.
   */
  namedParameters(): [name: string, parameter: Parameter][] {
    const named = this.namedState().flatMap(([name, member]): [string, Parameter][] =>
      member instanceof Parameter ? [[name, member]] : [],
    );
    this.#checkLeaves(named);
    const modules = new Map<object, boolean>();
    const isInside = (other: object) => {
      const known =
        modules.get(other) ?? (other as AnyModule).namedModules().some(([, inner]) => inner === this);
      modules.set(other, known);
      return known;
    };
    for (const [name, parameter] of named) nameParameter(parameter, name, this, isInside);
    return named;
  }

  /** All tensors of the state that training does not change by gradients, with their structured names. */
  namedBuffers(): [name: string, buffer: Tensor][] {
    return this.namedState().flatMap(([name, member]): [string, Tensor][] =>
      member instanceof Buffer ? [[name, member.tensor]] : [],
    );
  }

  /** The values of all parameters and buffers, read with one wait. */
  stateDict(): Promise<StateDict> {
    return readState(this.#namedTensors());
  }

  /**
   * Overwrites all parameters and buffers: nothing is written unless all fits. Throws 'bad-data' where an entry is missing, is
   * not of this module, or is no { shape, data }, 'shape-mismatch' where shapes or counts of values differ. With
   * `{ strict: false }` it loads what fits, and returns the names of the rest.
   */
  loadStateDict(state: LoadableState, options: LoadStateOptions = {}): LoadReport {
    return loadState(this.#namedTensors(), state, options);
  }

  /** Frees all parameters, their gradients and buffers. */
  dispose(): void {
    for (const [, member] of this.namedState()) {
      if (member instanceof Parameter) clearGrad(member.tensor);
      member.tensor.dispose();
    }
  }

  #setTraining(training: boolean): this {
    for (const [, module] of this.namedModules()) module.#training = training;
    return this;
  }

  /** This module and all that it holds, each once, with their structured names. */
  *#walk(naming: Naming = 'state', seen = new Set<object>()): Generator<[name: string, member: Member]> {
    const names = (naming === 'torch' && this.torchNames) || this.stateNames;
    seen.add(this);
    yield ['', this];
    for (const [path, member] of membersOf(this)) {
      if (seen.has(member)) continue;
      if (member instanceof Module) {
        for (const [inner, held] of member.#walk(naming, seen))
          yield [renamed(joinNames(path, inner), names), held];
      } else if (member instanceof Parameter || member instanceof Buffer) {
        seen.add(member);
        yield [renamed(path, names), member];
      }
    }
  }

  /** @internal All parameters and buffers with their structured names. */
  namedState(naming: Naming = 'state'): [name: string, member: Parameter | Buffer][] {
    const state = new Map<string, Parameter | Buffer>();
    for (const [name, member] of this.#walk(naming)) {
      if (member instanceof Module) continue;
      check(
        !state.has(name),
        'invalid-argument',
        () => `${this.constructor.name} has two members called ${name}: rename a property`,
      );
      state.set(name, member);
    }
    return [...state];
  }

  #namedTensors(): NamedTensor[] {
    return this.namedState().map(([name, { tensor }]) => [name, tensor]);
  }

  /** Says where a leaf is that no optimizer would find. */
  #checkLeaves(parameters: readonly (readonly [string, Parameter])[]): void {
    const known = new Set(parameters.map(([, { tensor }]) => tensor));
    for (const [name, module] of this.namedModules())
      for (const [path, member] of membersOf(module))
        check(
          !(member instanceof Tensor) || known.has(member) || !isLeaf(member),
          'invalid-argument',
          () =>
            `${joinNames(name, path)} of ${this.constructor.name} is a tensor that requires a gradient but is not a Parameter, ` +
            'so that no optimizer would find it: make it a new Parameter(device, values, shape)',
        );
  }
}

/** A module. */
export const MODULE = instanceOf(Module, 'a Module');
