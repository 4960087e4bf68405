/**
 * @file Faults of the ops that are declared by their value and their derivative.
 */

import { fault, type MutatedKernel } from './fault.ts';

const tests = (op: string) => [{ file: 'autograd/activations.test.ts', only: `^${op} ` }];
const HANDS_NAN_ON = 'lavapipe and SwiftShader hand NaN through; a compiler that assumes none need not';

/** What all of these kernels could get wrong. */
const COMMON = [
  fault(
    'the last block is left out',
    'if (thread >= u.size) { return; }',
    'if (thread + 1u >= u.size) { return; }',
  ),
  fault('padding is written', ', isElement(thread))', ', vec4<bool>(true))'),
];

const RELU = 'select(v, vec4f(), isNegative(v))';
const IS_ZERO_OR_LESS = 'isNegative(y) | (bitcast<vec4u>(y) == vec4u())';

export const ACTIVATION_FAULTS: readonly MutatedKernel[] = [
  {
    kernel: 'relu.forward',
    tests: tests('relu'),
    faults: [
      fault('it lets all through', RELU, 'v'),
      fault('NaN is lost', RELU, 'max(v, vec4f())'),
      fault('−0 stays', RELU, 'select(v, vec4f(), v < vec4f())'),
      fault('−∞ is not negative', '<= vec4i(-0x800000)', '< vec4i(-0x800000)'),
      fault('a negative NaN is negative', '<= vec4i(-0x800000)', '< vec4i()'),
    ],
  },
  {
    kernel: 'relu.backward',
    tests: tests('relu'),
    faults: [
      fault('it is let through at 0', IS_ZERO_OR_LESS, 'isNegative(y)'),
      fault('it is stopped at NaN', IS_ZERO_OR_LESS, '!(y > vec4f())'),
      fault('it is stopped where y > 0', IS_ZERO_OR_LESS, 'y > vec4f()'),
    ],
  },
  {
    kernel: 'sigmoid.forward',
    tests: tests('sigmoid'),
    faults: [
      fault('the exponential overflows', 'exp(-abs(x))', 'exp(-x)'),
      fault('of ∞ it is ∞', '> vec4u(0x7f800000u)', '>= vec4u(0x7f800000u)'),
    ],
  },
  {
    kernel: 'sigmoid.backward',
    tests: tests('sigmoid'),
    faults: [fault('it grows', '(1.0 - y)', '(1.0 + y)'), fault('dy is left out', 'dy * (y', '(y')],
  },
  {
    kernel: 'exp.forward',
    tests: tests('exp'),
    faults: [...COMMON, fault('NaN is lost', 'select(value, x, isNan(x))', 'value', HANDS_NAN_ON)],
  },
  {
    kernel: 'tanh.forward',
    tests: [...tests('tanh'), { file: 'autograd/activations.test.ts', only: 'small arguments' }],
    faults: [
      fault('the series is not taken', 'abs(x) < vec4f(0.3)', 'abs(x) < vec4f(0.0)'),
      fault('the series is taken too far', 'abs(x) < vec4f(0.3)', 'abs(x) < vec4f(1.5)'),
      fault('a term of the series is missing', ' - t * (62.0 / 2835.0)', ''),
      fault('the sign is lost', 'select(far, -far, isNegative(x))', 'far'),
    ],
  },
  {
    kernel: 'tanh.backward',
    tests: tests('tanh'),
    faults: [fault('it is that of the logistic function', '4.0 * e', 'e')],
  },
  {
    kernel: 'silu.backward',
    tests: tests('silu'),
    faults: [fault('the second term is missing', ' + x * (1.0 - sigmoid(x))', '')],
  },
  {
    kernel: 'softplus.forward',
    tests: tests('softplus'),
    faults: [fault('the exponential overflows', 'log1p(exp(-abs(x)))', 'log1p(exp(x))')],
  },
  {
    kernel: 'hardSigmoid.forward',
    tests: tests('hardSigmoid'),
    faults: [
      fault(
        'it is not clamped above',
        'clamp(x / 6.0 + 0.5, vec4f(), vec4f(1.0))',
        'max(x / 6.0 + 0.5, vec4f())',
      ),
    ],
  },
  {
    kernel: 'hardSigmoid.backward',
    tests: tests('hardSigmoid'),
    faults: [
      fault('it never ends', 'abs(x) < vec4f(3.0)', 'abs(x) < vec4f(9.0)'),
      fault('NaN is lost', 'select(value, x, isNan(x))', 'value'),
    ],
  },
  {
    kernel: 'hardSwish.backward',
    tests: tests('hardSwish'),
    faults: [
      fault('it is never 1', 'select(x / 3.0 + 0.5, vec4f(1.0), x > vec4f(3.0))', 'x / 3.0 + 0.5'),
      fault('it never ends', 'x < vec4f(-3.0)', 'x < vec4f(-9.0)'),
    ],
  },
  {
    kernel: 'gelu.forward',
    tests: [...tests('gelu'), { file: 'autograd/activations.test.ts', only: 'tail of gelu' }],
    faults: [
      fault('a coefficient is off by a thousandth', '0.374092578', '0.374466671'),
      fault(
        'the other tail',
        'select(1.0 - tail, tail, isNegative(x))',
        'select(tail, 1.0 - tail, isNegative(x))',
      ),
    ],
  },
  {
    kernel: 'gelu.backward',
    tests: tests('gelu'),
    faults: [fault('the density is missing', 'normalShare(x) + x * normalDensity(x)', 'normalShare(x)')],
  },
  {
    kernel: 'geluTanh.backward',
    tests: tests('geluTanh'),
    faults: [
      fault('the slope is constant', '(1.0 + 0.134145 * x * x)', '(1.0)'),
      fault('a sigmoid of the other sign', 'sigmoid(-twice(x))', 'sigmoid(twice(x))'),
    ],
  },
  {
    kernel: 'abs.backward',
    tests: tests('abs'),
    faults: [fault('the sign is lost', 'sign(x)', 'abs(sign(x))')],
  },
];
