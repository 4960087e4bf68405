/**
 * @file The kernels that are inspected: tiled convolutions of ResNet-50, all three passes. By large tiles what the library
 * would run on a GPU; by each of the small tiles a few.
 */

import type { Algorithm } from '../../src/kernels/conv2d/algorithm.ts';
import { biasEpilogue } from '../../src/kernels/conv2d/epilogue.ts';
import { ALGORITHMS_FOR_HARDWARE } from '../../src/kernels/conv2d/for-hardware.ts';
import { PASSES, type Pass } from '../../src/kernels/conv2d/passes.ts';
import { heuristicAlgorithm } from '../../src/kernels/conv2d/selection.ts';
import { SMALL_TILES, tileName } from '../../src/kernels/conv2d/tiled/tile-size.ts';
import type { KernelPlan, KernelTarget } from '../../src/kernels/plan.ts';
import { CONV_CASES, caseGeometry } from '../../src/laboratory/resnet-convolutions.ts';
import type { Conv2dGeometry } from '../../src/shape/conv2d.ts';

const CASES = ['stem', 'c2_1x1a', 'c2_3x3', 'c3_3x3', 'c3_3x3s2', 'c4_short', 'c4_1x1b', 'c5_3x3', 'c5_1x1a'];
const CASES_OF_SMALL_TILES = ['stem', 'c4_1x1b', 'c3_3x3', 'c3_3x3s2'];
const BATCH = 32;
const GPU: KernelTarget = { software: false, subgroupLanes: 0, readableTextures: true, sumsPerThread: 64 };

/** A kernel, by case and pass. */
export interface NamedPlan {
  readonly name: string;
  readonly plan: KernelPlan;
  /** Whether its threads have 64 sums. */
  readonly large: boolean;
}

/** The plans, in an order of their own. */
export function tiledPlans(): NamedPlan[] {
  const byName = (name: string) => ALGORITHMS_FOR_HARDWARE.find((algorithm) => algorithm.name === name)!;
  const large = plansOf(CASES, byName('tiled'), true);
  const small = SMALL_TILES.flatMap((tile) =>
    plansOf(CASES_OF_SMALL_TILES, byName(`tiled ${tileName(tile)}`), false),
  );
  return [...large, ...small];
}

function plansOf(cases: readonly string[], algorithm: Algorithm, large: boolean): NamedPlan[] {
  return cases.flatMap((name) => {
    const g = caseGeometry(CONV_CASES[name]!, BATCH);
    return PASSES.filter(
      (pass) => heuristicAlgorithm(ALGORITHMS_FOR_HARDWARE, pass, g, GPU).name === 'tiled',
    ).map((pass) => ({ name: `${name} ${pass}`, plan: planOf(algorithm, pass, g), large }));
  });
}

function planOf(algorithm: Algorithm, pass: Pass, g: Conv2dGeometry): KernelPlan {
  const sequences = {
    forward: () => algorithm.forward(g, biasEpilogue(false), GPU),
    backwardInput: () => algorithm.backwardInput(g, GPU),
    backwardWeight: () => algorithm.backwardWeight(g, GPU),
  };
  return sequences[pass]().steps[0]!.plan;
}
