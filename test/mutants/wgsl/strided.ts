/**
 * @file Faults of the kernels that take indexes apart: walks, sums, accuracy, the fully connected layer.
 */

import { type Fault, fault, type MutatedKernel } from './fault.ts';

/** The faults of a walk from `source`; `strided` is a tensor whose innermost stride is not always 1. */
function walkFaults(source: string, strided = source): readonly Fault[] {
  const [first, ...rest] = [0, 1, 2].map((axis) => `i${axis} * u.${source}${axis}`);
  return [
    fault('the last block is left out', 'if (thread >= u.size)', 'if (thread + 1u >= u.size)'),
    fault('the fourth element is left out', 'if (first + 3u < u.count3)', 'if (first + 4u < u.count3)'),
    fault('padded rows hold values', 'if (inside && first', 'if (first'),
    fault('padded lanes hold values', /if \(inside && first \+ \du < u\.extent3\)/g, 'if (inside)'),
    fault(
      'one element of padding holds a value',
      /(inside && first \+ \du) < u\.extent3/g,
      '$1 <= u.extent3',
    ),
    fault('two strides are swapped', rest.join(' + '), `i1 * u.${source}2 + i2 * u.${source}1`),
    fault('the outermost axis stands still', `${first} + `, ''),
    fault('an axis is taken apart by its neighbour', 'rest2 % u.count1', 'rest2 % u.count2'),
    fault(
      'the innermost stride is 1',
      new RegExp(`${strided}At \\+ (\\d)u \\* u\\.${strided}3`, 'g'),
      `${strided}At + $1u`,
    ),
  ];
}

const GATHER = [{ file: 'autograd/move.test.ts', only: 'gather' }];

export const STRIDED: readonly MutatedKernel[] = [
  {
    kernel: 'subtract.forward.broadcast',
    tests: [{ file: 'autograd/arithmetic.test.ts' }],
    faults: [
      ...walkFaults('b'),
      fault('the other way round', 'return a - b;', 'return b - a;'),
      fault('padding is 1', 'var value = 0.0;', 'var value = 1.0;'),
      fault('the third element is the second', 'value = values[2]', 'value = values[1]'),
    ],
  },
  {
    kernel: 'expand.broadcast',
    tests: [{ file: 'kernels/elementwise.test.ts' }],
    faults: [...walkFaults('x'), fault('no factor', 'factor * x', 'x')],
  },
  {
    kernel: 'copy',
    tests: [{ file: 'kernels/strided-copy.test.ts' }],
    faults: [
      ...walkFaults('x'),
      fault('a part is put at the beginning', 'u.yStart + ', ''),
      fault("y's innermost stride is 1", /yAt \+ (\d)u \* u\.y3/g, 'yAt + $1u'),
      fault('a slice is cut from the beginning', 'u.xStart + ', ''),
    ],
  },
  {
    kernel: 'copy.deep',
    tests: [{ file: 'kernels/strided-copy.test.ts' }],
    faults: [
      fault('the last block is left out', 'if (thread >= u.size)', 'if (thread + 1u >= u.size)'),
      fault('two strides are swapped', 'i3 * u.x3 + i4 * u.x4', 'i3 * u.x4 + i4 * u.x3'),
      fault('an axis is taken apart by its neighbour', 'rest4 % u.count3', 'rest4 % u.count4'),
      fault("y's innermost stride is 1", /yAt \+ (\d)u \* u\.y5/g, 'yAt + $1u'),
      fault('a part is put at the beginning', 'u.yStart + ', ''),
    ],
  },
  {
    kernel: 'gather.forward',
    tests: GATHER,
    faults: [
      fault('the last element is left out', 'if (thread >= u.size)', 'if (thread + 1u >= u.size)'),
      fault('an index beyond the last row names it', 'select(missing, value, row < u.rowCount)', 'value'),
      fault('NaN in padding', 'isElement(thread)', 'vec4<bool>(true)'),
      fault('every row is the first', 'u.rowCount - 1u) * u.rowSize', 'u.rowCount - 1u) * 0u'),
      fault('rows are one too many', 'row < u.rowCount)', 'row <= u.rowCount)'),
    ],
  },
  {
    kernel: 'gather.links',
    tests: GATHER,
    faults: [
      fault('all are the first', 'select(0u, FIRST, before == thread)', 'FIRST'),
      fault('nothing follows', /while \(next < .*\}/, 'next = u.count;'),
      fault('the neighbour follows', /while \(next < .*\}/, ''),
    ],
  },
  {
    kernel: 'gather.backward',
    tests: GATHER,
    faults: [
      fault('the last counts alone', 'sum += dy[', 'sum = dy['),
      fault('two are added', 'while (position < u.count)', 'if (position < u.count)'),
      fault(
        'rows that there are not are written',
        'row >= u.rowCount || ',
        '',
        'an adapter may drop what is written beyond the end of a buffer, as lavapipe does',
      ),
      fault('all write the first row', 'dx[row * u.rowSize + at]', 'dx[at]'),
      fault('all of an index write', ' || (links[position] & FIRST) == 0u', ''),
    ],
  },
  {
    kernel: 'reduce',
    tests: [
      { file: 'kernels/reduce.test.ts' },
      { file: 'kernels/reductions.test.ts' },
      { file: 'autograd/reduce.test.ts' },
    ],
    faults: [
      fault('no factor', 'return u.factor * total;', 'return total;'),
      fault('elements beyond the end count', 'if (r >= end) { return none(); }', ''),
      fault(
        'a workgroup goes beyond the end',
        'min(u.length, (split + 1u) * u.chunk)',
        '(split + 1u) * u.chunk',
      ),
      fault('the fourth part is left out', /part3 = merge\(part3, .*\);/, ''),
      fault('one of four is not added', 'merge(part2, part3)', 'part2'),
      fault('no barriers', 'workgroupBarrier();', ''),
      fault('some threads are left out', 'other < 64u', 'other < 56u'),
      fault('every workgroup writes the first part', 'y[split * u.results + result]', 'y[result]'),
      fault('the inner stride is 1', 'inner * u.innerStride', 'inner'),
      fault('the outer stride is the inner one', '* u.outerStride', '* u.innerStride'),
      fault(
        'a run begins an element late',
        'for (var r = split * u.chunk +',
        'for (var r = 1u + split * u.chunk +',
      ),
      fault(
        'threads of a result read the same',
        '* u.chunk + localIndex / 16u;',
        '* u.chunk + localIndex % 16u;',
      ),
      fault('a folded grid repeats its first row', 'workgroup.y * workgroups.x + workgroup.x', 'workgroup.x'),
      fault('padding of the result is written', 'if (isResult) { value =', 'if (true) { value ='),
      fault('padded channels count', 'inner % u.innerPadded >= u.innerExtent || ', ''),
      fault("a filter's padded rows count", ' || inner / u.innerPadded % u.paddedRows >= u.rows', ''),
      fault('infinities are 0', 'return bitcast<f32>(bits);', 'return 0.0;'),
      fault('both infinities are positive', '0x7f800000u | sign', '0x7f800000u'),
      fault(
        'the greater loses NaN on the left',
        'select(select(max(a, b), b, isNanScalar(b)), a, isNanScalar(a))',
        'select(max(a, b), b, isNanScalar(b))',
      ),
      fault(
        'the smaller loses NaN on the right',
        'select(select(min(a, b), b, isNanScalar(b)), a, isNanScalar(a))',
        'select(min(a, b), a, isNanScalar(a))',
      ),
      fault('∞ is NaN', '> 0x7f800000u', '>= 0x7f800000u'),
      fault('the least is the greatest', 'min(a, b), b,', 'max(a, b), b,'),
      fault('differences are not squared', '(x - known) * (x - known)', '(x - known)'),
      fault('squares are not of differences', '(x - known) * (x - known)', 'x * x'),
      fault('the exponential overflows', 'exp(x - known)', 'exp(x)'),
      fault('the maximum is not added back', 'known + logAtLeast1(total)', 'logAtLeast1(total)'),
      fault('an infinite maximum is like others', ', isFinite(known));', ', true);'),
      fault("WGSL's logarithm near 1", 'log1p(vec4f(x - 1.0)).x, x < 2.0)', 'log(x), x < 2.0)'),
      fault('the series of the logarithm goes too far', '.x, x < 2.0)', '.x, x < 1e9)'),
      fault('the last of the greatest', 'return min(a, b);', 'return max(a, b);'),
      fault('NaN is nowhere', ' || (isNanScalar(x) && isNanScalar(known))', ''),
      fault('all elements are alike', 'select(0.0, 1.0, x == known)', '1.0'),
    ],
  },
  {
    kernel: 'reduce.backward',
    tests: [{ file: 'kernels/reductions.test.ts' }, { file: 'autograd/reduce.test.ts' }],
    faults: [
      ...walkFaults('x', 'dy'), // x lies as dx does
      fault('each of the greatest gets all', 'dy / ties', 'dy'),
      fault('all elements get a share', 'select(0.0, dy / ties, x == known)', 'dy / ties'),
      fault('NaN is lost', ', known, isNanScalar(known))', ', known, false)'),
      fault('the mean is 0', '(x - known); }', 'x; }'),
      fault('no factor', 'u.factor * dy', 'dy'),
      fault('the logarithm of the sum is 0', 'exp(x - known), x', 'exp(x), x'),
      fault(
        'NaN is left to exp',
        'select(exp(x - known), x - known, isNanScalar(x - known))',
        'exp(x - known)',
        'lavapipe hands NaN through exp; SwiftShader does not',
      ),
      fault('dy is left out', 'return dy * select(', 'return select('),
    ],
  },
  {
    kernel: 'accuracy',
    tests: [{ file: 'kernels/accuracy.test.ts' }],
    faults: [
      fault('the higher class wins a tie', 'b.class_ < a.class_', 'b.class_ > a.class_'),
      fault('the least score wins', 'if (b.key > a.key', 'if (b.key < a.key'),
      fault('∞ is NaN', 'magnitude > 0x7f800000', 'magnitude >= 0x7f800000'),
      fault('NaN is a score', 'if (magnitude > 0x7f800000) { return NAN_KEY; }', ''),
      fault('negative scores are ordered backwards', 'select(magnitude, -magnitude, bits < 0)', 'bits'),
      fault('signs are lost', 'select(magnitude, -magnitude, bits < 0)', 'magnitude'),
      fault('a row with NaN may be a hit', 'best.key != NAN_KEY && ', ''),
      fault('a thread counts one row', 'count += 1.0;', 'count = 1.0;'),
      fault('rows beyond the last one count', 'if (row < u.rows && best.key', 'if (best.key'),
      fault('the last class is left out', '; c < u.classes;', '; c + 1u < u.classes;'),
      fault('a lane is left out', 'other < 16u', 'other < 15u'),
      fault(
        'no barrier',
        /candidates\[localIndex\] = best;\s+workgroupBarrier\(\);/,
        'candidates[localIndex] = best;',
      ),
      fault(
        'no barrier before the next row',
        /workgroupBarrier\(\);(\s+if \(row < u\.rows)/,
        '$1',
        'a race: lavapipe and SwiftShader run the threads of a workgroup in step between barriers, so that it is never lost',
      ),
    ],
  },
  {
    kernel: 'product',
    tests: [{ file: 'kernels/linear.test.ts' }, { file: 'autograd/matmul.test.ts' }],
    faults: [
      fault('all products have the first a', 'aMatrix + ', ''),
      fault('all products have the first b', 'bMatrix + ', ''),
      fault('all products are written to the first', 'cMatrix + ', ''),
      fault(
        'the axes of a batch are swapped',
        'outer * u.aOuterBatch + inner *',
        'inner * u.aOuterBatch + outer *',
      ),
      fault(
        'products beyond the last are written',
        'exists && ',
        '',
        'only a grid that is folded has them, and the smallest such has 65 536 workgroups',
      ),
      fault('no bias', 'var sum = bias[column];', 'var sum = 0f;'),
      fault('the bias of the row', 'var sum = bias[column];', 'var sum = bias[row];'),
      fault('no barrier', 'workgroupBarrier();', ''),
      fault('columns beyond the last one are written', 'row < u.rows && column < u.columns', 'row < u.rows'),
      fault(
        'rows beyond the last one are written',
        'row < u.rows && column < u.columns',
        'column < u.columns',
      ),
      fault('the left inner stride is 1', 'k * u.aInner', 'k'),
      fault('the right inner stride is 1', 'k * u.bInner', 'k'),
      fault('the last step is left out', '; k < u.inner;', '; k + 1u < u.inner;'),
      fault('the first split is left out', 'for (var j = 0u;', 'for (var j = 1u;'),
      fault('a product replaces the sum', 'sum0 = fma(a0, b0, sum0);', 'sum0 = a0 * b0;'),
      fault('blocks are taken column by column', 'block / u.columnBlocks', 'block % u.columnBlocks'),
    ],
  },
];
