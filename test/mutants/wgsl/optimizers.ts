/**
 * @file Faults of the kernels that update parameters.
 */

import { fault, type MutatedKernel } from './fault.ts';

const tests = [{ file: 'optim/optimizers.test.ts', only: "steps as PyTorch's" }];

const clipTests = [{ file: 'optim/clip-grad-norm.test.ts' }];
const averageTests = [{ file: 'optim/exponential-moving-average.test.ts' }];

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
    tests: [...tests, { file: 'optim/optimizers.test.ts', only: 'to its last number' }],
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
  {
    kernel: 'gradientNorm.squares',
    tests: clipTests,
    faults: [
      fault('the last block is left out', 'i < u.size;', 'i + 1u < u.size;'),
      fault('values are not squared', 'dot(gradients[i], gradients[i])', 'dot(gradients[i], vec4f(1.0))'),
      fault('parts overwrite each other', 'u.first + workgroupIndex', 'workgroupIndex'),
      fault('workgroups take the same', 'workgroupIndex * 64u + localIndex', 'localIndex'),
    ],
  },
  {
    kernel: 'gradientNorm.root',
    tests: clipTests,
    faults: [
      fault('no root', 'sqrt(sums[0])', 'sums[0]'),
      fault('a part is left out', 'i < u.count;', 'i + 1u < u.count;'),
      fault('half of the threads do not count', 'others = 32u', 'others = 16u'),
    ],
  },
  {
    kernel: 'gradientNorm.scale',
    tests: clipTests,
    faults: [
      dropTail,
      fault('small gradients grow', 'min(1.0, u.limit / (total + 1e-6))', 'u.limit / (total + 1e-6)'),
      fault('nothing is clipped', 'gradient * min(1.0, u.limit / (total + 1e-6))', 'gradient'),
      fault('a norm that is no number is not noticed', 'vec4<bool>(lost)', 'vec4<bool>(false)'),
      fault('zeros are spoilt', ' & !isZero', ''),
    ],
  },
  {
    kernel: 'movingAverage.update',
    tests: averageTests,
    faults: [
      dropTail,
      fault('the whole weight is added', '(weights[thread] - averages[thread])', 'weights[thread]'),
      fault('the share is the decay', 'u.share *', '(1.0 - u.share) *'),
    ],
  },
  {
    kernel: 'movingAverage.exchange',
    tests: averageTests,
    faults: [
      dropTail,
      fault('the weights stay', 'weights[thread] = averages[thread];', ''),
      fault('the weights are lost', 'averages[thread] = weight;', ''),
    ],
  },
];
