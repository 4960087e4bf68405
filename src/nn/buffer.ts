/**
 * @file A buffer: a tensor of a module's state that training changes, but not by gradients.
 */

import { checkArgument } from '../arguments.ts';
import { TENSOR } from '../tensor/check-tensor.ts';
import { keep } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** A tensor that stands in its module's state dict beside the parameters: running statistics, for instance. */
export class Buffer {
  /** Its values. */
  readonly tensor: Tensor;

  /** Takes `tensor` out of its scope, so that it lives until the module is disposed. Throws 'invalid-argument' where it is none. */
  constructor(tensor: Tensor) {
    checkArgument('what Buffer is given', tensor, TENSOR);
    this.tensor = keep(tensor);
  }
}
