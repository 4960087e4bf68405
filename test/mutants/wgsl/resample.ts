/**
 * @file Faults of resizing and of adaptive averages.
 */

import { type Fault, fault, type MutatedKernel } from './fault.ts';

const tests = [{ file: 'autograd/resample.test.ts' }];

/** Faults of the sum that makes an output. */
const VALUE: readonly Fault[] = [
  fault('the last row is left out', 'iy < rows.y;', 'iy < rows.y - 1;'),
  fault('the last column is left out', 'ix < columns.y;', 'ix < columns.y - 1;'),
  fault(
    'the weights of rows are those of columns',
    'weightOf(at.y, iy, axisY())',
    'weightOf(at.x, iy, axisX())',
  ),
  fault('the last row counts alone', 'sum += ', 'sum = '),
  fault('the last output is left out', 'if (at.x >= u.outWidth)', 'if (at.x + 1 >= u.outWidth)'),
  fault('images are the first', 'y[outIndex(image,', 'y[outIndex(0,'),
];

/** Faults of the sum that makes the gradient of an input. */
const GRADIENT: readonly Fault[] = [
  fault('the last row is left out', 'oy < rows.y;', 'oy < rows.y - 1;'),
  fault('the last column is left out', 'ox < columns.y;', 'ox < columns.y - 1;'),
  fault('columns have no weights', 'row += weightOf(ox, at.x, axisX()) * dy', 'row += dy'),
  fault('the last row counts alone', 'sum += ', 'sum = '),
  fault('the last input is left out', 'if (at.x >= u.inWidth)', 'if (at.x + 1 >= u.inWidth)'),
];

/** Faults of the place that an output sees. */
const PLACE: readonly Fault[] = [
  fault('places are not shifted back', '* axis.step - u.shift;', '* axis.step;'),
  fault('the steps are swapped', 'u.outHeight, u.stepY', 'u.outHeight, u.stepX'),
];

export const RESAMPLE_FAULTS: readonly MutatedKernel[] = [
  {
    kernel: 'upsample.forward',
    tests,
    faults: [
      ...VALUE.filter(({ name }) => !name.startsWith('the weights')),
      ...PLACE,
      fault('the next pixel counts as the near one', 'select(share, 1.0 - share, input == near)', 'share'),
      fault(
        'pixels without weight are read',
        /select\(1, 2, shareOfNext.*?> 0\.0\)/,
        'select(2, 1, near == axis.inputs - 1)',
      ),
    ],
  },
  {
    kernel: 'upsample.backward',
    tests,
    faults: [
      ...GRADIENT.filter(({ name }) => !name.startsWith('columns')),
      ...PLACE,
      fault('nothing is searched for', /while \(output < axis\.outputs .*\}/, ''),
      fault('the pixel before is not touched', 'firstOutput(input - 1, axis)', 'firstOutput(input, axis)'),
      fault('the last pixel shares', 'near == axis.inputs - 1);', 'false);'),
    ],
  },
  {
    kernel: 'adaptiveAvgPool2d.forward',
    tests,
    faults: [
      ...VALUE,
      fault('windows end early', '+ all - 1) / all', ') / all'),
      fault('sums are not divided', '1.0 / f32(inputs.y - inputs.x)', '1.0'),
    ],
  },
  {
    kernel: 'adaptiveAvgPool2d.backward',
    tests,
    faults: [
      ...GRADIENT,
      fault('windows end early', '+ all - 1) / all', ') / all'),
      fault(
        'the axes are swapped',
        'windowOf(input, axis.inputs, axis.outputs)',
        'windowOf(input, axis.outputs, axis.inputs)',
      ),
    ],
  },
];
