/**
 * @file Faults of dropout and of the numbers that it is drawn by.
 */

import { fault, type MutatedKernel } from './fault.ts';

export const DROPOUT: readonly MutatedKernel[] = [
  {
    kernel: 'dropout',
    tests: [{ file: 'autograd/dropout.test.ts' }],
    faults: [
      fault('a carry is lost', '+ (middleLow >> 16u)', ''),
      fault('the middle of the product is lost', ' + (middle & 0xffffu)', ''),
      fault('nine rounds', 'c = philoxRound(c, key + 9u * step);', ''),
      fault('the key stays', /key \+ \du \* step/g, 'key'),
      fault('a part has the mask of the first', 'u.firstBlock + thread', 'thread'),
      fault('a part has the samples of the first', 'u.firstSample + element', 'element'),
      fault('four samples share a number', '[sample % 4u]', '[0]'),
      fault(
        'samples that share a vec4 share a number',
        'numberOf(4u * thread + 1u)',
        'numberOf(4u * thread)',
      ),
      fault('the lower bits decide', '(numbers >> vec4u(8u))', '(numbers & vec4u(0xffffffu))'),
      fault('kept elements are not scaled', 'vec4f(u.scale)', 'vec4f(1.0)'),
      fault(
        'NaN is lost',
        'x[thread] * select(vec4f(), vec4f(u.scale), isKept)',
        'select(vec4f(), x[thread] * u.scale, isKept)',
      ),
      fault('the last vec4 is left out', 'if (thread >= u.blocks)', 'if (thread + 1u >= u.blocks)'),
    ],
  },
];
