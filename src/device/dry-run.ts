/**
 * @file Dry runs: the plans of some work are collected, and nothing runs.
 */

import type { KernelPlan } from '../kernels/plan.ts';
import type { BufferSlice } from './buffer-pool.ts';
import { checkSameKernel, sharesCode, sourceOf } from './kernel-source.ts';
import type { TexelCopies } from './texel-copies.ts';

/** The plans of a dry run. */
export class DryRun {
  readonly #plans = new Map<string, KernelPlan>();
  readonly #texelCopies: TexelCopies;

  constructor(texelCopies: TexelCopies) {
    this.#texelCopies = texelCopies;
  }

  /** The plans so far, those of equal keys once. */
  get plans(): Iterable<KernelPlan> {
    return this.#plans.values();
  }

  /** Keeps a plan, and makes room for the copies that its kernel reads. */
  add(plan: KernelPlan, slices: readonly BufferSlice[]): void {
    const known = this.#plans.get(plan.key);
    if (!known) this.#plans.set(plan.key, plan);
    else if (!sharesCode(known, plan)) checkSameKernel(known, sourceOf(known), plan);
    plan.access.forEach((access, i) => {
      if (access === 'texture') this.#texelCopies.reserve(plan.textures[i]!, slices[i]!.bytes);
    });
  }
}
