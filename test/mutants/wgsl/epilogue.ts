/**
 * @file Faults that all forward convolutions share, and where an algorithm's are noticed.
 */

import { type Fault, fault, type Selection } from './fault.ts';

/** The tests of an algorithm of convolution kernels. */
export function testsOf(algorithm: string, pass?: 'forward'): readonly Selection[] {
  const epilogue = { file: 'kernels/epilogue.test.ts', only: `the '${algorithm}' kernels` };
  const values = { file: 'kernels/conv2d.test.ts', only: `the '${algorithm}' kernels agree with float64:` };
  return pass === 'forward' ? [epilogue, values] : [values];
}

export const BIAS: readonly Fault[] = [
  fault('no bias', /select\(vec4f\(\), bias\[(\w+)\], [^;]*< vec4u\(u\.outChannels\)\)/, 'vec4f()'),
  fault(
    'what lies behind the bias counts',
    /select\(vec4f\(\), bias\[(\w+)\], [^;]*< vec4u\(u\.outChannels\)\)/g,
    'bias[$1]',
  ),
];

const RELU = 'select(v, vec4f(), isNegative(v))';

export const EPILOGUE: readonly Fault[] = [
  fault('no batch norm', /fma\((\w+), scale, shift\)/g, '$1'),
  fault('the shift is the scale', 'statistics[3u *', 'statistics[2u *'),
  fault('the residual is not added', ' + residual[at]', ''),
  fault('relu lets all through', RELU, 'v'),
  fault('relu loses NaN', RELU, 'max(v, vec4f())'),
  fault('relu keeps −0', RELU, 'select(v, vec4f(), v < vec4f())'),
];
