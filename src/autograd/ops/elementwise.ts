/**
 * @file Arithmetic on each element for itself, and casts.
 */

import { checkArgument, oneOf } from '../../arguments.ts';
import { check } from '../../errors.ts';
import { castPlan } from '../../kernels/cast.ts';
import { expandPlan } from '../../kernels/elementwise.ts';
import { EXTREMES, POWER } from '../../kernels/float-functions.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { run, runElementwise } from '../../tensor/run.ts';
import type { AnyTensor, Tensor } from '../../tensor/tensor.ts';
import type { DType } from '../../tensor/values.ts';
import { type BinaryOp, type BinaryOpDefinition, binaryOp } from '../binary-op.ts';

const ADD_OP = { name: 'add', value: 'a + b', derivatives: { a: '1.0', b: '1.0' } } as const;

/**
 * `a + b`: tensors that broadcast by NumPy's rule, or a tensor and a number. Throws 'shape-mismatch' where they do not
 * broadcast, 'dtype-mismatch' unless they are of type f32.
 */
export const add: BinaryOp = /* @__PURE__ */ binaryOp(ADD_OP);

const SUBTRACT_OP = { name: 'subtract', value: 'a - b', derivatives: { a: '1.0', b: '-1.0' } } as const;

/** `a − b`, as {@link add} has it. */
export const subtract: BinaryOp = /* @__PURE__ */ binaryOp(SUBTRACT_OP);

const MULTIPLY_OP = { name: 'multiply', value: 'a * b', derivatives: { a: 'b', b: 'a' } } as const;

/** `a · b`, element by element, as {@link add} has it. */
export const multiply: BinaryOp = /* @__PURE__ */ binaryOp(MULTIPLY_OP);

const DIVIDE_OP = { name: 'divide', value: 'a / b', derivatives: { a: 'dy / b', b: '-dy * y / b' } } as const;

/** `a / b`, as {@link add} has it. */
export const divide: BinaryOp = /* @__PURE__ */ binaryOp(DIVIDE_OP);

// Where the base is 0 the logarithm is infinite and the power 0, and stays so.
const POW_OP = {
  name: 'pow',
  value: 'power(a, b)',
  derivatives: {
    a: 'select(dy * b * power(a, b - 1.0), vec4f(), isEqual(b, vec4f()))',
    b: 'select(dy * y * logarithm(a), vec4f(), isEqual(a, vec4f()) & !isLess(b, vec4f()) & !isNan(b))',
  },
  uses: [POWER],
} as const;

/**
 * `aᵇ`, as {@link add} has it: `pow(x, 2)`, `pow(2, x)`, `pow(x, y)`. As in C and PyTorch 1 where b is 0 or a is 1, NaN where a is
 * negative and b no whole number. The gradient with respect to b is NaN where a is negative, and 0 where a is 0 and b is not
 * negative. Results are right to some 10⁻⁶ of themselves, near the ends of f32's range to 2·10⁻⁵.
 */
export const pow: BinaryOp = /* @__PURE__ */ binaryOp(POW_OP);

const MAXIMUM_OP = {
  name: 'maximum',
  value: 'larger(a, b)',
  derivatives: {
    a: 'select(select(dy, 0.5 * dy, isEqual(a, b)), vec4f(), isLess(a, b))',
    b: 'select(select(dy, 0.5 * dy, isEqual(a, b)), vec4f(), isLess(b, a))',
  },
  uses: [EXTREMES],
} as const;

/** The larger of a and b, as {@link add} has it; NaN where one is. Equal ones have half of the gradient each. */
export const maximum: BinaryOp = /* @__PURE__ */ binaryOp(MAXIMUM_OP);

const MINIMUM_OP = {
  name: 'minimum',
  value: 'smaller(a, b)',
  derivatives: {
    a: 'select(select(dy, 0.5 * dy, isEqual(a, b)), vec4f(), isLess(b, a))',
    b: 'select(select(dy, 0.5 * dy, isEqual(a, b)), vec4f(), isLess(a, b))',
  },
  uses: [EXTREMES],
} as const;

/** The smaller of a and b, as {@link add} has it; NaN where one is. Equal ones have half of the gradient each. */
export const minimum: BinaryOp = /* @__PURE__ */ binaryOp(MINIMUM_OP);

const CASTS = oneOf('f32', 'i32', 'u32');

/** `x`, each element in another type: f32 to integers truncates and saturates, NaN becomes 0. Without gradient. */
export function cast<D extends Exclude<DType, 'u8'>>(x: AnyTensor, dtype: D): Tensor<D> {
  checkTensor('cast', 'x', x);
  checkArgument('the type to cast to', dtype, CASTS);
  check(x.dtype !== 'u8', 'dtype-mismatch', () => 'cast: bytes are not cast, see normalizeImages');
  const y = empty(x.device, x.shape, { layout: x.layout, dtype });
  run(castPlan(x.dtype as Exclude<DType, 'u8'>, dtype, x), { x, y });
  return y;
}

/** `factor · x`, x broadcast to the shape of `target`: the gradient of a sum. */
export function expand(x: Tensor, target: Pick<Tensor, 'shape' | 'layout'>, factor = 1): Tensor {
  const y = empty(x.device, target.shape, { layout: target.layout });
  runElementwise(expandPlan, y, { x }, { factor });
  return y;
}

/** All declarations, for those who look at every kernel. */
export const ARITHMETIC: readonly BinaryOpDefinition[] = [
  ADD_OP,
  SUBTRACT_OP,
  MULTIPLY_OP,
  DIVIDE_OP,
  POW_OP,
  MAXIMUM_OP,
  MINIMUM_OP,
];
