import { afterAll, describe, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import {
  adaptiveAvgPool2d,
  add,
  avgPool2d,
  batchNorm,
  conv2d,
  convTranspose2d,
  maxPool2d,
  mean,
  multiply,
  normalizeImages,
  relu,
  sigmoid,
  sum,
  tanh,
  upsample,
} from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import type { Shape } from '../../src/shape/shape.ts';
import { full, tensor, zeros } from '../../src/tensor/create.ts';
import { batchChunks } from '../../src/tensor/run.ts';
import { scope } from '../../src/tensor/scope.ts';
import { fromArray, randomNormal, relativeError, xorshift } from '../reference/array.ts';
import { openTestDevice } from '../support/device.ts';

/** Small enough that the maps below are split. */
const BINDING_LIMIT = 16120;

const whole = await openTestDevice();
const split = await openTestDevice({ bindingLimit: BINDING_LIMIT });
afterAll(() => {
  whole.destroy();
  split.destroy();
});

/** A small network with every op that works image by image; the loss and the gradients of its leaves. */
async function train(device: Device): Promise<Float32Array[]> {
  const next = xorshift(3);
  const leaf = (shape: Shape) =>
    requiresGrad(tensor(device, Float32Array.from(randomNormal(shape, next).data), shape));
  const [x, w, gamma, beta] = [leaf([7, 8, 9, 8]), leaf([8, 8, 1, 1]), leaf([8]), leaf([8])];
  const [runningMean, runningVariance] = [zeros(device, [8]), zeros(device, [8])];
  const loss = scope(device, () => {
    const norm = {
      weight: gamma!,
      bias: beta!,
      runningMean: runningMean!,
      runningVariance: runningVariance!,
    };
    const y = conv2d(x!, w!);
    const z = batchNorm(y, norm, { training: true, relu: true, residual: x! });
    const pooled = add(
      maxPool2d(z, { kernel: 3, stride: 2, padding: 1 }),
      avgPool2d(z, { kernel: 3, stride: 2, padding: 1 }),
    );
    const loss = mean(multiply(relu(pooled), sigmoid(pooled)));
    backward(loss);
    return loss;
  });
  const results = [
    loss,
    gradOf(x!)!,
    gradOf(w!)!,
    gradOf(gamma!)!,
    gradOf(beta!)!,
    runningMean!,
    runningVariance!,
  ];
  return Promise.all(results.map((result) => result.data())) as Promise<Float32Array[]>;
}

describe('a batch that is larger than the adapter can bind', () => {
  test('gives the same loss, gradients and statistics in parts', async () => {
    const expected = await train(whole);
    const actual = await train(split);
    expect(split.statistics.dispatches).toBeGreaterThan(whole.statistics.dispatches);
    actual.forEach((values, i) => {
      const shape = [values.length];
      expect(relativeError(fromArray(shape, values), fromArray(shape, expected[i]!))).toBeLessThan(2e-6);
    });
  });

  test('is divided where every part can be bound', () => {
    const x = zeros(split, [7, 4, 5, 5]); // 400 bytes an image: offsets are multiples of 256 every 16 images only
    expect(batchChunks(7, [x])).toEqual([{ first: 0, images: 7 }]);
    x.dispose();
    const y = zeros(split, [41, 4, 5, 5]);
    expect(batchChunks(41, [y]).map(({ images }) => images)).toEqual([32, 9]);
    y.dispose();
  });

  test('is refused where not even one image can be bound', () => {
    const x = zeros(split, [2, 4, 32, 32]);
    expect(() => batchChunks(2, [x])).toThrow(/16384 bytes.*16120/);
    x.dispose();
  });
});

test('photographs, numbers added and activations are run in parts too', async () => {
  const [batch, side] = [32, 16];
  const bytes = Uint8Array.from({ length: batch * side * side * 3 }, (_, i) => (i * 7919) % 251);
  const results = await Promise.all(
    [whole, split].map((device) => {
      const images = tensor(device, bytes, [batch, side, side, 3], { layout: 'row-major' });
      return tanh(add(multiply(normalizeImages(images), 3), 0.5)).data();
    }),
  );
  expect(batch * side * side * 3).toBeGreaterThan(BINDING_LIMIT);
  expect(results[1]).toEqual(results[0]);
});

test('resized and averaged maps, and transposed convolutions, are run in parts too', async () => {
  const values = Float32Array.from(randomNormal([20, 4, 4, 4], xorshift(5)).data);
  const results = await Promise.all(
    [whole, split].map((device) => {
      const x = requiresGrad(tensor(device, values, [20, 4, 4, 4]));
      const spread = scope(device, () => {
        const larger = upsample(x, { scale: 2, mode: 'bilinear' });
        const spread = convTranspose2d(larger, full(device, [4, 4, 1, 1], 0.5));
        backward(sum(multiply(adaptiveAvgPool2d(spread, 4), 3)));
        return spread;
      });
      return Promise.all([spread.data(), gradOf(x)!.data()]);
    }),
  );
  expect(4 * values.length * 4).toBeGreaterThan(BINDING_LIMIT);
  expect(results[1]).toEqual(results[0]);
});

test('operands that broadcast are run in parts too, where the batch is outermost', async () => {
  const shape = [32, 4, 16, 16];
  const values = Float32Array.from({ length: 32 * 4 * 256 }, (_, i) => Math.sin(i));
  const results = await Promise.all(
    [whole, split].map((device) => {
      const x = tensor(device, values, shape);
      const channels = tensor(device, [0.5, -1, 2, 3], [1, 4, 1, 1]);
      const pixels = tensor(device, values.subarray(0, 32 * 256), [32, 1, 16, 16]);
      return add(multiply(x, channels), pixels).data();
    }),
  );
  expect(values.byteLength).toBeGreaterThan(BINDING_LIMIT);
  expect(results[1]).toEqual(results[0]);
  const [filter, x] = [zeros(split, shape, { layout: 'filter' }), zeros(split, shape)];
  expect(() => add(filter, x)).toThrow(/bind/);
});
