/**
 * @file Faults of kernels whose grid is run in parts.
 */

import { fault, type MutatedKernel } from './fault.ts';

const KERNELS = [
  'conv2d.forward.plain',
  'conv2d.backwardInput.plain',
  'conv2d.backwardWeight.plain',
  'conv2d.forward.tiled',
  'conv2d.backwardInput.tiled',
  'conv2d.backwardWeight.tiled',
  'conv2d.forward.subgroup',
  'conv2d.backwardInput.subgroup',
  'conv2d.backwardWeight.subgroup',
  'conv2d.winograd.product',
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

export const DIVISIBLE: readonly MutatedKernel[] = KERNELS.map((kernel) => ({
  kernel,
  tests: [
    {
      file: `kernels/${kernel.endsWith('tiled') ? 'tiled' : 'divisible'}.test.ts`,
      only: 'the same to the bit in parts',
    },
  ],
  faults: [fault('every part is the first', 'firstWorkgroup() + ', '')],
}));
