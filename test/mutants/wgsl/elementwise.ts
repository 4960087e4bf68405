/**
 * @file Faults of the kernels that treat elements one by one.
 */

import { fault, type MutatedKernel } from './fault.ts';

/** The last block is left out. */
const dropTail = fault(
  'the last block is left out',
  /if \((i|thread) >= u\.size\) \{ return; \}/,
  'if ($1 + 1u >= u.size) { return; }',
);

const RELU = 'select(x, vec4f(), isNegative(x))';
const HANDS_NAN_ON = 'lavapipe and SwiftShader hand NaN through exp; a compiler that assumes none need not';

export const ELEMENTWISE: readonly MutatedKernel[] = [
  {
    kernel: 'add.forward',
    tests: [{ file: 'autograd/arithmetic.test.ts' }],
    faults: [dropTail, fault('it takes one operand twice', 'return a + b;', 'return a + a;')],
  },
  {
    kernel: 'subtract.forward',
    tests: [{ file: 'autograd/arithmetic.test.ts' }],
    faults: [
      fault('the other way round', 'return a - b;', 'return b - a;'),
      fault('a number is left out', 'vec4f(u.bNumber)', 'vec4f()'),
    ],
  },
  {
    kernel: 'subtract.backward.b',
    tests: [{ file: 'autograd/arithmetic.test.ts' }],
    faults: [fault('the sign is lost', 'dy * (-1.0)', 'dy')],
  },
  {
    kernel: 'multiply.backward.a',
    tests: [{ file: 'autograd/arithmetic.test.ts' }],
    faults: [fault('dy is left out', 'dy * (b)', 'b')],
  },
  {
    kernel: 'fill',
    tests: [{ file: 'kernels/elementwise.test.ts' }],
    faults: [
      fault('padding is written', ', isElement(thread))', ', vec4<bool>(true))'),
      fault(
        'one element of padding is written',
        'inner < vec4u(u.innerExtent)',
        'inner <= vec4u(u.innerExtent)',
      ),
      fault(
        "a filter's padded rows are written",
        'vec4<bool>(row % u.paddedRows < u.rows)',
        'vec4<bool>(true)',
      ),
    ],
  },
  {
    kernel: 'accumulate',
    tests: [{ file: 'kernels/elementwise.test.ts' }],
    faults: [
      dropTail,
      fault('it overwrites', 'result[thread] += x[thread]', 'result[thread] = x[thread]'),
      fault('it reads the next vec4', 'x[thread]', 'x[thread + 1u]'),
    ],
  },
  {
    kernel: 'cast',
    tests: [{ file: 'kernels/cast.test.ts' }],
    faults: [
      dropTail,
      fault('NaN is not 0', /select\(saturated, \w+\(\), isNan\(x\)\)/, 'saturated'),
      fault('∞ is NaN', '> vec4u(0x7f800000u)', '>= vec4u(0x7f800000u)'),
      fault('the greatest float saturates', 'x > vec4f(', 'x >= vec4f('),
      fault('large floats do not saturate', /let saturated = .*;/, 'let saturated = whole;'),
      fault('the least integer is out of reach', 'vec4f(-2147483648.0)', 'vec4f(-2147483520.0)'),
      fault('it rounds', /(vec4.)\(clamp\((.*?\)), (.*?\))\)\)/, '$1(round(clamp($2, $3)))'),
      fault('u32 is read as signed', 'return vec4f(x);', 'return vec4f(bitcast<vec4i>(x));'),
      fault('bits are converted', 'return bitcast<vec4u>(x);', 'return vec4u(abs(x));'),
    ],
  },
  {
    kernel: 'sigmoidCrossEntropy',
    tests: [{ file: 'kernels/loss.test.ts' }, { file: 'autograd/pointwise-loss.test.ts' }],
    faults: [
      dropTail,
      fault('the label counts the other way', '- x * z +', '+ x * z +'),
      fault('negative logits count', `${RELU} - x * z`, 'x - x * z'),
      fault('no term of the logarithm', '+ log1p(exp(-abs(x)))', ''),
      fault('the exponential overflows', 'log1p(exp(-abs(x)))', 'log1p(exp(-x))'),
      fault("WGSL's logarithm", 'return 2.0 * (s + s * t * tail);', 'return log(vec4f(1.0) + e);'),
      fault('a coefficient of the series', '1.0 / 9.0', '1.0 / 8.0'),
      fault('a short series', 'vec4f(1.0 / 11.0)', 'vec4f()'),
      fault(
        'the last term of the series',
        'var tail = vec4f(1.0 / 15.0)',
        'var tail = vec4f()',
        'the term is at most 2·s¹⁵/15 ≤ 9.3·10⁻⁹ of a result of 0.69, an eighth of the rounding of f32 there',
      ),
      fault('the gradient points up', 'sigmoid(x) - z', 'z - sigmoid(x)'),
      fault('the gradient leaves dy out', 'dy * (sigmoid(x) - z)', '(sigmoid(x) - z)'),
      fault('the gradient is zero', 'dy * (sigmoid(x) - z)', 'vec4f()'),
      fault('the ignored label is always −100', 'z == vec4f(u.ignoreIndex)', 'z == vec4f(-100.0)'),
      fault('nothing is ignored', 'select(value, vec4f(), z == vec4f(u.ignoreIndex))', 'value'),
      fault('the count divides nothing', 'value /= max(counted[0], 1.0);', ''),
      fault(
        'the count may be 0',
        'max(counted[0], 1.0)',
        'counted[0]',
        'the count is 0 only where every label is ignored, and ignored elements become 0 after the division',
      ),
      fault('positive labels have no weight', ' + u.surplus * z *', ' + 0.0 *'),
      fault('the weight counts for all labels', 'u.surplus * z * (select', 'u.surplus * (select'),
      fault('the gradient of the weight is left out', ' - dy * u.surplus * z * sigmoid(-x)', ''),
      fault('the gradient of the weight is that of x', 'z * sigmoid(-x)', 'z * sigmoid(x)'),
      fault('the mask counts halves', 'var value = vec4f(1.0);', 'var value = vec4f(0.5);'),
      fault('padding is written', ', isElement(i))', ', vec4<bool>(true))'),
      fault('sigmoid does not hand NaN on', ', x, isNan(x))', ', vec4f(), isNan(x))'),
      fault(
        'sigmoid leaves NaN to exp',
        'select(select(vec4f(1.0), e, isNegative(x)) / (vec4f(1.0) + e), x, isNan(x))',
        'select(vec4f(1.0), e, isNegative(x)) / (vec4f(1.0) + e)',
        HANDS_NAN_ON,
      ),
    ],
  },
  {
    kernel: 'augmentImages',
    tests: [{ file: 'kernels/augment-images.test.ts' }],
    faults: [
      fault(
        'the source is not shifted',
        'dot(parameters[first].xyz, at)',
        'dot(parameters[first].xy, at.xy)',
      ),
      fault('places are corners', 'column + 0.5, row + 0.5', 'column, row'),
      fault('the nearest pixel counts alone', 'let share = p - corner;', 'let share = round(p - corner);'),
      fault(
        'rows and columns of the source are swapped',
        'mix(upper, lower, share.y)',
        'mix(upper, lower, share.x)',
      ),
      fault('the edge is continued', '{ return vec3f(); }\n  let i', '{ return vec3f(255.0); }\n  let i'),
      fault('colours have no offset', 'sampleAt(image, place), 1.0)', 'sampleAt(image, place), 0.0)'),
      fault('colours are not clamped', 'clamp(colour, vec3f(), vec3f(255.0))', 'colour'),
      fault('nothing is cut out', 'column >= erased.x', 'column >= 1e9'),
      fault('the rectangle has no lower side', ' && row < erased.w', ''),
      fault('nothing is mixed', 'share != 1.0', 'share > 1.0'),
      fault('an image is its own partner', 'valueOf(partner, column, row)', 'valueOf(image, column, row)'),
      fault('shares are swapped', 'share * value + (1.0 - share)', '(1.0 - share) * value + share'),
      fault('every chunk is the first', 'u.first + thread /', 'thread /'),
      fault('padding is 1', 'vec4f(value, 0.0)', 'vec4f(value, 1.0)'),
    ],
  },
  {
    kernel: 'normalizeImages',
    tests: [{ file: 'kernels/normalize-image.test.ts' }],
    faults: [
      fault('the mean is added', ') - mean)', ') + mean)'),
      fault('no scale', 'mean) * scale', 'mean)'),
      fault(
        'blue has the mean of red',
        'vec3f(u.mean0, u.mean1, u.mean2)',
        'vec3f(u.mean0, u.mean1, u.mean0)',
      ),
      fault('red has the scale of blue', 'u.scale0, u.scale1', 'u.scale2, u.scale1'),
      fault('padding is 1', '* scale, 0.0)', '* scale, 1.0)'),
      fault('the highest bit is lost', '& 255u', '& 127u'),
      fault('green is blue', 'word0 >> 8u', 'word0 >> 16u'),
      fault('the second word is the first', '* 3u + 1u]', '* 3u]'),
      fault('the last pixel is left out', 'if (first + 3u < u.pixels)', 'if (first + 4u < u.pixels)'),
    ],
  },
];
