/**
 * @file Faults of the losses that are declared by expressions.
 */

import { fault, type MutatedKernel } from './fault.ts';

const tests = [{ file: 'autograd/pointwise-loss.test.ts' }];

export const LOSS_FAULTS: readonly MutatedKernel[] = [
  {
    kernel: 'mse.forward',
    tests,
    faults: [
      fault('it is not squared', '(x - z) * (x - z)', '(x - z)'),
      fault('z is added', 'x - z', 'x + z'),
    ],
  },
  { kernel: 'mse.backward.x', tests, faults: [fault('half of it', '2.0 * (x - z)', '(x - z)')] },
  { kernel: 'mse.backward.z', tests, faults: [fault('the sign of x', 'z - x', 'x - z')] },
  {
    kernel: 'smoothL1.forward',
    tests,
    faults: [
      fault('the line is too high', ' - 0.5 * beta', ''),
      fault('the parabola is too steep', '0.5 * (x - z)', '(x - z)'),
      fault('the parabola knows no beta', '(x - z) / beta', '(x - z)'),
      fault('only a parabola', 'abs(x - z) < beta)', 'vec4<bool>(true))'),
    ],
  },
  {
    kernel: 'smoothL1.backward.x',
    tests,
    faults: [
      fault('NaN is lost', ', d, isNan(d))', ', vec4f(), isNan(d))'),
      fault('only signs', 'd / beta, abs(d)', 'sign(d), abs(d)'),
      fault('the other sign', 'smoothSign(x - z', 'smoothSign(z - x'),
    ],
  },
  {
    kernel: 'smoothL1.backward.z',
    tests,
    faults: [fault('the sign of x', 'smoothSign(z - x', 'smoothSign(x - z')],
  },
  {
    kernel: 'dice.forward',
    tests,
    faults: [
      fault('the overlap counts once', '2.0 * overlap', 'overlap'),
      fault('nothing is added below', '/ (total + added)', '/ total'),
      fault('nothing is added above', '(2.0 * overlap + added)', '(2.0 * overlap)'),
    ],
  },
  { kernel: 'dice.backward.overlap', tests, faults: [fault('the other sign', '-2.0 /', '2.0 /')] },
  {
    kernel: 'dice.backward.total',
    tests,
    faults: [fault('not squared', '((total + added) * (total + added))', '(total + added)')],
  },
];
