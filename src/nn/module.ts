/**
 * @file A part of a network: parameters, buffers and smaller modules under the names that state dicts know.
 */

import { checkArgument, FUNCTION, instanceOf, type Rule, STRING } from '../arguments.ts';
import { clearGrad } from '../autograd/graph.ts';
import type { Device } from '../device/device.ts';
import { check } from '../errors.ts';
import { checkDevice } from '../tensor/check-device.ts';
import { TENSOR } from '../tensor/check-tensor.ts';
import { keep, moduleScope } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Parameter } from './parameter.ts';
import { loadState, type NamedTensor, readState, type StateDict } from './state-dict.ts';

/** What a module holds under one name. */
type Member =
  | { readonly kind: 'module'; readonly module: Module }
  | { readonly kind: 'parameter'; readonly parameter: Parameter }
  | { readonly kind: 'buffer'; readonly buffer: Tensor };

/**
 * A differentiable function with state. A subclass registers its members, in the order in which they stand in
 * state dicts, with {@link addModule}, {@link addParameter} and {@link addBuffer}, and implements
 * {@link forward}; users {@link call} it.
 */
export abstract class Module<Inputs extends readonly unknown[] = [x: Tensor]> {
  readonly device: Device;
  readonly #members = new Map<string, Member>();
  #training = true;

  /** Throws 'invalid-argument' unless `device` is one. */
  constructor(device: Device) {
    checkDevice(new.target.name, device);
    this.device = device;
  }

  /** What the module computes. */
  abstract forward(...inputs: Inputs): Tensor;

  /** Runs the module. Its intermediates are freed on return, but for those that backward needs. */
  call(...inputs: Inputs): Tensor {
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
  namedModules(): [name: string, module: Module][] {
    const inner = [...this.#members].flatMap(([name, member]) =>
      member.kind === 'module'
        ? member.module
            .namedModules()
            .map(([rest, module]): [string, Module] => [rest === '' ? name : `${name}.${rest}`, module])
        : [],
    );
    return [['', this as unknown as Module], ...inner];
  }

  /** All parameters, in the order of the state dict. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** All parameters with their structured names. */
  namedParameters(): [name: string, parameter: Parameter][] {
    return [...this.#walk()].flatMap(([name, member]) =>
      member.kind === 'parameter' ? [[name, member.parameter]] : [],
    );
  }

  /** All tensors of the state that training does not change by gradients, with their structured names. */
  namedBuffers(): [name: string, buffer: Tensor][] {
    return [...this.#walk()].flatMap(([name, member]) =>
      member.kind === 'buffer' ? [[name, member.buffer]] : [],
    );
  }

  /** The values of all parameters and buffers, read with one wait. */
  stateDict(): Promise<StateDict> {
    return readState(this.#namedTensors());
  }

  /**
   * Overwrites all parameters and buffers. Returns the names in `state` that the module does not have. Nothing is
   * written unless all fits: throws 'bad-data' where an entry is missing or is no { shape, data }, 'shape-mismatch' where
   * shapes or counts of values differ.
   */
  loadStateDict(state: StateDict): { unexpected: string[] } {
    return loadState(this.#namedTensors(), state);
  }

  /** Frees all parameters, their gradients and buffers. */
  dispose(): void {
    for (const { tensor } of this.parameters()) clearGrad(tensor);
    for (const [, tensor] of this.#namedTensors()) tensor.dispose();
  }

  /** Registers a module inside this one. Returns it. */
  protected addModule<M extends Module<never>>(name: string, module: M): M {
    checkMember(name, module, MODULE);
    for (const [, parameter] of module.namedParameters()) parameter.name = `${name}.${parameter.name}`;
    this.#add(name, { kind: 'module', module: module as unknown as Module });
    return module;
  }

  /** Registers a parameter. Returns it. */
  protected addParameter(name: string, parameter: Parameter): Parameter {
    checkMember(name, parameter, PARAMETER);
    parameter.name = name;
    this.#add(name, { kind: 'parameter', parameter });
    return parameter;
  }

  /** Registers a tensor that belongs to the state but has no gradient; it leaves its scope. Returns it. */
  protected addBuffer(name: string, buffer: Tensor): Tensor {
    checkMember(name, buffer, TENSOR);
    this.#add(name, { kind: 'buffer', buffer: keep(buffer) });
    return buffer;
  }

  #add(name: string, member: Member): void {
    check(
      !this.#members.has(name),
      'invalid-argument',
      () => `this module already has a member called ${name}: choose another name`,
    );
    this.#members.set(name, member);
  }

  #setTraining(training: boolean): this {
    this.#training = training;
    for (const member of this.#members.values()) {
      if (member.kind === 'module') member.module.#setTraining(training);
    }
    return this;
  }

  /** All parameters and buffers, those of inner modules too, with their structured names. */
  *#walk(prefix = ''): Generator<[name: string, member: Exclude<Member, { kind: 'module' }>]> {
    for (const [name, member] of this.#members) {
      if (member.kind === 'module') yield* member.module.#walk(`${prefix}${name}.`);
      else yield [`${prefix}${name}`, member];
    }
  }

  #namedTensors(): NamedTensor[] {
    return [...this.#walk()].map(([name, member]) => [
      name,
      member.kind === 'parameter' ? member.parameter.tensor : member.buffer,
    ]);
  }
}

/** A module. */
export const MODULE = instanceOf(Module, 'a Module');
const PARAMETER = instanceOf(Parameter, 'a Parameter');

function checkMember(name: string, member: unknown, rule: Rule): void {
  checkArgument("the name of a module's member", name, STRING);
  checkArgument(`the member ${name} of a module`, member, rule);
}
