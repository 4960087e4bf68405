/**
 * @file What a reduction makes of each element, how two parts are put together, and what comes out: one table, in WGSL.
 *
 * Where a reduction takes two passes over the elements, the first is another reduction, whose result is `known` to the
 * second: the mean to the sum of squared differences (which thus loses nothing where the mean is large), the maximum to
 * the sum of exponentials (none of which overflows) and to the search for its place.
 */

import { EXTREMES, IS_FINITE, IS_NAN_SCALAR, SPECIAL } from './float-bits.ts';
import { LOG_AT_LEAST_1 } from './logarithm.ts';
import type { Piece } from './wgsl.ts';

/** A reduction of elements `x: f32`. */
export interface Reduction {
  /** The type of a part: of what one element gives, and several together. */
  readonly part: 'f32' | 'i32';
  /** The part of no elements. */
  readonly none: string;
  /** The part of one element x, the `r`th of its result; x itself if left out. */
  readonly element?: string;
  /** Two parts, a and b, together. */
  readonly merge: string;
  /** The result, of the part of all elements, `total`; that itself if left out. */
  readonly result?: string;
  /** Whether {@link element} or {@link result} mention `known`, a value for each result. */
  readonly known?: boolean;
  /** What the expressions use. */
  readonly uses?: readonly Piece[];
}

/** No place: beyond all. */
const NOWHERE = '0x7fffffffi';

/** `factor · Σ x`; apart from the others, which few programs need. */
export const SUM: Reduction = { part: 'f32', none: '0.0', merge: 'a + b', result: 'u.factor * total' };

const TABLE = {
  sum: SUM,
  /** `factor · Σ x / known`. */
  quotient: { part: 'f32', none: '0.0', merge: 'a + b', result: 'u.factor * total / known', known: true },
  max: { part: 'f32', none: 'infinity(0x80000000u)', merge: 'greater(a, b)', uses: [EXTREMES, SPECIAL] },
  min: { part: 'f32', none: 'infinity(0u)', merge: 'smaller(a, b)', uses: [EXTREMES, SPECIAL] },
  /** `factor · Σ (x − known)²`: a variance, where the mean is known. */
  squaredDifferences: {
    part: 'f32',
    none: '0.0',
    element: '(x - known) * (x - known)',
    merge: 'a + b',
    result: 'u.factor * total',
    known: true,
  },
  /** `log Σ eˣ`, where the maximum is known; that itself where it is infinite or NaN. */
  logSumExp: {
    part: 'f32',
    none: '0.0',
    element: 'exp(x - known)',
    merge: 'a + b',
    result: 'select(known, known + logAtLeast1(total), isFinite(known))',
    known: true,
    uses: [IS_FINITE, LOG_AT_LEAST_1],
  },
  /** The place of the first element that is the known maximum, or NaN as that is. */
  place: {
    part: 'i32',
    none: NOWHERE,
    element: `select(${NOWHERE}, i32(r), x == known || (isNanScalar(x) && isNanScalar(known)))`,
    merge: 'min(a, b)',
    known: true,
    uses: [IS_NAN_SCALAR],
  },
  /** How many elements are the known maximum or minimum; exact up to 2²⁴. */
  count: {
    part: 'f32',
    none: '0.0',
    element: 'select(0.0, 1.0, x == known)',
    merge: 'a + b',
    known: true,
  },
} as const satisfies Record<string, Reduction>;

/** A name of a reduction. */
export type ReductionName = keyof typeof TABLE;

/** All reductions. */
export const REDUCTIONS: Readonly<Record<ReductionName, Reduction>> = TABLE;
