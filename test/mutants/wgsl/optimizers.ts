/**
 * @file Faults of the kernels that update parameters.
 */

import { fault, type MutatedKernel } from './fault.ts';

const tests = [{ file: 'optim/optimizers.test.ts', only: "steps as PyTorch's" }];

const dropTail = fault('the last block is left out', 'thread >= u.size', 'thread + 1u >= u.size');
const noDecay = fault('no decay', ' + u.weightDecay * parameter', '');
const decayShrinks = fault(
  'decay shrinks the gradient',
  '+ u.weightDecay * parameter',
  '- u.weightDecay * parameter',
);

export const OPTIMIZERS: readonly MutatedKernel[] = [
  {
    kernel: 'sgd',
    tests,
    faults: [dropTail, noDecay, decayShrinks, fault('it climbs', 'parameter - u.', 'parameter + u.')],
  },
  {
    kernel: 'momentum',
    tests: [{ file: 'kernels/momentum.test.ts' }],
    faults: [
      dropTail,
      noDecay,
      decayShrinks,
      fault('the old velocity counts whole', 'u.momentum * velocity[thread]', 'velocity[thread]'),
      fault('no momentum', 'u.momentum * velocity[thread] + gradient', 'gradient'),
      fault('velocities are forgotten', 'velocity[thread] = v;', ''),
      fault('it climbs', 'parameter - u.learningRate', 'parameter + u.learningRate'),
      fault('Nesterov is left out', '(gradient + u.momentum * v)', 'v'),
      fault('Nesterov forgets the gradient', '(gradient + u.momentum * v)', '(u.momentum * v)'),
    ],
  },
  {
    kernel: 'adam',
    tests,
    faults: [
      dropTail,
      noDecay,
      decayShrinks,
      fault('no decoupled decay', 'u.kept * parameter', 'parameter'),
      fault('the moments share β', 'u.beta2 *', 'u.beta1 *'),
      fault('the first moment takes the whole gradient', 'u.share1 * gradient', 'gradient'),
      fault('the second moment takes gradients unsquared', '* gradient * gradient', '* gradient'),
      fault('the first moment is forgotten', 'firstMoment[thread] = m;', ''),
      fault('the second moment is forgotten', 'secondMoment[thread] = v;', ''),
      fault('no root', 'sqrt(v)', 'v'),
      fault('no correction', 'sqrt(v) / u.correction', 'sqrt(v)'),
      fault('no epsilon', ' + u.epsilon', ''),
      fault(
        'epsilon is in the root',
        'sqrt(v) / u.correction + u.epsilon',
        'sqrt(v + u.epsilon) / u.correction',
      ),
    ],
  },
  {
    kernel: 'rmsProp',
    tests,
    faults: [
      dropTail,
      noDecay,
      decayShrinks,
      fault('squares are forgotten', 'squareAverage[thread] = square;', ''),
      fault('squares take gradients unsquared', '* gradient * gradient', '* gradient'),
      fault('the old squares count whole', 'u.alpha * squareAverage', 'squareAverage'),
      fault('no root', 'sqrt(spread)', 'spread'),
      fault('no epsilon', ' + u.epsilon', ''),
      fault('it is not centered', 'square - average * average', 'square'),
      fault('averages are forgotten', 'gradientAverage[thread] = average;', ''),
      fault('velocities are forgotten', 'velocity[thread] = direction;', ''),
      fault('no momentum', 'u.momentum * velocity[thread]', 'vec4f()'),
      {
        ...fault(
          'a variance below zero has a root',
          'select(variance, vec4f(), variance < vec4f())',
          'variance',
        ),
        equivalent: 'whether rounding makes it negative depends on how the adapter fuses',
      },
    ],
  },
];
