import { afterAll, expect, test } from 'vitest';
import { gradCheck } from '../../src/autograd/grad-check.ts';
import { conv2d } from '../../src/autograd/ops.ts';
import type { Algorithm } from '../../src/kernels/conv2d/algorithm.ts';
import { ALL_ALGORITHMS } from '../../src/kernels/conv2d/all-algorithms.ts';
import { PASSES, UNTUNED } from '../../src/kernels/conv2d/passes.ts';
import { type Conv2dAttributes, conv2dGeometry } from '../../src/shape/conv2d.ts';
import type { Shape } from '../../src/shape/shape.ts';
import { tensor } from '../../src/tensor/create.ts';
import { setAlgorithms, setTuning } from '../../src/tensor/tuning.ts';
import { randomNormal, xorshift } from '../reference/array.ts';
import { testDevice } from '../support/device.ts';

const device = await testDevice();
setAlgorithms(device, ALL_ALGORITHMS);

afterAll(() => {
  setTuning(device, UNTUNED);
});

const convolutions: Record<string, [input: Shape, weight: Shape, options: Conv2dAttributes]> = {
  'a 3×3 window': [[2, 8, 5, 6], [8, 8, 3, 3], { padding: 1 }],
  'a strided window in groups': [[2, 8, 7, 6], [8, 4, 3, 3], { padding: 1, stride: 2, groups: 2 }],
};

/** All tiles are one code; the smallest take a CPU the least time to compile. */
const isTried = ({ name }: Algorithm) => !name.startsWith('tiled') || name === 'tiled 32×32/4×4';
const pairs = ALL_ALGORITHMS.filter(isTried).flatMap((algorithm) =>
  Object.entries(convolutions)
    .filter(([, [input, weight, options]]) => {
      const g = conv2dGeometry(input, weight, options);
      return PASSES.some((pass) => algorithm.supports(pass, g, device.target));
    })
    .map(([name, convolution]) => ({ algorithm: algorithm.name, name, convolution })),
);

test.each(pairs)(
  'by the $algorithm kernels, $name: gradients agree with finite differences',
  async (pair) => {
    const [input, weight, options] = pair.convolution;
    setTuning(device, { algorithmOf: () => pair.algorithm });
    const next = xorshift(3);
    const inputs = [input, weight].map((shape) =>
      tensor(device, Float32Array.from(randomNormal(shape, next).data), shape),
    );
    const result = await gradCheck((x, w) => conv2d(x!, w!, options), inputs);
    expect(result.ok, JSON.stringify(result)).toBe(true);
  },
);
