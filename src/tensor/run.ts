/**
 * @file Runs kernels on tensors.
 */

import type { KernelPlan } from '../kernels/kernel.ts';
import type { Reduction } from '../kernels/reduce.ts';
import { empty } from './create.ts';
import type { Tensor } from './tensor.ts';

/** Runs `plan` on the memory of `tensors`, one for each of its storage buffers in order. */
export function run(plan: KernelPlan, ...tensors: readonly Tensor[]): void {
  tensors[0]!.device.run(
    plan,
    tensors.map(({ slice }) => slice),
  );
}

/** Runs all dispatches of a reduction of `inputs` into `output`. */
export function runReduction({ plans, scratch }: Reduction, inputs: readonly Tensor[], output: Tensor): void {
  let sources = inputs;
  plans.forEach((plan, i) => {
    const size = scratch[i];
    const target = size === undefined ? output : empty(output.device, [size]);
    run(plan, ...sources, target);
    if (sources !== inputs) sources[0]!.dispose();
    sources = [target];
  });
}
