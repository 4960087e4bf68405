/**
 * @file Elementary functions of each element: exp, log, roots, absolute value, sign change, clamp.
 */

import { checkOptions, NUMBER, type OptionRules } from '../../arguments.ts';
import { check } from '../../errors.ts';
import { COMPARISONS, LOGARITHM, OR_NAN, SQUARE_ROOT } from '../../kernels/float-functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type UnaryOpDefinition, unaryOp } from '../unary-op.ts';

const EXP_OP = { name: 'exp', value: 'orNan(x, exp(x))', derivative: 'y', uses: [OR_NAN] } as const;

/** eˣ; infinite beyond 88.7. */
export const exp: (x: Tensor) => Tensor = /* @__PURE__ */ unaryOp(EXP_OP);

const LOG_OP = { name: 'log', value: 'logarithm(x)', derivative: 'dy / x', uses: [LOGARITHM] } as const;

/** The natural logarithm; −∞ at 0, NaN below. */
export const log: (x: Tensor) => Tensor = /* @__PURE__ */ unaryOp(LOG_OP);

const SQRT_OP = {
  name: 'sqrt',
  value: 'squareRoot(x)',
  derivative: 'dy * 0.5 / y',
  uses: [SQUARE_ROOT],
} as const;

/** √x; NaN below 0. Its gradient at 0 is infinite. */
export const sqrt: (x: Tensor) => Tensor = /* @__PURE__ */ unaryOp(SQRT_OP);

const RSQRT_OP = {
  name: 'rsqrt',
  value: '1.0 / squareRoot(x)',
  derivative: '-0.5 * y * y * y',
  uses: [SQUARE_ROOT],
} as const;

/** `1 / √x`; infinite at 0, NaN below. */
export const rsqrt: (x: Tensor) => Tensor = /* @__PURE__ */ unaryOp(RSQRT_OP);

const ABS_OP = { name: 'abs', value: 'abs(x)', derivative: 'orNan(x, sign(x))', uses: [OR_NAN] } as const;

/** |x|; its gradient at 0 is 0. */
export const abs: (x: Tensor) => Tensor = /* @__PURE__ */ unaryOp(ABS_OP);

const NEG_OP = { name: 'neg', value: '-x', derivative: '-1.0' } as const;

/** `−x` */
export const neg: (x: Tensor) => Tensor = /* @__PURE__ */ unaryOp(NEG_OP);

/** The bounds of {@link clamp}; at least one. */
export interface ClampOptions {
  /** −∞ by default. */
  readonly min?: number;
  /** ∞ by default. */
  readonly max?: number;
}

const CLAMP_OPTIONS: OptionRules<ClampOptions> = { min: NUMBER, max: NUMBER };

const CLAMP_OP = {
  name: 'clamp',
  value: 'orNan(x, select(select(x, low, isLess(x, low)), high, isLess(high, x)))',
  derivative: 'orNan(x, select(dy, vec4f(), isLess(x, low) | isLess(high, x)))',
  parameters: ['low', 'high'],
  uses: [COMPARISONS, OR_NAN],
} as const;

const clampOp = /* @__PURE__ */ unaryOp(CLAMP_OP);

/**
 * `min(max(x, min), max)`; its gradient is 1 within the bounds and on them, 0 beyond. NaN stays NaN. Throws
 * 'invalid-argument' unless one of them is given, and `min` is not above `max`.
 */
export function clamp(x: Tensor, options: ClampOptions): Tensor {
  checkOptions('clamp', options, CLAMP_OPTIONS);
  const { min, max } = options;
  check(
    min !== undefined || max !== undefined,
    'invalid-argument',
    () => 'clamp was given neither min nor max: give one or both, as in clamp(x, { min: 0 })',
  );
  const [low, high] = [min ?? Number.NEGATIVE_INFINITY, max ?? Number.POSITIVE_INFINITY];
  check(
    low <= high,
    'invalid-argument',
    () => `clamp: min is ${min}, max is ${max}: min must not be above max, and neither be NaN`,
  );
  return clampOp(x, { low, high });
}

/** All declarations, for those who look at every kernel. */
export const FUNCTIONS: readonly UnaryOpDefinition<string>[] = [
  EXP_OP,
  LOG_OP,
  SQRT_OP,
  RSQRT_OP,
  ABS_OP,
  NEG_OP,
  CLAMP_OP,
];
