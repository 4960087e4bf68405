/**
 * @file How layers become operators: each kind of layer has a function that adds its operators to a graph.
 */

import { check } from '../../errors.ts';
import type { Buffer } from '../../nn/buffer.ts';
import type { AnyModule } from '../../nn/module.ts';
import type { Parameter } from '../../nn/parameter.ts';
import type { Layer } from '../../nn/sequential.ts';
import type { StateDict } from '../../nn/state-dict.ts';
import { type Attribute, GraphBuilder } from './graph.ts';

/** A class of modules, whose `forward` is known. */
export interface ModuleClass<M> {
  readonly prototype: M;
}

/** Adds the operators of a layer that takes the value `x`. Returns the name of its result. */
export type Emit<M> = (emitter: Emitter, layer: M, x: string, residual?: string) => string;

/** What kinds of layers there are, and how each is written. */
export interface LayerKind {
  /** Whether `layer` computes what {@link LayerKind.emit} writes. */
  readonly fits: (layer: unknown) => boolean;
  readonly emit: Emit<never>;
}

/**
 * The layers of `Type`, and of its subclasses that have not got a `forward` of their own.
 */
export function kind<M extends AnyModule>(Type: ModuleClass<M>, emit: Emit<M>): LayerKind {
  const { prototype } = Type;
  return {
    fits: (layer) =>
      Object.prototype.isPrototypeOf.call(prototype, layer as object) &&
      (layer as AnyModule).forward === prototype.forward,
    emit: emit as Emit<never>,
  };
}

/** The function `op` itself, as a layer. */
export function kindOfFunction(op: Layer, emit: Emit<unknown>): LayerKind {
  return { fits: (layer) => layer === op, emit };
}

/** The graph of a model while it is written, and what is known of the model. */
export class Emitter {
  readonly graph = new GraphBuilder();
  readonly #kinds: readonly LayerKind[];
  readonly #places: ReadonlyMap<unknown, string>;
  readonly #names: ReadonlyMap<unknown, string>;
  readonly #state: StateDict;

  /** `state` is what `model` holds. */
  constructor(model: AnyModule, state: StateDict, kinds: readonly LayerKind[]) {
    this.#kinds = kinds;
    this.#places = new Map(model.namedModules().map(([name, module]) => [module, name]));
    this.#names = new Map(model.namedState().map(([name, member]) => [member, name]));
    this.#state = state;
  }

  /** Adds the operators of a layer, and returns the name of its result. Throws 'unsupported' for a kind that is not known. */
  layer(layer: AnyModule | Layer, x: string, residual?: string): string {
    const known = this.#kinds.find(({ fits }) => fits(layer));
    const place = this.#places.get(layer);
    check(known !== undefined, 'unsupported', () => {
      const name = (layer as object).constructor.name;
      const what = place === undefined ? 'a function' : `a ${name}${place === '' ? '' : ` (${place})`}`;
      return (
        `toOnnx: the model holds ${what}, and what that computes cannot be told from outside: ` +
        "build the model of fovea's own layers in a Sequential, or of ResNets and their blocks"
      );
    });
    const emit = () => (known.emit as Emit<unknown>)(this, layer, x, residual);
    return place === undefined ? emit() : this.graph.within(place, emit);
  }

  /** Adds an operator, and returns the name of its result. */
  node(operator: string, inputs: readonly string[], attributes?: Record<string, Attribute>): string {
    return this.graph.node(operator, inputs, attributes);
  }

  /** The name of the constant that a parameter or buffer of the model becomes: that of the state dict. */
  constant(member: Parameter | Buffer): string {
    const name = this.#names.get(member)!;
    return this.graph.parameter(name, this.#state.get(name)!);
  }

  /** {@link constant} of those that there are. */
  constants(...members: readonly (Parameter | Buffer | undefined)[]): string[] {
    return members.flatMap((member) => (member ? [this.constant(member)] : []));
  }
}
