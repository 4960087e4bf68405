/**
 * @file Faults of batch norm.
 */

import { type Fault, fault, type MutatedKernel } from './fault.ts';

/** All but the slow ones first. */
const tests = [
  { file: 'kernels/batch-norm.test.ts', only: '^(?!many pixels)' },
  { file: 'kernels/batch-norm.test.ts', only: '^many pixels' },
];

/** A fused ReLU by comparison is right where a driver compares as IEEE 754 does; WGSL does not promise it. */
const IEEE = 'lavapipe and SwiftShader compare NaN as IEEE 754 does; a compiler that assumes no NaN need not';

const RELU = 'select(v, vec4f(), isNegative(v))';

/** Faults of what follows the normalization. */
const FUSED: readonly Fault[] = [
  fault('relu lets all through', RELU, 'v'),
  fault('relu loses NaN', RELU, 'max(v, vec4f())'),
  fault('relu loses NaN by a comparison', RELU, 'select(vec4f(), v, v > vec4f())'),
  fault('relu keeps −0', RELU, 'select(v, vec4f(), v < vec4f())'),
  fault('relu by a comparison', RELU, 'select(v, vec4f(), v <= vec4f())', IEEE),
  fault('relu stops negative NaNs', '<= vec4i(-0x800000)', '< vec4i()'),
  fault('the residual is not added', ' + residual[i]', ''),
  fault('no shift', 'fma(x[i], scale, shift)', '(x[i] * scale)'),
];

/** Faults of a pass over the pixels. */
const PIXELS: readonly Fault[] = [
  fault('the last block is left out', /if \(i < u\.size\)/g, 'if (i + 1u < u.size)'),
  fault('the last thread is left out', 'if (thread >= u.threads)', 'if (thread + 1u >= u.threads)'),
  fault('every fourth row of pixels is left out', 'thread + 3u * u.threads', 'thread + 2u * u.threads'),
];

/** Faults of the sums of a stripe. */
const STRIPE: readonly Fault[] = [
  fault(
    'the rest of a stripe is left out',
    'for (; i < end; i += step)',
    'for (; i + step < end; i += step)',
  ),
  fault('the stripe of a part is the first', '2u * (u.firstStripe + stripe)', '2u * stripe'),
  fault('the second sum is the first', '+ block] = second;', '+ block] = first;'),
];

/** Faults of the sum over stripes. */
const STRIPES: readonly Fault[] = [
  fault('the last stripe is left out', 'stripe < u.stripes;', 'stripe + 1u < u.stripes;'),
  fault('no barrier', 'workgroupBarrier();', ''),
  fault('some lanes are left out', 'i < 64u; i += 4u', 'i < 60u; i += 4u'),
];

/** Faults of the sums over a column. */
const COLUMN: readonly Fault[] = [
  fault('no barrier', 'workgroupBarrier();', ''),
  fault('the last row of threads is left out', 'other < 64u;', 'other + u.columns < 64u;'),
  fault(
    'a thread visits one pixel',
    /for \(var i = start; i < end; i \+= step\) \{ (y|let value)/,
    'for (var i = start; i < end; i += u.pixels * step) { $1',
  ),
];

/** Faults of a channel's mean, deviation, scale and shift. */
const NORMALIZATION: readonly Fault[] = [
  fault('no epsilon', 'variance + u.epsilon', 'variance'),
  fault('scale leaves γ out', 'inv * perChannel(block, gamma[block])', 'inv'),
  fault('shift leaves β out', 'perChannel(block, beta[block])', 'vec4f()'),
  fault('the mean is added', 'fma(-mean, scale,', 'fma(mean, scale,'),
  fault(
    'what lies behind the last channel counts',
    /return select\(vec4f\(\), value, [^;]*;/,
    'return value;',
  ),
];

/** Faults of the statistics of a batch. */
const MOMENTS: readonly Fault[] = [
  ...NORMALIZATION,
  fault('the origin is left out', 'Moments(k + offset,', 'Moments(offset,'),
  fault('the second moment is about the origin', ' - offset * offset', ''),
  fault('a variance may be negative', 'select(difference, vec4f(), isNegative(difference))', 'difference'),
  fault(
    'a variance that is NaN is 0',
    'select(difference, vec4f(), isNegative(difference))',
    'max(difference, vec4f())',
  ),
  fault('the running variance is biased', 'u.varianceFactor * moments.variance', 'moments.variance'),
  fault('the running mean forgets', 'runningMean[block] * u.momentum +', 'runningMean[block] * share +'),
  fault('the running variance forgets', 'runningVariance[block] * u.momentum +', ''),
  fault('a single pixel moves the running statistics', 'if (u.pixels == 1u) { return; }', ''),
  fault(
    'a single pixel is normalized',
    'if (u.pixels == 1u) { return Normalization',
    'if (u.pixels == 0u) { return Normalization',
  ),
];

const BLOCKED = 'isNegative(y) | (bitcast<vec4u>(y) == vec4u())';

/** Faults of the gradient that ReLU lets through. */
const UPSTREAM: readonly Fault[] = [
  fault('relu lets all through', /select\(dy\[i\], vec4f\(\), isBlocked\(.*?\)\);/, 'dy[i];'),
  fault('relu lets the gradient through at 0', BLOCKED, 'isNegative(y)'),
  fault('relu stops the gradient at NaN', BLOCKED, '!(y > vec4f())'),
  fault('relu by a comparison', BLOCKED, 'y <= vec4f()', IEEE),
  fault('relu of x', 'isBlocked(fma(value, scale, shift))', 'isBlocked(value)'),
  fault('relu of the upstream gradient', 'isBlocked(y[i])', 'isBlocked(dy[i])'),
];

/** Faults of the sums of a channel's gradients. */
const SUMS: readonly Fault[] = [
  fault('dγ is not divided by the deviation', 'second * inv', 'second'),
  fault('a single pixel has dβ', 'u.unchanged == 1u', 'false'),
  fault('dγ is written behind the last channel', 'perChannel(block, product)', 'product + vec4f(1e-30)'),
  fault(
    'dγ and dβ are swapped',
    'dgamma[block] = perChannel(block, product)',
    'dgamma[block] = perChannel(block, sum)',
  ),
  fault('the slope is positive', '-share * inv * product', 'share * inv * product'),
  fault('the offset is positive', '-share * sum', 'share * sum'),
  fault('the mean is a sum', ' / f32(u.pixels)', ''),
];

const DX = 'scale * dp + fma(slope, value - mean, offset)';

/** Faults of the gradient with respect to x. */
const INPUT_GRADIENT: readonly Fault[] = [
  fault('dx takes the statistics for constants', DX, 'scale * dp'),
  fault('dx does not centre x', 'fma(slope, value - mean, offset)', 'fma(slope, value, offset)'),
  fault('dx leaves the scale out', 'scale * dp +', 'dp +'),
  fault('dx is zero', `dx[i] = ${DX};`, 'dx[i] = vec4f();'),
  fault("the residual's gradient passes relu by", 'dresidual[i] = dp;', 'dresidual[i] = dy[i];'),
];

export const BATCH_NORM: readonly MutatedKernel[] = [
  {
    kernel: 'batchNorm.forward.apply',
    tests,
    faults: [...FUSED, ...PIXELS, fault('the shift is the scale', 'statistics[3u *', 'statistics[2u *')],
  },
  {
    kernel: 'batchNorm.forward.partials',
    tests: [...tests, { file: 'tensor/run.test.ts' }, { file: 'autograd/ops.test.ts' }],
    faults: [
      ...STRIPE,
      fault('moments about 0', '] - k; first', ']; first'),
      fault('the second moment is the first', 'fma(d, d, second)', '(second + d)'),
      fault('a stripe of four begins late', 'var i = thread;', 'var i = thread + step;'),
    ],
  },
  { kernel: 'batchNorm.forward.statistics', tests, faults: [...STRIPES, ...MOMENTS] },
  {
    kernel: 'batchNorm.runningStatistics',
    tests,
    faults: [
      ...NORMALIZATION,
      fault(
        'the deviation is the variance',
        'inverseSqrt(variance + u.epsilon)',
        '(1 / (variance + u.epsilon))',
      ),
      fault('the last block is left out', 'if (thread >= u.blocks)', 'if (thread + 1u >= u.blocks)'),
    ],
  },
  { kernel: 'batchNorm.forward.singleDispatch', tests, faults: [...FUSED, ...COLUMN, ...MOMENTS] },
  {
    kernel: 'batchNorm.backward.partials',
    tests: [...tests, { file: 'tensor/run.test.ts' }, { file: 'autograd/ops.test.ts' }],
    faults: [
      ...STRIPE,
      ...UPSTREAM,
      fault('x is not centred', 'fma(dp, value - mean, second)', 'fma(dp, value, second)'),
      fault('dβ passes relu by', 'first += dp;', 'first += dy[i];'),
    ],
  },
  { kernel: 'batchNorm.backward.sums', tests, faults: [...STRIPES, ...SUMS] },
  {
    kernel: 'batchNorm.backward.input',
    tests,
    faults: [
      ...PIXELS,
      ...UPSTREAM,
      ...INPUT_GRADIENT,
      fault('by the running statistics dx leaves the scale out', 'dx[i] = scale * dp;', 'dx[i] = dp;'),
      fault('slope and offset are one', 'coefficients[u.blocks + block]', 'coefficients[block]'),
    ],
  },
  {
    kernel: 'batchNorm.backward.singleDispatch',
    tests,
    faults: [
      ...COLUMN,
      ...UPSTREAM,
      ...SUMS,
      ...INPUT_GRADIENT,
      fault('x is not centred', 'fma(dp, value - mean, second)', 'fma(dp, value, second)'),
    ],
  },
];
