/**
 * @file The kernels that are inspected: what the library would run on a GPU for convolutions of ResNet-50, all three
 * passes, as far as they are tiled kernels.
 */

import { biasEpilogue } from '../../src/kernels/conv2d/epilogue.ts';
import { ALGORITHMS_FOR_HARDWARE } from '../../src/kernels/conv2d/for-hardware.ts';
import { PASSES } from '../../src/kernels/conv2d/passes.ts';
import { REFERENCES } from '../../src/kernels/conv2d/references.ts';
import { heuristicAlgorithm } from '../../src/kernels/conv2d/selection.ts';
import { tiledBackwardInputPlan } from '../../src/kernels/conv2d/tiled/backward-input.ts';
import { tiledBackwardWeightSequence } from '../../src/kernels/conv2d/tiled/backward-weight.ts';
import { tiledForwardPlan } from '../../src/kernels/conv2d/tiled/forward.ts';
import type { KernelPlan } from '../../src/kernels/kernel.ts';
import { CONV_CASES, caseGeometry } from '../conv2d-cases.ts';

const CASES = ['stem', 'c2_1x1a', 'c2_3x3', 'c3_3x3', 'c3_3x3s2', 'c4_short', 'c4_1x1b', 'c5_3x3', 'c5_1x1a'];
const BATCH = 32;
const ALGORITHMS = [...ALGORITHMS_FOR_HARDWARE, ...REFERENCES];
const GPU = { software: false, subgroupLanes: 0, readableTextures: true };

/** A kernel, by case and pass. */
export interface NamedPlan {
  readonly name: string;
  readonly plan: KernelPlan;
}

/** The plans, in an order of their own. */
export function tiledPlans(): NamedPlan[] {
  return CASES.flatMap((name) => {
    const g = caseGeometry(CONV_CASES[name]!, BATCH);
    const plans = {
      forward: tiledForwardPlan(g, biasEpilogue(false)),
      backwardInput: tiledBackwardInputPlan(g),
      backwardWeight: tiledBackwardWeightSequence(g).steps[0]!.plan,
    };
    return PASSES.filter((pass) => heuristicAlgorithm(ALGORITHMS, pass, g, GPU).name === 'tiled').map(
      (pass) => ({
        name: `${name} ${pass}`,
        plan: plans[pass],
      }),
    );
  });
}
