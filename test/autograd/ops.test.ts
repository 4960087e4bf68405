import { describe, expect, test } from 'vitest';
import { defineOp } from '../../src/autograd/define-op.ts';
import { gradCheck } from '../../src/autograd/grad-check.ts';
import * as ops from '../../src/autograd/ops.ts';
import type { Layout } from '../../src/shape/layout.ts';
import type { Shape } from '../../src/shape/shape.ts';
import { tensor, zeros } from '../../src/tensor/create.ts';
import { tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { randomDistinct, randomNormal, xorshift } from '../reference/array.ts';
import { awkwardConvolutions } from '../support/conv2d-cases.ts';
import { testDevice } from '../support/device.ts';

type Fn = (...inputs: Tensor[]) => Tensor;

interface Case {
  readonly shapes: readonly Shape[];
  readonly fn: Fn;
  readonly layouts?: readonly (Layout | undefined)[];
  /** Values a distance apart, for ops with kinks. */
  readonly distinct?: boolean;
}

const convCase = (name: string): Case => {
  const { input, weight, options } = awkwardConvolutions[name]!;
  return {
    shapes: [input, weight, [weight[0]!]],
    fn: (x, w, b) => ops.conv2d(x!, w!, { ...options, bias: b }),
  };
};

function batchNormCase(options: { training: boolean; relu?: boolean; residual?: boolean }, x: Shape): Case {
  const c = [x[1]!];
  return {
    shapes: [x, c, c, ...(options.residual ? [x] : [])],
    fn: (map, weight, bias, residual) => {
      const { device } = map!;
      const runningMean = zeros(device, c);
      const runningVariance = tensor(device, new Float32Array(c[0]!).fill(1.5));
      const { training, relu = false } = options;
      const parameters = { weight: weight!, bias: bias!, runningMean, runningVariance };
      return ops.batchNorm(map!, parameters, { training, relu, residual });
    },
  };
}

const cases: Record<string, Case> = {
  add: {
    shapes: [
      [2, 3, 4, 5],
      [2, 3, 4, 5],
    ],
    fn: (a, b) => ops.add(a!, b!),
  },
  'add, broadcast': {
    shapes: [
      [2, 3, 4, 5],
      [3, 1, 1],
    ],
    fn: (a, b) => ops.add(a!, b!),
  },
  'subtract, broadcast': {
    shapes: [
      [4, 1],
      [1, 5],
    ],
    fn: (a, b) => ops.subtract(a!, b!),
  },
  multiply: {
    shapes: [
      [2, 5],
      [2, 5],
    ],
    fn: (a, b) => ops.multiply(a!, b!),
  },
  'multiply, broadcast': {
    shapes: [
      [2, 6, 3, 3],
      [2, 1, 1, 3],
    ],
    fn: (a, b) => ops.multiply(a!, b!),
  },
  'a number': { shapes: [[3, 7]], fn: (a) => ops.subtract(ops.add(ops.multiply(a!, -2), 3), 1) },
  relu: { shapes: [[2, 5, 3, 3]], fn: (x) => ops.relu(x!), distinct: true },
  sigmoid: { shapes: [[2, 5, 3, 3]], fn: (x) => ops.sigmoid(x!) },
  'sum over all': { shapes: [[2, 3, 5, 4]], fn: (x) => ops.sum(x!) },
  'mean over axes': { shapes: [[2, 3, 5, 4]], fn: (x) => ops.mean(x!, { axes: [0, -1] }) },
  'sum, axes kept': { shapes: [[3, 4]], fn: (x) => ops.sum(x!, { axes: [1], keepDims: true }) },
  'max and min': {
    shapes: [[2, 5, 3, 4]],
    fn: (x) => ops.add(ops.max(x!, { axes: [1, 2] }), ops.min(x!, { axes: [1, 2] })),
    distinct: true,
  },
  variance: { shapes: [[2, 5, 3, 4]], fn: (x) => ops.variance(x!, { axes: [0, 2, 3], keepDims: true }) },
  logSumExp: { shapes: [[2, 5, 3, 4]], fn: (x) => ops.logSumExp(x!, { axes: [1] }) },
  'softmax of channels': { shapes: [[2, 5, 3, 4]], fn: (x) => ops.softmax(x!, { axis: 1 }) },
  'logSoftmax of rows': { shapes: [[3, 70]], fn: (x) => ops.logSoftmax(x!) },
  'reshape to rank 2': { shapes: [[2, 6, 3, 5]], fn: (x) => ops.reshape(x!, [2, 90]) },
  'reshape to rank 4': { shapes: [[6, 35]], fn: (x) => ops.reshape(x!, [2, 3, 5, 7]) },
  'reshape to what is left': { shapes: [[2, 6, 3, 5]], fn: (x) => ops.reshape(x!, [4, -1, 9]) },
  'reshape without copy': { shapes: [[3, 8, 1, 1]], fn: (x) => ops.reshape(x!, [3, 8]) },
  'concat along channels': {
    shapes: [
      [2, 3, 2, 2],
      [2, 5, 2, 2],
    ],
    fn: (a, b) => ops.concat([a!, b!], 1),
  },
  'concat of vectors': { shapes: [[3], [2], [4]], fn: (...parts) => ops.concat(parts, -1) },
  'conv2d, three by three': convCase('three by three'),
  'conv2d, a dilated window': convCase('a dilated window'),
  'conv2d, depthwise': convCase('depthwise'),
  'conv2d, aligned groups': convCase('aligned groups'),
  'conv2d, channels no multiple of 4': convCase('channels no multiple of 4'),
  'batchNorm, training': batchNormCase({ training: true }, [3, 5, 4, 3]),
  'batchNorm, training, relu and residual': batchNormCase(
    { training: true, relu: true, residual: true },
    [2, 4, 5, 5],
  ),
  'batchNorm, training, more pixels than one dispatch takes': batchNormCase(
    { training: true, residual: true },
    [2, 5, 40, 30],
  ),
  'batchNorm, training, weight and bias frozen': {
    shapes: [[3, 5, 4, 3]],
    fn: (x) => {
      const vector = (...values: number[]) => tensor(x!.device, values);
      const [weight, bias] = [vector(1, 2, -1, 0.5, 1), vector(0, 1, 2, 3, 4)];
      const running = { runningMean: vector(0, 0, 0, 0, 0), runningVariance: vector(1, 1, 1, 1, 1) };
      return ops.batchNorm(x!, { weight, bias, ...running }, { training: true });
    },
  },
  'batchNorm, eval, relu': batchNormCase({ training: false, relu: true }, [2, 6, 3, 3]),
  'batchNorm, eval, residual': batchNormCase({ training: false, residual: true }, [2, 6, 3, 3]),
  maxPool2d: {
    shapes: [[2, 5, 9, 8]],
    fn: (x) => ops.maxPool2d(x!, { kernel: 3, stride: 2, padding: 1 }),
    distinct: true,
  },
  'maxPool2d, ceil mode': {
    shapes: [[1, 4, 6, 7]],
    fn: (x) => ops.maxPool2d(x!, { kernel: [2, 3], stride: [2, 2], ceilMode: true }),
    distinct: true,
  },
  'avgPool2d, inclusive': {
    shapes: [[2, 3, 7, 7]],
    fn: (x) => ops.avgPool2d(x!, { kernel: 3, stride: 2, padding: 1, exclusive: false }),
  },
  'avgPool2d, global, large': { shapes: [[2, 4, 11, 9]], fn: (x) => ops.avgPool2d(x!, { global: true }) },
  linear: { shapes: [[3, 10], [10, 5], [5]], fn: (x, w, b) => ops.linear(x!, w!, b!) },
  'a large linear': { shapes: [[33, 36], [36, 40], [40]], fn: (x, w, b) => ops.linear(x!, w!, b!) },
  'linear without bias': {
    shapes: [
      [1, 70],
      [70, 1],
    ],
    fn: (x, w) => ops.linear(x!, w!),
  },
  sigmoidCrossEntropyWithLogits: {
    shapes: [[5, 3]],
    fn: (x) => {
      const z = tensor(x!.device, [1, 0, -100, 1, 0, 0, 1, 1, -100, 0, 1, 0, 0.3, 0.7, 1], [5, 3]);
      return ops.sigmoidCrossEntropyWithLogits(x!, z, { normalize: true });
    },
  },
};

describe('gradients agree with finite differences', () => {
  test.each(Object.entries(cases))('%s', async (name, { shapes, fn, distinct = false }) => {
    const device = await testDevice();
    const next = xorshift(name.length * 7 + 1);
    const before = tensorStatistics(device).tensors;
    const inputs = shapes.map((shape) => {
      const values = distinct ? randomDistinct(shape, next, 1 / 8) : randomNormal(shape, next);
      return tensor(device, Float32Array.from(values.data), shape);
    });
    const result = await gradCheck(fn, inputs, { samples: 8 });
    expect(result.ok, JSON.stringify(result)).toBe(true);
    expect(result.kinks).toBeLessThanOrEqual(result.compared);
    for (const input of inputs) input.dispose();
    expect(tensorStatistics(device).tensors).toBe(before);
  });

  test('and a wrong gradient is found', async () => {
    const device = await testDevice();
    const x = tensor(device, [1, 2, 3]);
    // The first call, whose gradient is taken, is another function than the later ones.
    let calls = 0;
    const lying: Fn = (a) => ops.multiply(a!, calls++ === 0 ? 1 : 2);
    expect((await gradCheck(lying, [x])).ok).toBe(false);
    x.dispose();
  });

  test.each<[string, RegExp, (calls: number, needs: readonly boolean[]) => number]>([
    ['only where one input wants it', /as the only one/, (_, needs) => (needs.every(Boolean) ? 1 : 2)],
    ['only in a further backward pass', /uses every input again|three backward passes/, (calls) => calls],
  ])('and one that is wrong %s', async (_, report, factor) => {
    const device = await testDevice();
    const inputs = [tensor(device, [1, 2]), tensor(device, [3, 4])];
    let calls = 0;
    const lying = defineOp<void, Record<string, never>>({
      name: 'lying',
      forward: ([a, b]) => ({ output: ops.add(a!, b!), saved: {} }),
      backward: (dy, { needs }) => {
        const dx = ops.multiply(dy, factor(++calls, needs));
        return [dx, dx];
      },
    });
    const result = await gradCheck((a, b) => lying([a!, b!]), inputs);
    expect(result.ok).toBe(false);
    expect(result.report).toMatch(report);
    for (const input of inputs) input.dispose();
  });
});
