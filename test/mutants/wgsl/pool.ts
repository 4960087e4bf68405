/**
 * @file Faults of the poolings.
 */

import { type Fault, fault, type MutatedKernel } from './fault.ts';

const tests = [{ file: 'kernels/pool.test.ts' }];

/** Faults of the window of an output. */
const WINDOW: readonly Fault[] = [
  fault('windows go beyond the image', 'min(start + kernel(), inSize())', '(start + kernel())'),
  fault('windows begin before the image', 'return max(start, vec2i());', 'return start;'),
  fault('the last row of a window is left out', 'iy < end.y;', 'iy < end.y - 1;'),
  fault('the last column of a window is left out', 'ix < end.x;', 'ix < end.x - 1;'),
  fault('the last output is left out', 'if (at.x >= u.outWidth)', 'if (at.x + 1 >= u.outWidth)'),
  fault('the paddings are swapped', 'vec2i(u.padLeft, u.padTop)', 'vec2i(u.padTop, u.padLeft)'),
  fault('no padding', '- vec2i(u.padLeft, u.padTop); }', '; }'),
  fault('the strides are swapped', /const stride = vec2i\((\d+), (\d+)\)/, 'const stride = vec2i($2, $1)'),
];

/** Faults of the outputs whose windows hold an input. */
const GATHER: readonly Fault[] = [
  fault('the first output is left out', '- kernel() + stride, vec2i())', '- kernel() + 2 * stride, vec2i())'),
  fault('the last output is left out', '/ stride + 1, outSize())', '/ stride, outSize())'),
  fault('outputs beyond the last one count', /min\((\(input \+ [^;]*? \+ 1), outSize\(\)\)/, '($1)'),
  fault('the paddings are swapped', 'vec2i(u.padLeft, u.padTop)', 'vec2i(u.padTop, u.padLeft)'),
  fault('the strides are swapped', /const stride = vec2i\((\d+), (\d+)\)/, 'const stride = vec2i($2, $1)'),
  fault('the gradient is that of the last window', 'sum += ', 'sum = '),
];

/** Faults of what an average is divided by. */
const DIVISOR: readonly Fault[] = [
  fault('the divisor is a square', 'extent.x * extent.y', 'extent.x * extent.x'),
  fault(
    'what lies beyond the padding counts',
    /let extent = paddedEnd\(start\) - start;/,
    'let extent = kernel();',
  ),
  fault('padding below and on the right does not count', ' + vec2i(u.padRight, u.padBottom)', ''),
  fault('padding always counts', /let extent = windowEnd.*?;/, 'let extent = kernel();'),
];

export const POOL: readonly MutatedKernel[] = [
  {
    kernel: 'maxPool2d.forward',
    tests,
    faults: [
      ...WINDOW,
      fault('the last of equal ones gets the gradient', 'value > largest', 'value >= largest'),
      fault('NaN is no maximum', ' | isNan(value)', ''),
      fault('a number replaces NaN', ' & !isNan(largest)', ''),
      fault('maxima begin at 0', 'vec4f(-0x1.fffffep+127f)', 'vec4f()'),
      fault('without a maximum, the first tap of the window', /var tap = .*;/, 'var tap = vec4u();'),
      fault(
        'taps are numbered by columns',
        '(iy - start.y) * u.kernelWidth',
        '(iy - start.y) * u.kernelHeight',
      ),
      fault('odd channels have no tap', 'tap.xz | (tap.yw << vec2u(16u))', 'tap.xz'),
    ],
  },
  {
    kernel: 'maxPool2d.backward',
    tests,
    faults: [
      ...GATHER,
      fault('every tap gets the gradient', 'taps == vec4u(tap)', 'vec4<bool>(true)'),
      fault('odd channels take the tap of even ones', 'pair.x >> 16u', 'pair.x & 0xffffu'),
      fault('taps are numbered by columns', '- start.y) * u.kernelWidth', '- start.y) * u.kernelHeight'),
    ],
  },
  {
    kernel: 'avgPool2d.forward',
    tests,
    faults: [
      ...WINDOW,
      fault('sums are not divided', '= sum / divisor(start);', '= sum;'),
      ...DIVISOR,
      fault('the last value counts alone', 'sum += x[', 'sum = x['),
    ],
  },
  {
    kernel: 'avgPool2d.backward',
    tests,
    faults: [
      ...GATHER,
      fault('gradients are not divided', /(sum \+= dy\[[^\]]*\]) \/ [^;]*;/, '$1;'),
      ...DIVISOR,
      fault('the gradient is zero', /(dx\[.*\]) = sum;/, '$1 = vec4f();'),
    ],
  },
];
