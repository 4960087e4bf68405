/**
 * @file Several dispatches that make one result together, and the buffers between them.
 */

import type { Buffers } from './buffers.ts';
import type { KernelPlan } from './plan.ts';

/** Carries a type, no value. */
declare const BUFFERS: unique symbol;

/** One dispatch of a {@link KernelSequence}. */
export interface SequenceStep {
  readonly plan: KernelPlan;
  /** For each of the plan's buffers that the sequence calls by another name, that name. */
  readonly rename?: Readonly<Record<string, string>>;
  /** A scratch buffer that no later step takes. */
  readonly frees?: string;
}

/** Dispatches in order, on the buffers `B` that the caller gives and on scratch buffers between them. */
export interface KernelSequence<out B = unknown> {
  readonly [BUFFERS]?: B;
  /** The sizes of the buffers between the dispatches, by name, in f32 elements. */
  readonly scratch: Readonly<Record<string, number>>;
  /** What is done once for a whole batch, whichever of its images the other steps take. */
  readonly once: readonly SequenceStep[];
  readonly steps: readonly SequenceStep[];
}

const NO_SCRATCH: Readonly<Record<string, number>> = {};
const NO_STEPS: readonly SequenceStep[] = [];

/** A sequence of a single dispatch. */
export function singleDispatch<B>(plan: KernelPlan<B>): KernelSequence<B> {
  return { scratch: NO_SCRATCH, once: NO_STEPS, steps: [{ plan }] };
}

/** A sequence of dispatches that leave each result for the next. */
export function sequenceOf<B = Buffers>(
  scratch: Readonly<Record<string, number>>,
  steps: readonly SequenceStep[],
  once: readonly SequenceStep[] = NO_STEPS,
): KernelSequence<B> {
  return { scratch, once, steps };
}

/** The steps of a sequence that is a part of another, whose buffers are called otherwise there: `names` says how. */
export function renamed(
  { steps }: KernelSequence,
  names: Readonly<Record<string, string>>,
): readonly SequenceStep[] {
  return steps.map((step) => {
    const outer = (own: string) => {
      const inner = step.rename?.[own] ?? own;
      return names[inner] ?? inner;
    };
    return { ...step, rename: Object.fromEntries(step.plan.names.map((own) => [own, outer(own)])) };
  });
}
