import { describe, expect, test } from 'vitest';
import { gradCheck } from '../../src/autograd/grad-check.ts';
import { convTranspose2d } from '../../src/autograd/ops.ts';
import type { ConvTranspose2dAttributes } from '../../src/shape/conv-transpose2d.ts';
import type { Layout } from '../../src/shape/layout.ts';
import { expandPadding, expandPair, PAIR_OR_ZERO } from '../../src/shape/window.ts';
import { tensor, zeros } from '../../src/tensor/create.ts';
import { randomNormal, scaledMaxError, xorshift } from '../reference/array.ts';
import * as reference from '../reference/conv-transpose2d.ts';
import { conv2dGradBias } from '../reference/conv2d.ts';
import { testDevice } from '../support/device.ts';
import { runOp } from '../support/run-op.ts';

interface Case {
  readonly x: readonly number[];
  readonly weight: readonly number[];
  readonly options?: ConvTranspose2dAttributes;
  readonly layout?: Layout;
}

const cases: Record<string, Case> = {
  'of a U-Net': { x: [2, 8, 3, 5], weight: [8, 6, 2, 2], options: { stride: 2 } },
  'of DCGAN, from one pixel': { x: [3, 10, 1, 1], weight: [10, 5, 4, 4] },
  'with output padding, row-major': {
    x: [2, 16, 4, 5],
    weight: [16, 12, 3, 3],
    options: { stride: 2, padding: 1, outputPadding: 1 },
    layout: 'row-major',
  },
  'with output padding beyond the stride': {
    x: [1, 4, 5, 4],
    weight: [4, 8, 3, 2],
    options: { stride: [1, 2], dilation: [2, 3], padding: [0, 1, 2, 1], outputPadding: [1, 2] },
  },
  'of stride 1, many channels': { x: [1, 36, 6, 7], weight: [36, 40, 3, 3], options: { padding: 1 } },
  'pointwise with stride': { x: [2, 6, 3, 3], weight: [6, 5, 1, 1], options: { stride: [3, 2] } },
  'of groups that share vec4s': { x: [1, 6, 4, 3], weight: [6, 3, 3, 3], options: { groups: 3, padding: 1 } },
  depthwise: { x: [2, 5, 4, 5], weight: [5, 1, 4, 4], options: { groups: 5, stride: 2, padding: 1 } },
};

const referenceOptions = (options: ConvTranspose2dAttributes = {}): reference.ConvTranspose2dOptions => {
  const { top, bottom, left, right } = expandPadding(options.padding ?? 0, 'padding');
  return {
    stride: expandPair(options.stride ?? 1, 'stride'),
    dilation: expandPair(options.dilation ?? 1, 'dilation'),
    outputPadding: expandPair(options.outputPadding ?? 0, 'outputPadding', PAIR_OR_ZERO),
    padding: [top, bottom, left, right],
    groups: options.groups ?? 1,
  };
};

describe('a transposed convolution and its gradients', () => {
  test.each(Object.entries(cases))('%s', async (_, { x, weight, options, layout }) => {
    const next = xorshift(3);
    const [input, filter] = [randomNormal(x, next), randomNormal(weight, next)];
    const asReference = referenceOptions(options);
    const bias = randomNormal([weight[1]! * asReference.groups], next);
    const { y, dy, gradients } = await runOp(
      (a, b, c) => convTranspose2d(a!, b!, { ...options, bias: c }),
      [{ array: input, layout }, { array: filter, layout: layout ?? 'filter' }, { array: bias }],
    );
    const { dx, dw } = reference.convTranspose2dBackward(input, filter, dy, asReference);
    const expected = [
      reference.convTranspose2d(input, filter, asReference, bias),
      dx,
      dw,
      conv2dGradBias(dy),
    ];
    for (const [i, actual] of [y, ...gradients].entries())
      expect(scaledMaxError(actual, expected[i]!)).toBeLessThan(2e-5);
  });
});

test('gradients agree with finite differences', async () => {
  const device = await testDevice();
  const shapes = [[1, 3, 3, 2], [3, 2, 3, 3], [2]];
  const inputs = shapes.map((shape, i) =>
    tensor(device, Float32Array.from(randomNormal(shape, xorshift(i)).data), shape),
  );
  const result = await gradCheck(
    (x, weight, bias) => convTranspose2d(x!, weight!, { stride: 2, padding: 1, bias }),
    inputs,
    { samples: 6 },
  );
  expect(result.ok, result.report).toBe(true);
  for (const input of inputs) input.dispose();
});

// torch.nn.functional.conv_transpose2d of torch.arange(1, 5).view(1, 2, 1, 2) and torch.arange(1, 17).view(2, 2, 2, 2),
// bias [10, 20], stride 2, padding (1, 0), output_padding (1, 1), dilation (2, 1); PyTorch 2.13.
test('PyTorch’s numbers', async () => {
  const device = await testDevice();
  const counting = (shape: number[]) =>
    tensor(
      device,
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i + 1),
      shape,
    );
  const [x, weight] = [counting([1, 2, 1, 2]), counting([2, 2, 2, 2])];
  const y = convTranspose2d(x, weight, {
    ...{ stride: 2, padding: [1, 0], outputPadding: [1, 1], dilation: [2, 1] },
    bias: tensor(device, [10, 20]),
  });
  expect(y.shape).toEqual([1, 2, 2, 5]);
  expect([...(await y.data())]).toEqual([
    ...[10, 10, 10, 10, 10, 46, 50, 60, 66, 10],
    ...[20, 20, 20, 20, 20, 72, 76, 94, 100, 20],
  ]);
  for (const each of [x, weight, y]) each.dispose();
});

test('what does not fit is refused', async () => {
  const device = await testDevice();
  const [x, weight] = [zeros(device, [1, 4, 2, 2]), zeros(device, [4, 2, 3, 3])];
  const refused = (options: ConvTranspose2dAttributes, a = x, b = weight) =>
    expect(() => convTranspose2d(a, b, options));
  refused({ outputPadding: 1 }).toThrow(/outputPadding 1 of the height is not less than its stride 1/);
  refused({ padding: 2 }).toThrow(/0×0/);
  refused({ groups: 3 }).toThrow(/divide into 3 groups/);
  refused({}, weight).toThrow(/has 2 channels.*takes 4/);
  refused({}, zeros(device, [4, 2])).toThrow(/\[N, C, H, W\]/);
  expect(() => convTranspose2d(x, weight, { bias: x })).toThrow(/bias must be \[2\]/);
});
