/**
 * @file Faults of layer norm and group norm.
 */

import { type Fault, fault, type MutatedKernel } from './fault.ts';

const tests = [{ file: 'autograd/norm.test.ts' }];

/** Faults of the walk through a group and of its sums. */
const WALK: readonly Fault[] = [
  fault('padding and neighbours are added', /let inGroup = [^;]*;/g, 'let inGroup = vec4<bool>(true);'),
  fault('the channels before the group are added', '(channel >= vec4u(firstChannel)) &', ''),
  fault('a thread visits one vec4', 'e += u.threads)', 'e += count + 1u)'),
  fault('the last vec4 of a group is left out', 'e < count;', 'e + 1u < count;'),
  fault('sums are those of one thread', 'other < first + u.threads', 'other <= first'),
  fault('no barrier', 'sums[localIndex] = sum;\n  workgroupBarrier();', 'sums[localIndex] = sum;'),
  fault('images begin at one place', 'let base = (group / u.groups) * u.pixels * u.blocks', 'let base = 0u'),
  fault('a neighbour is overwritten', /if \(inGroup\[\d\] \|\|/g, 'if (true ||'),
  fault('padding is not written', /(if \(inGroup\[\d\]) \|\| channel\[\d\] >= u\.channels/g, '$1'),
];

export const NORM: readonly MutatedKernel[] = [
  {
    kernel: 'norm.forward',
    tests,
    faults: [
      ...WALK,
      fault('a part overwrites the statistics of the first', 'u.firstGroup + group', 'group'),
      fault('no epsilon', 'variance + u.epsilon', 'variance'),
      fault('the sums are not shifted', 'let origin = x[base][firstChannel % 4u];', 'let origin = 0.0;'),
      fault('the origin is that of another group', '[firstChannel % 4u]', '[0]'),
      fault('the variance is about the origin', '(x[i] - origin) - offset', 'x[i] - origin'),
      fault('weight is left out', ' * weight[block]', ''),
      fault('bias is left out', ' + bias[block]', ''),
    ],
  },
  {
    kernel: 'norm.backward.input',
    tests,
    faults: [
      ...WALK,
      fault('a part has the statistics of the first', 'u.firstGroup + group', 'group'),
      fault('the mean of the gradient stays', '(g - means.x)', 'g'),
      fault('the slope stays', ' - n * means.y', ''),
      fault('weight is left out', ' * weight[block]', ''),
      fault('it is not divided by the deviation', 'found.z * ((g', '((g'),
    ],
  },
  {
    kernel: 'norm.backward.partials',
    tests,
    faults: [
      fault('a part has the statistics of the first', 'u.firstGroup + i', 'i'),
      fault('a row is normalized by another', 'u.firstGroup + i / u.blocks', '0u'),
      fault(
        'all images have the statistics of the first',
        ' + i / (u.imagePixels * u.blocks) * u.groups',
        '',
      ),
      fault(
        'all channels have the statistics of the first group',
        'firstGroup(i) + groups.x',
        'firstGroup(i)',
      ),
      fault(
        'a vec4 has the statistics of one group',
        'statistics[first + groups.w]',
        'statistics[first + groups.x]',
      ),
      fault('the stripe of a part is the first', '2u * (u.firstStripe + stripe)', '2u * stripe'),
      fault(
        'the rest of a stripe is left out',
        'for (; i < end; i += step)',
        'for (; i + step < end; i += step)',
      ),
    ],
  },
  {
    kernel: 'norm.backward.sums',
    tests,
    faults: [
      fault('the gradients are exchanged', 'perChannel(block, second)', 'perChannel(block, first)'),
      fault('the last stripe is left out', 'stripe < u.stripes;', 'stripe + 1u < u.stripes;'),
      fault('no barrier', 'workgroupBarrier();', ''),
    ],
  },
];
