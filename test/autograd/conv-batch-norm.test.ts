import { describe, expect, test } from 'vitest';
import { noGrad } from '../../src/autograd/graph.ts';
import { batchNorm, conv2d, convBatchNorm } from '../../src/autograd/ops.ts';
import { conv2dGeometry, conv2dOutputShape } from '../../src/shape/conv2d.ts';
import type { Shape } from '../../src/shape/shape.ts';
import { tensor } from '../../src/tensor/create.ts';
import { scope } from '../../src/tensor/scope.ts';
import { fromArray, randomNormal, relativeError, xorshift } from '../reference/array.ts';
import { awkwardConvolutions } from '../support/conv2d-cases.ts';
import { testDevice } from '../support/device.ts';

const NAMES = [
  'pointwise, odd size',
  'three by three',
  'channels no multiple of 4',
  'depthwise',
  'aligned groups',
];

describe('a convolution with its batch norm in one pass', () => {
  test.each(NAMES)('is the two one after the other: %s', async (name) => {
    const { input, weight, options } = awkwardConvolutions[name]!;
    const device = await testDevice();
    const next = xorshift(name.length);
    const outShape = conv2dOutputShape(conv2dGeometry(input, weight, options));
    const [fused, separate] = scope(device, () => {
      const draw = (shape: Shape) => tensor(device, Float32Array.from(randomNormal(shape, next).data), shape);
      const channels = [weight[0]!];
      const [x, w, residual] = [draw(input), draw(weight), draw(outShape)];
      const variance = Float32Array.from(randomNormal(channels, next).data, (v) => 0.5 + v * v);
      const norm = {
        weight: draw(channels),
        bias: draw(channels),
        runningMean: draw(channels),
        runningVariance: tensor(device, variance),
      };
      return noGrad(device, () => [
        convBatchNorm(x, w, norm, { ...options, relu: true, residual }),
        batchNorm(conv2d(x, w, options), norm, { training: false, relu: true, residual }),
      ]);
    });
    const expected = fromArray(outShape, await separate!.data());
    expect(relativeError(fromArray(outShape, await fused!.data()), expected)).toBeLessThan(1e-6);
    expect(expected.data.some((value) => value > 0)).toBe(true);
    fused!.dispose();
    separate!.dispose();
  });
});
