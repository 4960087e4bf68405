/**
 * @file A graph of ONNX operators while it is put together. Values go by their names.
 */

import type { Shape } from '../../shape/shape.ts';

/** What an operator is told beside its inputs: ONNX knows whole numbers from others, and one from several. */
export type Attribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number };

/** An operator and the values that it takes and gives. */
export interface OnnxNode {
  readonly name: string;
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A constant of the graph. */
export interface OnnxConstant {
  readonly shape: Shape;
  /** In row-major order. */
  readonly data: Float32Array | BigInt64Array;
}

/** The element types of what goes in and comes out. */
export type OnnxType = 'f32' | 'u8';

/** What goes in or comes out, once for each sample of a batch of any size. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  /** Without the batch. */
  readonly shape: Shape;
}

/** A whole graph: what `encode-model.ts` writes. */
export interface OnnxGraph {
  readonly input: OnnxValue;
  readonly output: OnnxValue;
  /** Each after those whose results it takes. */
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, OnnxConstant>;
}

/** Collects nodes and constants, and names them. */
export class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly constants = new Map<string, OnnxConstant>();
  readonly #names = new Set<string>();
  #place = '';

  /** Runs `emit` with all names beginning with `place`. */
  within<T>(place: string, emit: () => T): T {
    const outer = this.#place;
    this.#place = place;
    try {
      return emit();
    } finally {
      this.#place = outer;
    }
  }

  /** Adds an operator. Returns the name of its result. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const name = this.#unique(operator);
    const output = `${name}.result`;
    this.nodes.push({ name, operator, inputs, output, attributes });
    return output;
  }

  /** Adds a constant of this name, unless there is one. Returns the name. */
  parameter(name: string, constant: OnnxConstant): string {
    this.#names.add(name);
    this.constants.set(name, constant);
    return name;
  }

  /** Adds a constant that is no tensor of the model's. Returns its name. */
  constant(word: string, shape: Shape, data: OnnxConstant['data']): string {
    return this.parameter(this.#unique(word), { shape, data });
  }

  #unique(word: string): string {
    const base = this.#place === '' ? word : `${this.#place}.${word}`;
    let name = base;
    for (let i = 2; this.#names.has(name); i++) name = `${base}_${i}`;
    this.#names.add(name);
    return name;
  }
}
