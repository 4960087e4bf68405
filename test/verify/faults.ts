/**
 * @file Faults that `verify` must find, such as drivers have made: an index off by one, a missing barrier, a tail that is left out,
 * a sum that forgets, less precision, gradients of zero. Most are from `test/mutants/`.
 */

import { type Fault, fault } from '../mutants/wgsl/fault.ts';
import { WGSL_MUTANTS } from '../mutants/wgsl-mutants.ts';

/** A fault in a kernel. */
export interface VerifyFault {
  /** `kernel: fault`. */
  readonly name: string;
  readonly kernel: string;
  readonly fault: Fault;
}

const own = (kernel: string, name: string, from: string | RegExp, to: string): VerifyFault => ({
  ...{ name: `${kernel}: ${name}`, kernel, fault: fault(name, from, to) },
});

/** WGSL: four numbers rounded to f16, without that type. */
const half = (value: string) =>
  `vec4f(unpack2x16float(pack2x16float((${value}).xy)), unpack2x16float(pack2x16float((${value}).zw)))`;

/** Computing in f16, and kernels that write zeros or nothing. */
const OWN: readonly VerifyFault[] = [
  own('conv2d.forward.plain', 'results are f16', /(y\[[^\]]*\]) = (sum\d);/g, `$1 = ${half('$2')};`),
  own('conv2d.forward.plain', 'inputs are f16', /fma\(vec4f\(v\.x\)/g, `fma(vec4f(${half('v')}.x)`),
  own('conv2d.backwardWeight.sum', 'parts are added in f16', 'sum += parts', `sum = ${half('sum')} + parts`),
  own(
    'batchNorm.backward.input',
    'results are f16',
    'dx[i] = scale * dp +',
    `dx[i] = ${half('scale * dp')} +`,
  ),
  own('conv2d.backwardWeight.sum', 'the gradient is zero', 'dw[thread] = sum', 'dw[thread] = 0.0 * sum'),
  own('conv2d.backwardWeight.sum', 'nothing is written', 'dw[thread] = sum;', ''),
];

/** The names that they have in `test/mutants/`. */
const KNOWN: readonly string[] = [
  'relu.forward: it lets all through',
  'relu.backward: it is stopped where y > 0',
  'exp.forward: the last block is left out',
  'exp.forward: padding is written',
  'sigmoid.backward: dy is left out',
  'tanh.forward: the sign is lost',
  'gelu.forward: a coefficient is off by a thousandth',
  'add.forward: it takes one operand twice',
  'divide.backward.b: the sign is lost',
  'where.forward: the other one',
  'cast: it rounds',
  'expand.broadcast: two strides are swapped',
  'accumulate: the last block is left out',
  'dropout: nine rounds',
  'dropout: kept elements are not scaled',
  'reduce: no barriers',
  'reduce: some threads are left out',
  'reduce: the fourth part is left out',
  'reduce: padded channels count',
  'reduce.backward: dy is left out',
  'softmax.forward: no barrier before the values are put together',
  'softmax.forward: the last element is left out',
  'softmax.backward: the sum is not taken away',
  'copy: a slice is cut from the beginning',
  'gather.backward: the last counts alone',
  'batchNorm.forward.singleDispatch: no barrier',
  'batchNorm.forward.partials: the rest of a stripe is left out',
  'batchNorm.forward.statistics: the running variance forgets',
  'batchNorm.backward.input: dx is zero',
  'batchNorm.backward.singleDispatch: dx takes the statistics for constants',
  'norm.forward: no barrier',
  'norm.forward: the last vec4 of a group is left out',
  'norm.backward.sums: the last stripe is left out',
  'maxPool2d.forward: the paddings are swapped',
  'maxPool2d.backward: every tap gets the gradient',
  'avgPool2d.backward: the gradient is zero',
  'upsample.backward: the last input is left out',
  'normalizeImages: the last pixel is left out',
  'product: no barrier',
  'product: the last step is left out',
  'sigmoidCrossEntropy: the gradient is zero',
  'crossEntropy.backward: each row has the gradient of the first',
  'accuracy: the last class is left out',
  'momentum: the old velocity counts whole',
  'conv2d.forward.plain: the last of eight pixels is left out',
  'conv2d.forward.plain: rows outside of the image count',
  'conv2d.forward.plain: a product replaces the sum',
  'conv2d.backwardInput.plain: phases are swapped',
  'conv2d.backwardInput.plain: the last block of outputs is left out',
  'conv2d.backwardWeight.plain: the last pixel is left out',
  'conv2d.backwardWeight.sum: the last part is left out',
  'conv2d.forward.grouped: the fourth channel is left out',
  'conv2d.backwardInput.grouped: no padding',
  'conv2d.backwardWeight.grouped: padding is written',
  'conv2d.forward.depthwise: the last row is left out',
  'conv2d.backwardInput.depthwise: the filter is not transposed',
  'conv2d.backwardWeight.depthwise: a product replaces the sum',
  'conv2d.forward.subgroup: the last of 16 pixels is left out',
  'conv2d.backwardInput.subgroup: the filter is not transposed',
  'conv2d.backwardWeight.subgroup: pixels beyond the line count',
  'conv2d.winograd.weight: a half is whole',
  'conv2d.winograd.input: the last tile is left out',
  'conv2d.winograd.product: a product replaces the sum',
  'conv2d.winograd.output: a place is left out',
  'conv2d.forward.tiled: no barrier before the products',
  'conv2d.forward.tiled: a long sum forgets its beginning',
  'conv2d.backwardInput.tiled: the last of four channels is the third',
  'conv2d.backwardWeight.tiled: all parts are the first',
];

/** All. */
export const VERIFY_FAULTS: readonly VerifyFault[] = [
  ...OWN,
  ...KNOWN.map((name) => {
    const mutant = WGSL_MUTANTS.find((other) => other.name === name);
    if (!mutant) throw new Error(`test/mutants/ has no fault called '${name}'`);
    return mutant;
  }),
];
