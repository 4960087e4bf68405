import { beforeAll, expect, test } from 'vitest';
import { noGrad } from '../../src/autograd/graph.ts';
import type { Device } from '../../src/device/device.ts';
import { gradCam } from '../../src/explain/grad-cam.ts';
import { Random } from '../../src/random.ts';
import { tensor } from '../../src/tensor/create.ts';
import { tensorStatistics } from '../../src/tensor/scope.ts';
import { testDevice } from '../support/device.ts';
import { TinyNet } from '../train/tiny.ts';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const random = new Random(3);
const noise = (...shape: number[]) =>
  tensor(
    device,
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
    shape,
  );

/** `relu(sign · Σ_k weight_k · A_k)` of each image from 0 to 1: the gradient of a logit by a map that is averaged is the same everywhere. */
async function expectedMaps(model: TinyNet, images: ReturnType<typeof noise>, sign: number) {
  model.eval();
  const activation = noGrad(device, () => model.conv(images));
  model.train();
  const [batch, channels, height, width] = activation.shape as [number, number, number, number];
  const values = await activation.data();
  activation.dispose();
  const weights = await model.out.weight.tensor.data();
  return Array.from({ length: batch }, (_, n) => {
    const map = Array.from({ length: height * width }, (_, at) => {
      const terms = Array.from(
        { length: channels },
        (_, k) => weights[k]! * values[(n * channels + k) * height * width + at]!,
      );
      return Math.max(0, sign * terms.reduce((a, b) => a + b));
    });
    const [least, greatest] = [Math.min(...map), Math.max(...map)];
    return map.map((value) => (value - least) / (greatest - least));
  });
}

test.each([
  [1, 1],
  [0, -1],
])('one logit speaks for class 1 as it is and for class 0 negated', async (label, sign) => {
  const model = new TinyNet(device);
  const images = noise(2, 3, 8, 10);
  const before = tensorStatistics(device);
  const maps = await gradCam(model, images, { layer: 'conv', ...(label === 0 ? { class: 0 } : {}) });
  expect(tensorStatistics(device)).toEqual(before);
  const expected = await expectedMaps(model, images, sign);
  expect(maps.map((map) => [map.width, map.height, map.class])).toEqual([
    [5, 4, label],
    [5, 4, label],
  ]);
  for (const [i, { values }] of maps.entries())
    for (const [at, value] of values.entries()) expect(value).toBeCloseTo(expected[i]![at]!, 5);
});
