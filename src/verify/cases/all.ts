/**
 * @file What every op is tried on: shapes that break kernels. Channels are no multiple of 4, sides are odd, rows do not fill a
 * workgroup, operands broadcast, layouts differ.
 */

import type { AnyOpCase } from './case.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { MAPS } from './maps.ts';
import { MOVES } from './moves.ts';
import { PRODUCTS_AND_LOSSES } from './products-and-losses.ts';
import { REDUCTIONS } from './reductions.ts';

/** All. */
export const OP_CASES: readonly AnyOpCase[] = [
  ...ELEMENTWISE,
  ...REDUCTIONS,
  ...MOVES,
  ...MAPS,
  ...PRODUCTS_AND_LOSSES,
];
