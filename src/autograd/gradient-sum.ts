/**
 * @file Who may write into a gradient.
 *
 * A gradient on its way through the graph is *lent*: both inputs of `add` are handed the very memory of its output's
 * gradient, and a caller's own gradient is where the walk starts. Nobody writes into it; what an op's backward is given
 * is read-only (`Tensor.freeze`), and running a kernel that writes to it throws. A {@link GradientSum} is the one that
 * writes, and only into memory that no other handle shares (`Tensor.isSole`) or that its leaf has set aside for it.
 */

import { addPlan } from '../kernels/elementwise.ts';
import { runAccumulate, runElementwise } from '../tensor/run.ts';
import { Tensor } from '../tensor/tensor.ts';

/** Adds up the gradients that reach one tensor during one backward pass. */
export class GradientSum {
  readonly #destination: Tensor | undefined;
  #value: Tensor | undefined;

  /** @param destination where the sum is to lie; in memory of its own by default */
  constructor(destination?: Tensor) {
    this.#destination = destination;
  }

  /** The destination, where the first gradient may be written into it. */
  get offer(): Tensor | undefined {
    return this.#value ? undefined : this.#destination;
  }

  /** Adds a lent gradient; one that was written into {@link offer} counts once, as it lies there. */
  add(gradient: Tensor): void {
    if (!this.#value) {
      this.#value = this.#destination ?? gradient.alias();
      if (this.#destination && !sameMemory(gradient, this.#destination)) copy(gradient, this.#destination);
    } else if (this.#ownsValue) {
      accumulate(gradient, this.#value);
    } else {
      const total = Tensor.allocate(gradient.device, gradient);
      runElementwise(addPlan, total, { a: this.#value, b: gradient }, {});
      this.#value.dispose();
      this.#value = total;
    }
  }

  /** The sum, to be lent: read-only. There must have been a gradient. */
  lend(): Tensor {
    return this.#value!.freeze();
  }

  /** The sum in memory of its own. There must have been a gradient. */
  own(): Tensor {
    if (this.#ownsValue) return this.#value!;
    const own = Tensor.allocate(this.#value!.device, this.#value!);
    copy(this.#value!, own);
    return own;
  }

  get #ownsValue(): boolean {
    return this.#value === this.#destination || this.#value!.isSole;
  }
}

/** `sum += gradient`. */
export function accumulate(gradient: Tensor, sum: Tensor): void {
  if (gradient.slice.buffer !== sum.slice.buffer) {
    runAccumulate(gradient, sum);
    return;
  }
  // WebGPU lets no dispatch read one part of a buffer and write another.
  const apart = Tensor.allocate(gradient.device, gradient);
  copy(gradient, apart);
  runAccumulate(apart, sum);
  apart.dispose();
}

function copy(from: Tensor, to: Tensor): void {
  from.device.copy(from.slice, to.writable());
}

function sameMemory(a: Tensor, b: Tensor): boolean {
  return a.slice.buffer === b.slice.buffer && a.slice.offset === b.slice.offset;
}
