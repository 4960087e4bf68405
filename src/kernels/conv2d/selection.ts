/**
 * @file Which of a device's algorithms runs a pass of a convolution.
 *
 * A list of algorithms is in the order in which the heuristics ask it, and ends with the references.
 */

import { type Conv2dGeometry, groupsAreAligned } from '../../shape/conv2d.ts';
import type { KernelTarget } from '../plan.ts';
import type { Algorithm } from './algorithm.ts';
import type { Pass, TunedAlgorithms } from './passes.ts';

/** The algorithm for a pass of the convolution `g`: the one that was measured to be the fastest, else the heuristics' choice. */
export function selectAlgorithm(
  algorithms: readonly Algorithm[],
  pass: Pass,
  g: Conv2dGeometry,
  target: KernelTarget,
  tuned: TunedAlgorithms,
): Algorithm {
  const chosen = tuned.algorithmOf(pass, g);
  const measured = chosen === undefined ? undefined : algorithms.find(({ name }) => name === chosen);
  return measured?.supports(pass, g, target) ? measured : heuristicAlgorithm(algorithms, pass, g, target);
}

/** The algorithm that the heuristics give; the reference is preferred wherever it is asked for. */
export function heuristicAlgorithm(
  algorithms: readonly Algorithm[],
  pass: Pass,
  g: Conv2dGeometry,
  target: KernelTarget,
): Algorithm {
  return algorithms.find(
    (algorithm) => algorithm.supports(pass, g, target) && algorithm.prefers(pass, g, target),
  )!;
}

/**
 * The algorithms that may be the fastest for a pass of `g` on the adapter, in the order of the list, up to the reference: what
 * comes after it is slower.
 */
export function candidates(
  algorithms: readonly Algorithm[],
  pass: Pass,
  g: Conv2dGeometry,
  target: KernelTarget,
): Algorithm[] {
  const last = algorithms.indexOf(referenceAlgorithm(algorithms, g));
  return algorithms.slice(0, last + 1).filter((algorithm) => algorithm.supports(pass, g, target));
}

/** The names of the references, see `references.ts`: every list has them. */
export const REFERENCE_NAMES: readonly string[] = ['plain', 'grouped'];

/** The simplest kernels for `g`, by which the others are judged. */
export function referenceAlgorithm(algorithms: readonly Algorithm[], g: Conv2dGeometry): Algorithm {
  return algorithms.find(({ name }) => name === REFERENCE_NAMES[groupsAreAligned(g) ? 0 : 1])!;
}
