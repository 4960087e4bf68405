/**
 * @file Dispatches in parts of their grids, as the device runs them where it is slow.
 */

import { expect } from 'vitest';
import type { Bindings } from '../../src/kernels/buffers.ts';
import { gridParts } from '../../src/kernels/grid.ts';
import type { KernelPlan } from '../../src/kernels/plan.ts';
import type { KernelSequence, SequenceStep } from '../../src/kernels/sequence.ts';
import { runSequence, type Values } from './run-kernel.ts';

const PARTS = 3;

/** Expects that it does not matter to any bit whether the divisible dispatches of `sequence`, of which there is one, run in parts. */
export async function expectSameInParts<B, Given extends Bindings<B, Values>>(
  sequence: KernelSequence<B>,
  buffers: Given,
): Promise<void> {
  const steps = sequence.steps.flatMap((step) => (step.plan.divisible ? partsOf(step) : [step]));
  expect(steps.length).toBeGreaterThan(sequence.steps.length);
  // In parts first: the scratch buffers of the whole would be used again, and hold what is missing.
  const inParts = Object.values(await runSequence({ ...sequence, steps }, buffers));
  const whole = Object.values(await runSequence(sequence, buffers));
  const bytes = (values: unknown) => Buffer.from((values as Values).buffer);
  whole.forEach((values, i) => {
    expect(bytes(values).equals(bytes(inParts[i]))).toBe(true);
  });
}

/** The parts of a dispatch. */
function partsOf({ plan, frees, ...step }: SequenceStep): SequenceStep[] {
  const parts = gridParts(plan.workgroups, PARTS);
  return parts.map((part, i) => ({
    ...step,
    plan: partOf(plan, part),
    ...(frees !== undefined && i === parts.length - 1 && { frees }),
  }));
}

function partOf(plan: KernelPlan, { first, workgroups }: ReturnType<typeof gridParts>[number]): KernelPlan {
  const uniforms = plan.uniforms.slice();
  new Uint32Array(uniforms)[uniforms.byteLength / 4 - 1] = first;
  return { ...plan, workgroups, uniforms };
}
