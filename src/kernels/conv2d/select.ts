/**
 * @file Picks the family of kernels for a pass of a convolution: the one that measuring chose, else by rule.
 */

import { type Conv2dGeometry, groupsAreAligned } from '../../shape/conv2d.ts';
import type { KernelTarget } from '../kernel.ts';
import type { Pass } from './choices.ts';
import { FAMILIES, type Family, isMadeFor } from './families.ts';

/** The family for a pass of the convolution `g`. */
export function selectFamily(pass: Pass, g: Conv2dGeometry, target: KernelTarget): Family {
  const chosen = target.choices.familyOf(pass, g);
  const measured = FAMILIES.find(({ name }) => name === chosen);
  return measured?.supports(pass, g, target) ? measured : ruledFamily(pass, g, target);
}

/** The family that the rules give; the reference is preferred wherever it is asked for. */
export function ruledFamily(pass: Pass, g: Conv2dGeometry, target: KernelTarget): Family {
  return FAMILIES.find((family) => isCandidate(family, pass, g, target) && family.prefers(pass, g, target))!;
}

/**
 * The families that may be the fastest for a pass of `g` on the adapter, in the order of the rules, which end with the
 * reference: what comes after it is slower.
 */
export function candidates(pass: Pass, g: Conv2dGeometry, target: KernelTarget): Family[] {
  const last = FAMILIES.indexOf(referenceFamily(g));
  return FAMILIES.slice(0, last + 1).filter((family) => isCandidate(family, pass, g, target));
}

function isCandidate(family: Family, pass: Pass, g: Conv2dGeometry, target: KernelTarget): boolean {
  return isMadeFor(family, target) && family.supports(pass, g, target);
}

/** The simplest kernels for `g`, by which the others are judged. */
export function referenceFamily(g: Conv2dGeometry): Family {
  const name = groupsAreAligned(g) ? 'plain' : 'grouped';
  return FAMILIES.find((family) => family.name === name)!;
}
