/**
 * @file Faults of the kernels that look several times at the same elements.
 */

import { type Fault, fault, type MutatedKernel } from './fault.ts';

const PROPAGATES = 'lavapipe hands NaN through exp and the sum by itself; SwiftShader does not';

/** The faults of what all of them share. `zeroBeside` says why one of them cannot be noticed. */
const rowFaults = (zeroBeside?: string): readonly Fault[] => [
  fault('the last row is left out', 'if (row >= u.count)', 'if (row + 1u >= u.count)'),
  fault(
    'rows lie one after the other',
    'row / u.stride * (u.stride * u.paddedLength) + row % u.stride',
    'row',
  ),
  fault('the stride is 1', 'let at = base + i * u.stride;', 'let at = base + i;'),
  fault('the last element is left out', '; i < u.length;', '; i + 1u < u.length;'),
  fault('threads that share a row take all of it', 'var i = localIndex;', 'var i = 0u;'),
  fault(
    'no barrier before the values are put together',
    'values[localIndex] = value;\n  workgroupBarrier();',
    'values[localIndex] = value;',
  ),
  fault('some threads are left out', 'other < 64u', 'other < 56u'),
  fault('one of the last eight is left out', 'other < 8u; other++', 'other < 7u; other++'),
  fault('padding beside the row is written', ' && isElement(at / 4u)[at % 4u]', '', zeroBeside),
  fault('padding of the row is written', 'return i < u.length', 'return i < u.paddedLength'),
];

export const ROWS: readonly MutatedKernel[] = [
  {
    kernel: 'softmax.forward',
    tests: [{ file: 'kernels/softmax.test.ts' }],
    faults: [
      ...rowFaults(),
      fault('the maximum is not taken out', 'exp(x[at] - greatest)', 'exp(x[at])'),
      fault('it is not divided', 'exp(x[at] - greatest) / sum', 'exp(x[at] - greatest)'),
      fault('no logarithm of the sum', ' - logAtLeast1(sum)', ''),
      fault('a row with NaN is a row', ', isFinite(greatest))', ', true)', PROPAGATES),
      fault(
        'NaN is no maximum',
        'greatest = greater(greatest, x[at]);',
        'greatest = max(greatest, x[at]);',
        PROPAGATES,
      ),
    ],
  },
  {
    kernel: 'softmax.backward',
    tests: [{ file: 'kernels/softmax.test.ts' }],
    faults: [
      ...rowFaults('where y and dy are zero, so is what would be written'),
      fault('the sum is not taken away', 'dy[at] - sum', 'dy[at]'),
      fault('dy is not weighted', 'sum += dy[at] * y[at];', 'sum += dy[at];'),
      fault('y does not count', 'y[at] * (dy[at] - sum)', '(dy[at] - sum)'),
      fault('the exponential is left out', 'select(exp(y[at]), y[at], isNanScalar(y[at]))', 'y[at]'),
    ],
  },
  {
    kernel: 'crossEntropy.forward',
    tests: [{ file: 'autograd/cross-entropy.test.ts' }],
    faults: [
      fault('the maximum is not taken out', 'exp(x[at] - greatest)', 'exp(x[at])'),
      fault('no logarithm of the sum', 'shares * logAtLeast1(sum) - gaps', '-gaps'),
      fault('the logarithm has no weight', 'shares * logAtLeast1(sum)', 'logAtLeast1(sum)'),
      fault('no smoothing', '(1.0 - u.smoothing) * t + u.smoothing / f32(u.length)', 't'),
      fault('classes have no weights', 'return classWeights[i];', 'return 1.0;'),
      fault('what is ignored counts', 'select(loss, 0.0, ignored)', 'loss'),
      fault(
        'what is ignored has a weight',
        'select(weightOf(u32(label)), 0.0, ignored)',
        'weightOf(u32(label))',
      ),
      fault('any index is a class', 'label >= 0 && label < i32(u.length) && ', ''),
      fault('one index too many', 'label < i32(u.length)', 'label <= i32(u.length)'),
      fault('negative indexes are classes', 'label >= 0 && ', ''),
      fault('a probability of 0 counts', 'if (share != 0.0)', 'if (true)'),
      fault('only −100 is ignored', 'label == u.ignoreIndex', 'label == -100'),
      fault('a thread that shares a row forgets the others', 'gaps = rowSum(localIndex, gaps);', ''),
      fault('the shares of other threads are left out', 'shares = rowSum(localIndex, shares);', ''),
    ],
  },
  {
    kernel: 'crossEntropy.backward',
    tests: [{ file: 'autograd/cross-entropy.test.ts' }],
    faults: [
      fault('it is not divided by the total', ' / total[0]', ''),
      fault('each row has the gradient of the first', 'dy[row * u.dyStride]', 'dy[0]'),
      fault('all have gradients of their own', 'dy[row * u.dyStride]', 'dy[row]'),
      fault('no factor', 'u.factor * dy', 'dy'),
      fault('what is ignored has a gradient', ' && !ignored', ''),
      fault('the target is left out', ' - shareOf(i, at, label);', ';'),
      fault('the probabilities have no weight', '/ sum * shares', '/ sum'),
      fault('any index is a class', 'slope * difference, valid)', 'slope * difference, true)'),
      fault('padding of the row is written', 'return i < u.length', 'return true'),
    ],
  },
];
