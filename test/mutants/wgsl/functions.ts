/**
 * @file Faults of the elementary functions, of powers, extremes, comparisons and the choice between two tensors.
 */

import { type Fault, fault, type MutatedKernel } from './fault.ts';

const mutated = (kernel: string, file: string, faults: readonly Fault[]): MutatedKernel => ({
  kernel,
  tests: [{ file: `autograd/${file}.test.ts` }],
  faults,
});

export const FUNCTION_FAULTS: readonly MutatedKernel[] = [
  mutated('log.forward', 'activations', [
    fault('the series is cut short', ' + t * (2.0 / 7.0 + t * (2.0 / 9.0))', ''),
    fault('the low part of log 2 is left out', 'k * 1.42860677e-6 + ', ''),
    fault('of ∞ it is finite', 'x, magnitude >= vec4u(0x7f800000u)', 'x, magnitude > vec4u(0x7f800000u)'),
    fault('of 0 it is finite', 'select(y, atZero, magnitude == vec4u())', 'y'),
    fault('below 0 it is that of |x|', 'bits > vec4u(0x80000000u)', 'vec4<bool>()'),
    fault('it begins an octave late', '0x3f800000u - 0x3f3504f3u', '0x3f800000u - 0x3f2504f3u'),
  ]),
  mutated('sqrt.forward', 'activations', [
    fault(
      'below 0 it is left to the driver',
      'bits > vec4u(0x80000000u)',
      'vec4<bool>()',
      'both drivers give NaN',
    ),
    fault('−0 is NaN', 'bits > vec4u(0x80000000u)', 'bits >= vec4u(0x80000000u)'),
  ]),
  mutated('rsqrt.backward', 'activations', [
    fault('a factor y is missing', '-0.5 * y * y * y', '-0.5 * y * y'),
  ]),
  mutated('clamp.forward', 'activations', [
    fault('no upper bound', 'high, isLess(high, x)', 'high, vec4<bool>()'),
    fault('NaN is lost', 'select(value, x, isNan(x))', 'max(value, low)'),
  ]),
  mutated('clamp.backward', 'activations', [
    fault('it is 0 on the lower bound', 'isLess(x, low)', '(isLess(x, low) | isEqual(x, low))'),
    fault('it is multiplied', 'select(dy, vec4f(), ', 'dy * select(vec4f(1.0), vec4f(), '),
  ]),
  mutated('leakyRelu.backward', 'activations', [fault('it is 1 at 0', 'x <= vec4f()', 'x < vec4f()')]),
  mutated('elu.forward', 'activations', [
    fault('e^x − 1 as it stands', '2.0 * tanhOf(0.5 * x) / (1.0 - tanhOf(0.5 * x))', '(exp(x) - 1.0)'),
  ]),
  mutated('divide.backward.b', 'arithmetic', [fault('the sign is lost', '-dy * y / b', 'dy * y / b')]),
  mutated('pow.forward', 'arithmetic', [
    fault('no whole powers', 'whole & (abs(b) <= vec4f(32.0))', 'vec4<bool>()'),
    fault('a bit of the exponent is left out', 'i < 6u', 'i < 5u'),
    fault('odd powers are positive', 'odd & isNegative(a)', 'vec4<bool>()'),
    fault('a whole number and a half is whole', 'isNegative(a) & finite & !whole', 'vec4<bool>()'),
    fault('1 to the power of NaN', ' | isEqual(a, vec4f(1.0))', ''),
    fault('NaN to the power of 0', 'isEqual(b, vec4f()) | ', ''),
    fault('−1 to the power of ∞', 'select(b * logarithm(abs(a)), vec4f(), one)', 'b * logarithm(abs(a))'),
  ]),
  mutated('pow.backward.a', 'arithmetic', [
    fault('an exponent of 0 counts', 'vec4f(), isEqual(b, vec4f()))', 'vec4f(), vec4<bool>())'),
    fault('the power is not lowered', 'power(a, b - 1.0)', 'power(a, b)'),
  ]),
  mutated('pow.backward.b', 'arithmetic', [
    fault('0 · ∞ is NaN', 'isEqual(a, vec4f()) & !isLess(b, vec4f())', 'vec4<bool>()'),
    fault('the logarithm is missing', 'dy * y * logarithm(a)', 'dy * y'),
  ]),
  mutated('maximum.forward', 'arithmetic', [
    fault(
      'NaN of a is lost',
      'return orNan(a, orNan(b, select(select(b, a, isLess(b, a))',
      'return (orNan(b, select(select(b, a, isLess(b, a))',
    ),
    fault(
      '−0 is as large as 0',
      'bitcast<vec4u>(a) & bitcast<vec4u>(b)',
      'bitcast<vec4u>(a) | bitcast<vec4u>(b)',
    ),
  ]),
  mutated('maximum.backward.a', 'arithmetic', [
    fault('equal ones have all of it', '0.5 * dy', 'dy'),
    fault('the smaller has it', 'isLess(a, b))', 'isLess(b, a))'),
  ]),
  mutated('minimum.backward.b', 'arithmetic', [fault('equal ones have all of it', '0.5 * dy', 'dy')]),
  mutated('less.forward', 'comparisons', [
    fault(
      'NaN is a large number',
      '(orderOf(a) < orderOf(b)) & !(isNan(a) | isNan(b))',
      'orderOf(a) < orderOf(b)',
    ),
    fault('−0 is less than 0', 'select(magnitude, -magnitude, ', 'select(magnitude, -1 - magnitude, '),
    fault('padding is 1', ', isElement(thread))', ', vec4<bool>(true))', 'nothing is less than itself'),
  ]),
  mutated('equal.forward', 'comparisons', [
    fault(
      'NaN equals itself',
      '(orderOf(a) == orderOf(b)) & !(isNan(a) | isNan(b))',
      'orderOf(a) == orderOf(b)',
    ),
    fault('padding is 1', ', isElement(thread))', ', vec4<bool>(true))'),
  ]),
  mutated('greaterEqual.forward', 'comparisons', [fault('equal ones are not', ' | isEqual(a, b)', '')]),
  mutated('where.forward', 'comparisons', [
    fault('−0 is true', ' & vec4u(0x7fffffffu)) != vec4u()', ') != vec4u()'),
    fault('the other one', 'select(b, a, isTrue', 'select(a, b, isTrue'),
  ]),
  mutated('where.backward.b', 'comparisons', [
    fault(
      'it is multiplied',
      'select(dy, vec4f(), isTrue(condition))',
      'dy * select(vec4f(1.0), vec4f(), isTrue(condition))',
    ),
  ]),
];
