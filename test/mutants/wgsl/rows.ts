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
];
