/**
 * @file A parameter: a tensor that training changes.
 */

import { checkArgument, checkOptions, FLOATS, type OptionRules } from '../arguments.ts';
import { gradOf, isLeaf, requiresGrad } from '../autograd/graph.ts';
import type { Device } from '../device/device.ts';
import { LAYOUT, type Layout } from '../shape/layout.ts';
import type { Shape } from '../shape/shape.ts';
import { tensor } from '../tensor/create.ts';
import { keep } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** How a parameter is made. */
export interface ParameterOptions {
  /** How its elements lie in memory: 'filter' for those of convolutions; 'row-major' by default. */
  readonly layout?: Layout;
}

const OPTIONS: OptionRules<ParameterOptions> = { layout: LAYOUT };

/** A leaf of the graph, with the name that its module gives it. */
export class Parameter {
  /**
   * Its structured name, `conv._conv.weight` for instance, in the outermost module that was asked for its parameters; empty
   * before.
   */
  name = '';
  /** Its values. They lie in the memory of an optimizer's arena once there is one. */
  readonly tensor: Tensor;

  /**
   * Throws 'invalid-argument' for other arguments, 'shape-mismatch' where the shape has another number of elements.
   *
   * @param values in logical row-major order
   */
  constructor(device: Device, values: Float32Array, shape: Shape, options: ParameterOptions = {}) {
    checkArgument('the values of a Parameter', values, FLOATS);
    checkOptions('Parameter', options, OPTIONS);
    this.tensor = keep(tensor(device, values, shape, options));
    requiresGrad(this.tensor);
  }

  /**
   * Whether training changes it, true at first. While it is false backward computes no gradient for it, and optimizers pass it
   * over; the gradient it had is forgotten.
   */
  get requiresGrad(): boolean {
    return isLeaf(this.tensor);
  }

  /** Has gradients computed from now on, or no longer. */
  set requiresGrad(required: boolean) {
    requiresGrad(this.tensor, required);
  }

  /** The shape of its tensor. */
  get shape(): Shape {
    return this.tensor.shape;
  }

  /** The number of elements, padding not counted. */
  get size(): number {
    return this.tensor.size;
  }

  /** What the last backward passes added up to; undefined where none reached it. */
  get grad(): Tensor | undefined {
    return gradOf(this.tensor);
  }
}

/** The modules whose names parameters bear. */
const namers = new WeakMap<Parameter, object>();

/** Gives a parameter the name that it has in `owner`, unless that lies inside the module whose name it bears. */
export function nameParameter(
  parameter: Parameter,
  name: string,
  owner: object,
  isInside: (other: object) => boolean,
): void {
  const namer = namers.get(parameter);
  if (namer && namer !== owner && isInside(namer)) return;
  parameter.name = name;
  namers.set(parameter, owner);
}
