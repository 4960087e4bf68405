/**
 * @file Every kernel whose grid the device may run in parts gives the same bits then.
 */

import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { clearGrad, gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import * as ops from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import { Pace } from '../../src/device/pace.ts';
import { Recorder } from '../../src/device/recorder.ts';
import { gridParts } from '../../src/kernels/grid.ts';
import { partialsOf, squaresPlan } from '../../src/kernels/optimizer/gradient-norm.ts';
import type { KernelPlan } from '../../src/kernels/plan.ts';
import { Random } from '../../src/random.ts';
import { tensor, zeros } from '../../src/tensor/create.ts';
import { run } from '../../src/tensor/run.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { kernelPlans, SOFTWARE } from '../mutants/plans.ts';
import { DIVISIBLE } from '../mutants/wgsl/divisible.ts';
import { augmentationOf } from '../random-graphs/values.ts';
import { randomNormal, xorshift } from '../reference/array.ts';
import { openTestDevice } from '../support/device.ts';

/** So little work that every dispatch of more than a workgroup is divided. */
const TINY = 20_000;
const next = xorshift(11);
/** The kernels that were run in parts. */
const divided = new Set<string>();
let device: Device;

beforeAll(async () => {
  device = await openTestDevice();
});
afterAll(() => device.destroy());
afterEach(() => {
  vi.restoreAllMocks();
});

const draw = (...shape: number[]) => tensor(device, Float32Array.from(randomNormal(shape, next).data), shape);
const images = () => draw(2, 20, 24, 22);
const rows = () => draw(300, 70);
const labels = (count: number, classes: number) =>
  tensor(
    device,
    Int32Array.from({ length: count }, (_, i) => (i * 7) % classes),
  );
const statistics = (channels: number) => ({
  runningMean: tensor(device, new Float32Array(channels)),
  runningVariance: tensor(device, new Float32Array(channels).fill(1)),
});
const batchNorm = (training: boolean) => (x: Tensor, weight: Tensor, bias: Tensor) =>
  ops.batchNorm(x, { weight, bias, ...statistics(x.shape[1]!) }, { training, relu: true });

/** What each kernel is run by, and the inputs that have gradients. */
const CASES: Record<string, [inputs: () => Tensor[], run: (...inputs: Tensor[]) => Tensor]> = {
  relu: [() => [images()], (x) => ops.relu(x)],
  'a sum used twice': [() => [images()], (x) => ops.add(ops.multiply(x, x), x)],
  'a channel added to images': [() => [images(), draw(20, 1, 1)], (x, bias) => ops.add(x, bias)],
  normalizeImages: [
    () => [],
    () =>
      ops.normalizeImages(
        tensor(
          device,
          Uint8Array.from({ length: 2 * 24 * 22 * 3 }, (_, i) => (i * 89) % 256),
          [2, 24, 22, 3],
          { layout: 'row-major' },
        ),
      ),
  ],
  augmentImages: [
    () => [],
    () =>
      ops.augmentImages(
        tensor(
          device,
          Uint8Array.from({ length: 2 * 24 * 22 * 3 }, (_, i) => (i * 89) % 256),
          [2, 24, 22, 3],
          { layout: 'row-major' },
        ),
        tensor(device, augmentationOf(2), [2, 24]),
      ),
  ],
  maxPool2d: [() => [images()], (x) => ops.maxPool2d(x, { kernel: 3, stride: 2, padding: 1 })],
  avgPool2d: [() => [images()], (x) => ops.avgPool2d(x, { kernel: 3, stride: 2, padding: 1 })],
  'a pool of maps of one row': [() => [draw(1, 20, 1, 90)], (x) => ops.avgPool2d(x, { kernel: [1, 3] })],
  adaptiveAvgPool2d: [() => [images()], (x) => ops.adaptiveAvgPool2d(x, [9, 10])],
  'upsample, nearest': [() => [images()], (x) => ops.upsample(x, { size: [30, 41], mode: 'nearest' })],
  'upsample, bilinear': [() => [images()], (x) => ops.upsample(x, { size: [30, 41], mode: 'bilinear' })],
  'batchNorm of few pixels': [() => [draw(2, 300, 5, 4), draw(300), draw(300)], batchNorm(true)],
  'batchNorm of many pixels': [() => [draw(5, 68, 24, 22), draw(68), draw(68)], batchNorm(true)],
  'batchNorm by running statistics': [() => [draw(5, 300, 12, 11), draw(300), draw(300)], batchNorm(false)],
  layerNorm: [
    () => [rows(), draw(70), draw(70)],
    (x, weight, bias) => ops.layerNorm(x, { axes: [1], weight, bias }),
  ],
  groupNorm: [
    () => [draw(9, 80, 6, 5), draw(80), draw(80)],
    (x, weight, bias) => ops.groupNorm(x, 20, { weight, bias }),
  ],
  softmax: [() => [rows()], (x) => ops.softmax(x, { axis: 1 })],
  'softmax of long rows': [() => [draw(9, 700)], (x) => ops.softmax(x, { axis: 1 })],
  crossEntropy: [() => [rows()], (x) => ops.crossEntropy(x, labels(300, 70))],
  sigmoidCrossEntropyWithLogits: [
    () => [draw(900)],
    (x) => ops.sigmoidCrossEntropyWithLogits(x, tensor(device, new Float32Array(900).fill(1))),
  ],
  dropout: [() => [images()], (x) => ops.dropout(x, { probability: 0.3, random: new Random(3) })],
  gather: [() => [rows()], (x) => ops.gather(x, labels(500, 300))],
  permute: [() => [rows()], (x) => ops.permute(x, [1, 0])],
  'permute of many axes': [() => [draw(4, 3, 5, 4, 6, 7)], (x) => ops.permute(x, [5, 0, 4, 1, 3, 2])],
  pad: [
    () => [rows()],
    (x) =>
      ops.pad(x, [
        [1, 2],
        [3, 4],
      ]),
  ],
  toLayout: [() => [images()], (x) => ops.toLayout(x, 'row-major')],
  cast: [() => [], () => ops.cast(labels(900, 9), 'f32')],
  sum: [() => [images()], (x) => ops.sum(x, { axes: [2, 3] })],
  'sum of all': [() => [draw(70_000)], (x) => ops.sum(x)],
  max: [() => [images()], (x) => ops.max(x, { axes: [1] })],
  argMax: [() => [images()], (x) => ops.add(ops.cast(ops.argMax(x, { axis: 1 }), 'f32'), ops.mean(x))],
  'conv2d with bias': [
    () => [images(), draw(40, 20, 3, 3), draw(40)],
    (x, weight, bias) => ops.conv2d(x, weight, { bias, padding: 1 }),
  ],
};

/** The bits of the result and of all gradients. */
async function bitsOf(inputs: readonly Tensor[], op: (...inputs: Tensor[]) => Tensor): Promise<Buffer[]> {
  const y = op(...inputs);
  if (inputs.length > 0) backward(ops.sum(ops.multiply(y, y)));
  const results = [y, ...inputs.map((input) => gradOf(input)!)];
  const values = await Promise.all(results.map((result) => result.data()));
  for (const input of inputs) clearGrad(input);
  return values.map((value) => Buffer.from(value.buffer));
}

/** Has the device divide what it can, and notes what that is. */
function divide(): void {
  vi.spyOn(Pace.prototype, 'workPerSubmit', 'get').mockReturnValue(TINY);
  const { dispatch } = Recorder.prototype;
  vi.spyOn(Recorder.prototype, 'dispatch').mockImplementation(function (this: Recorder, given) {
    const { name, workgroups, work, divisible } = given;
    if (divisible && gridParts(workgroups, Math.ceil(work / TINY)).length > 1) divided.add(name);
    dispatch.call(this, given);
  });
}

test.each(Object.entries(CASES))('%s', async (_, [make, op]) => {
  const inputs = make();
  for (const input of inputs) requiresGrad(input);
  const whole = await bitsOf(inputs, op);
  divide();
  const inParts = await bitsOf(inputs, op);
  expect(inParts.every((bits, i) => bits.equals(whole[i]!))).toBe(true);
});

/** The gradient norm is no op; `divisible.test.ts` runs the others that are missing here in parts. */
test('the gradient norm', async () => {
  const gradients = Float32Array.from(randomNormal([70_000], next).data);
  const squares = async () => {
    const partials = zeros(device, [partialsOf(gradients.length)]);
    run(squaresPlan(gradients.length, 0), { gradients: tensor(device, gradients), partials });
    return Buffer.from((await partials.data()).buffer);
  };
  const whole = await squares();
  divide();
  expect((await squares()).equals(whole)).toBe(true);
});

/** All element-wise kernels, whose results are called so, are made by one function. */
const isElementwise = ({ names }: KernelPlan) => names.includes('result');

test('every kernel that is divisible was run in parts, here or in divisible.test.ts', () => {
  const elsewhere = DIVISIBLE.filter(({ tests }) => tests.some(({ file }) => file.startsWith('kernels/')));
  const known = new Set([...divided, ...elsewhere.map(({ kernel }) => kernel)]);
  const plans = kernelPlans(SOFTWARE).filter((plan) => plan.divisible && !isElementwise(plan));
  expect(plans.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
});
