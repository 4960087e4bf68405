/**
 * @file Faults of kernels whose grid is run in parts.
 */

import { fault, type MutatedKernel } from './fault.ts';

/** Those that `kernels/divisible.test.ts` and `tiled.test.ts` run in parts. */
const COSTLY = [
  'conv2d.forward.plain',
  'conv2d.backwardInput.plain',
  'conv2d.backwardWeight.plain',
  'conv2d.forward.tiled',
  'conv2d.backwardInput.tiled',
  'conv2d.backwardWeight.tiled',
  'conv2d.forward.subgroup',
  'conv2d.backwardInput.subgroup',
  'conv2d.backwardWeight.subgroup',
  'conv2d.winograd.weight',
  'conv2d.winograd.input',
  'conv2d.winograd.product',
  'conv2d.winograd.output',
  'conv2d.forward.grouped',
  'conv2d.backwardInput.grouped',
  'conv2d.backwardWeight.grouped',
  'conv2d.forward.depthwise',
  'conv2d.backwardInput.depthwise',
  'conv2d.backwardWeight.depthwise',
  'product',
  'sgd',
  'momentum',
  'adam',
  'rmsProp',
  'gradientNorm.scale',
  'movingAverage.update',
  'movingAverage.exchange',
];

/** Those that `device/in-parts.test.ts` does; all element-wise ones are made by one function. */
const OTHERS = [
  'relu.forward',
  'add.forward.broadcast',
  'accumulate',
  'avgPool2d.forward',
  'batchNorm.backward.input',
  'batchNorm.backward.partials',
  'batchNorm.backward.singleDispatch',
  'batchNorm.backward.sums',
  'batchNorm.forward.apply',
  'batchNorm.forward.partials',
  'batchNorm.forward.singleDispatch',
  'batchNorm.forward.statistics',
  'batchNorm.runningStatistics',
  'cast',
  'conv2d.backwardWeight.sum',
  'copy',
  'crossEntropy.forward',
  'dropout',
  'gather.forward',
  'gather.links',
  'gradientNorm.squares',
  'norm.backward.input',
  'norm.backward.partials',
  'norm.backward.sums',
  'norm.forward',
  'normalizeImages',
  'augmentImages',
  'reduce',
  'reduce.backward',
  'sigmoidCrossEntropy',
  'softmax.forward',
];

const everyPartIsTheFirst = (file: (kernel: string) => string) => (kernel: string) => ({
  kernel,
  tests: [
    {
      file: file(kernel),
      ...(file(kernel).startsWith('kernels/') && { only: 'the same to the bit in parts' }),
    },
  ],
  faults: [fault('every part is the first', 'firstWorkgroup() + ', '')],
});

export const DIVISIBLE: readonly MutatedKernel[] = [
  ...COSTLY.map(
    everyPartIsTheFirst((kernel) => `kernels/${kernel.endsWith('tiled') ? 'tiled' : 'divisible'}.test.ts`),
  ),
  ...OTHERS.map(everyPartIsTheFirst(() => 'device/in-parts.test.ts')),
];
