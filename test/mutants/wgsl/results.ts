/**
 * @file Faults of what looks after the results of custom kernels.
 */

import { fault, type MutatedKernel } from './fault.ts';

const tests = [{ file: 'tensor/custom-run.test.ts' }];

export const RESULTS: readonly MutatedKernel[] = [
  {
    kernel: 'results.poison',
    tests,
    faults: [
      fault('the last block is left out', 'thread < u.blocks', 'thread + 1u < u.blocks'),
      fault('one element is left out', /= vec4u\((\d+u)\);/, '= vec4u($1, $1, $1, 0u);'),
      fault('nothing is poisoned', /= vec4u\(\d+u\);/, '= vec4u();'),
    ],
  },
  {
    kernel: 'results.clearPadding',
    tests,
    faults: [
      fault('the last block is left out', 'if (thread * 4u >=', 'if (thread * 4u + 4u >='),
      fault('elements are cleared', 'select(vec4u(), value, element)', 'vec4u()'),
      fault('nothing is cleared', 'select(vec4u(), value, element)', 'value'),
      fault('of bytes nothing is cleared', /= value & dot.*;/, '= value;'),
      fault('two bytes are one', '0xff00u, 0xff0000u', '0xff0000u, 0xff0000u'),
      fault("a filter's padded rows stay", 'vec4<bool>(row % u.paddedRows < u.rows)', 'vec4<bool>(true)'),
    ],
  },
  {
    kernel: 'results.inspect',
    tests,
    faults: [
      fault('the last block is left out', 'if (thread * 4u >=', 'if (thread * 4u + 4u >='),
      fault('the tail of a tensor counts', '& exists;', '& vec4<bool>(true);'),
      fault('unwritten elements are not counted', 'count(0u, element & poisoned);', ''),
      fault('unwritten padding is not counted', 'count(1u, padding & poisoned);', ''),
      fault('wrong padding is not counted', 'count(2u, padding & !poisoned & !zero);', ''),
      fault('unwritten padding is wrong too', 'padding & !poisoned & !zero', 'padding & !zero'),
      fault('−0 is not zero', '0x7fffffffu', '0xffffffffu'),
      fault('the sign of an integer does not count', 'vec4u(0xffffffffu)', 'vec4u(0x7fffffffu)'),
      fault('a block counts once', 'dot(vec4u(elements), vec4u(1u))', '1u'),
      fault('bytes are read as one', 'vec4u(0u, 8u, 16u, 24u)', 'vec4u(0u, 0u, 0u, 0u)'),
    ],
  },
];
