/**
 * @file The kernels that can be measured: the library's own choice, or those of one family.
 */

import type { Pass } from '../src/kernels/conv2d/choices.ts';
import { FAMILIES, type Family } from '../src/kernels/conv2d/families.ts';
import { selectFamily } from '../src/kernels/conv2d/select.ts';
import type { KernelTarget } from '../src/kernels/kernel.ts';
import type { Conv2dGeometry } from '../src/shape/conv2d.ts';

/** The names of families; `auto` is the library's own choice. */
export const VARIANTS: readonly string[] = ['auto', ...FAMILIES.map(({ name }) => name)];

/** The family that `variant` stands for; undefined where it has no kernel for this. */
export function familyFor(
  variant: string,
  pass: Pass,
  g: Conv2dGeometry,
  target: KernelTarget,
): Family | undefined {
  if (variant === 'auto') return selectFamily(pass, g, target);
  return FAMILIES.find((family) => family.name === variant && family.supports(pass, g, target));
}
