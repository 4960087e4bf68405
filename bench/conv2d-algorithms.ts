/**
 * @file The kernels that can be measured: the library's own choice, or those of one algorithm.
 */

import { ALGORITHMS, type Algorithm, heuristicAlgorithm } from '../src/kernels/conv2d/algorithms.ts';
import type { Pass } from '../src/kernels/conv2d/passes.ts';
import type { KernelTarget } from '../src/kernels/kernel.ts';
import type { Conv2dGeometry } from '../src/shape/conv2d.ts';

/** The names of the algorithms, and `auto`: the library's own choice. */
export const NAMES: readonly string[] = ['auto', ...ALGORITHMS.map(({ name }) => name)];

/** The algorithm called `name`; undefined where it has no kernel for this. */
export function algorithmFor(
  name: string,
  pass: Pass,
  g: Conv2dGeometry,
  target: KernelTarget,
): Algorithm | undefined {
  if (name === 'auto') return heuristicAlgorithm(pass, g, target);
  return ALGORITHMS.find((algorithm) => algorithm.name === name && algorithm.supports(pass, g, target));
}
