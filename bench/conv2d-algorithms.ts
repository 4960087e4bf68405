/**
 * @file The kernels that can be measured: the library's own choice, or those of one algorithm.
 */

import type { Device } from '../src/device/device.ts';
import type { Algorithm } from '../src/kernels/conv2d/algorithm.ts';
import { ALL_ALGORITHMS } from '../src/kernels/conv2d/all-algorithms.ts';
import type { Pass } from '../src/kernels/conv2d/passes.ts';
import { heuristicAlgorithm } from '../src/kernels/conv2d/selection.ts';
import type { Conv2dGeometry } from '../src/shape/conv2d.ts';
import { algorithmsOf } from '../src/tensor/tuning.ts';

/** The names of the algorithms, and `auto`: the library's own choice. */
export const NAMES: readonly string[] = ['auto', ...ALL_ALGORITHMS.map(({ name }) => name)];

/** The algorithm called `name`; undefined where it has no kernel for this. */
export function algorithmFor(
  device: Device,
  name: string,
  pass: Pass,
  g: Conv2dGeometry,
): Algorithm | undefined {
  const { target } = device;
  if (name === 'auto') return heuristicAlgorithm(algorithmsOf(device), pass, g, target);
  return ALL_ALGORITHMS.find((algorithm) => algorithm.name === name && algorithm.supports(pass, g, target));
}
