import { describe, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { gradCheck } from '../../src/autograd/grad-check.ts';
import { clearGrad, gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import { type GroupNormAttributes, groupNorm, layerNorm } from '../../src/autograd/ops/norm.ts';
import { multiply, sum } from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import type { Layout } from '../../src/shape/layout.ts';
import { readTensors, tensor } from '../../src/tensor/create.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { fromArray, map, type NdArray, randomNormal, scaledMaxError, xorshift } from '../reference/array.ts';
import * as reference from '../reference/norm.ts';
import { openTestDevice, testDevice } from '../support/device.ts';

const device = await testDevice();
const EPSILON = 1e-5;
const TOLERANCE = 1e-5;

const upload = ({ shape, data }: NdArray, layout?: Layout) =>
  requiresGrad(tensor(device, Float32Array.from(data), shape, layout && { layout }));

/** A norm of x by fovea and by the reference. */
interface Case {
  readonly x: readonly number[];
  readonly layout?: Layout;
  readonly parameters: readonly number[];
  readonly op: (x: Tensor, options: GroupNormAttributes) => Tensor;
  readonly expected: (
    x: NdArray,
    rest: Pick<reference.Norm, 'weight' | 'bias' | 'epsilon'>,
  ) => reference.Norm;
}

const layer = (x: readonly number[], axes: readonly number[], layout?: Layout): Case => ({
  x,
  ...(layout && { layout }),
  parameters: axes.map((axis) => x[axis]!),
  op: (x, options) => layerNorm(x, { axes, ...options }),
  expected: (x, rest) => reference.layerNorm(x, axes, rest),
});
const group = (x: readonly number[], groups: number): Case => ({
  x,
  parameters: [x[1]!],
  op: (x, options) => groupNorm(x, groups, options),
  expected: (x, rest) => reference.groupNorm(x, groups, rest),
});

const CASES: Record<string, Case> = {
  'channels of an image': layer([2, 96, 5, 3], [1]),
  'channels, no multiple of 4': layer([3, 7, 3, 5], [1]),
  'channels, one pixel, batch 1': layer([1, 6, 1, 1], [1]),
  'many channels': layer([2, 770, 2, 1], [1]),
  'channels of a row-major image': layer([2, 5, 3, 3], [1], 'row-major'),
  rows: layer([70, 24], [1]),
  'rows, no multiple of 4': layer([9, 13], [1]),
  'rows of three axes': layer([2, 5, 12], [2]),
  'the last two axes': layer([3, 5, 3], [1, 2]),
  'whole images': layer([2, 5, 3, 4], [1, 2, 3]),
  'maps of an image': layer([2, 3, 5, 4], [2, 3]),
  'groups of whole vec4s': group([2, 24, 3, 5], 3),
  'groups that share vec4s': group([3, 9, 5, 3], 3),
  'groups over a vec4': group([2, 15, 3, 3], 3),
  'one group': group([3, 6, 5, 4], 1),
  'a group for each channel': group([2, 7, 4, 5], 7),
  'groups of one pixel, batch 1': group([1, 10, 1, 1], 2),
  'groups of rows': group([5, 12], 3),
  'many pixels': group([1, 8, 40, 31], 2),
};

async function compare(
  { x: shape, layout, parameters, op, expected }: Case,
  given: (w: NdArray, b: NdArray) => object,
) {
  const next = xorshift(shape.length + parameters.length);
  const x = randomNormal(shape, next);
  const dy = randomNormal(shape, next);
  const arrays = given(randomNormal(parameters, next), randomNormal(parameters, next)) as {
    weight?: NdArray;
    bias?: NdArray;
  };
  const inputs = {
    x: upload(x, layout),
    ...(arrays.weight && { weight: upload(arrays.weight) }),
    ...(arrays.bias && { bias: upload(arrays.bias) }),
  };
  const { x: input, ...options } = inputs;
  const { y, total } = scope(device, () => {
    const y = op(input, options);
    const total = sum(y);
    backward(sum(multiply(y, tensor(device, Float32Array.from(dy.data), shape))));
    return { y, total };
  });
  const norm = expected(x, { ...arrays, epsilon: EPSILON });
  const gradients = reference.normBackward(norm, dy, parameters);
  const wanted = [
    reference.norm(norm),
    gradients.dx,
    ...(arrays.weight ? [gradients.dweight] : []),
    ...(arrays.bias ? [gradients.dbias] : []),
  ];
  const found = await readTensors([y, ...Object.values(inputs).map((leaf) => gradOf(leaf)!)]);
  for (const [i, array] of wanted.entries())
    expect(scaledMaxError(fromArray(array.shape, found[i]!), array), `result ${i}`).toBeLessThan(TOLERANCE);
  // Sums run over padding too.
  const totals = await readTensors([total, sum(gradOf(input)!)]);
  for (const [i, found] of totals.entries()) {
    const exact = wanted[i]!.data.reduce((a, b) => a + b, 0);
    expect(Math.abs(found[0]! - exact), `sum ${i}`).toBeLessThan(1e-4 * x.data.length ** 0.5);
  }
}

test.each(Object.entries(CASES))('%s: agrees with float64 both ways', async (_, given) => {
  await compare(given, (weight, bias) => ({ weight, bias }));
});

test.each([
  ['neither weight nor bias', () => ({})],
  ['a weight alone', (weight: NdArray, _: NdArray) => ({ weight })],
  ['a bias alone', (_: NdArray, bias: NdArray) => ({ bias })],
])('agrees with %s', async (_, given) => {
  await compare(CASES['channels, no multiple of 4']!, given);
});

test('gradients are those of finite differences, however the graph is', async () => {
  const x = tensor(device, Float32Array.from(randomNormal([2, 6, 2, 2], xorshift(3)).data), [2, 6, 2, 2]);
  const weight = tensor(device, [1, -2, 0.5, 3, 1, 0.1]);
  const bias = tensor(device, [0, 1, 2, 3, 4, 5]);
  const norms = (x: Tensor, weight: Tensor, bias: Tensor) =>
    multiply(layerNorm(x, { weight, bias }), groupNorm(x, 2, { weight, bias }));
  expect(await gradCheck(norms, [x, weight, bias])).toMatchObject({ ok: true });
});

test('only the gradients that are wanted are computed', async () => {
  const x = tensor(device, Float32Array.from(randomNormal([4, 8], xorshift(3)).data), [4, 8]);
  const weight = requiresGrad(tensor(device, new Float32Array(8).fill(1)));
  const bias = tensor(device, new Float32Array(8));
  const plans = [...device.dryRun(() => scope(device, () => backward(sum(layerNorm(x, { weight, bias })))))];
  const names = plans.map(({ name }) => name).filter((name) => name.startsWith('norm.'));
  expect(names).toEqual(['norm.forward', 'norm.backward.partials', 'norm.backward.sums']);
  scope(device, () => backward(sum(layerNorm(x, { weight, bias }))));
  expect((await gradOf(weight)!.data()).length).toBe(8);
});

describe('a mean much larger than the deviation', () => {
  const next = xorshift(9);
  const x = map(randomNormal([2, 24, 3, 3], next), (value) => Math.fround(20000 + value));
  const dy = randomNormal(x.shape, next);

  test.each([
    ['layerNorm', layer(x.shape, [1])],
    ['groupNorm', group(x.shape, 3)],
  ])('costs %s no digits', async (_, { op, expected, parameters }) => {
    const input = upload(x);
    const y = scope(device, () => {
      const y = op(input, {});
      backward(sum(multiply(y, tensor(device, Float32Array.from(dy.data), x.shape))));
      return y;
    });
    const norm = expected(x, { epsilon: EPSILON });
    const [found, dx] = await readTensors([y, gradOf(input)!]);
    expect(scaledMaxError(fromArray(x.shape, found!), reference.norm(norm))).toBeLessThan(TOLERANCE);
    const gradient = reference.normBackward(norm, dy, parameters).dx;
    expect(scaledMaxError(fromArray(x.shape, dx!), gradient)).toBeLessThan(TOLERANCE);
  });
});

test.each([
  [
    'layerNorm',
    (x: Tensor) => layerNorm(x),
    ([n, , h, w]: readonly number[]) => n === 1 && h === 0 && w === 0,
  ],
  ['groupNorm', (x: Tensor) => groupNorm(x, 2), ([n, c]: readonly number[]) => n === 1 && c! < 3],
])('%s: NaN makes its whole group NaN, forward and backward, and no other', async (_, op, isLost) => {
  const shape = [2, 6, 2, 2];
  const values = Float32Array.from(randomNormal(shape, xorshift(5)).data);
  values[1 * 6 * 4] = Number.NaN; // of channel 0 at the first pixel of image 1
  const x = requiresGrad(tensor(device, values, shape));
  const y = scope(device, () => {
    const y = op(x);
    backward(sum(multiply(y, y)));
    return y;
  });
  for (const found of await readTensors([y, gradOf(x)!]))
    found.forEach((value, i) => {
      const place = [Math.floor(i / 24), Math.floor(i / 4) % 6, Math.floor(i / 2) % 2, i % 2];
      expect(Number.isNaN(value), `[${place}]`).toBe(isLost(place));
    });
});

test('equal elements are normalized to zero', async () => {
  const y = layerNorm(tensor(device, [7, 7, 7, 7, 7]));
  expect([...(await y.data())]).toEqual([0, 0, 0, 0, 0]);
});

test('in parts, where an adapter can bind no more, results are those of the whole', async () => {
  const shape = [7, 12, 9, 8];
  const next = xorshift(4);
  const [x, w, b] = [shape, [12], [12]].map((shape) => randomNormal(shape, next));
  const dy = randomNormal(shape, next);
  const run = async (device: Device) => {
    const leaves = [x!, w!, b!].map(({ shape, data }) =>
      requiresGrad(tensor(device, Float32Array.from(data), shape)),
    );
    const [input, weight, bias] = leaves;
    const norms = (op: (x: Tensor, options: GroupNormAttributes) => Tensor) =>
      scope(device, () => {
        const y = op(input!, { weight, bias });
        backward(y, tensor(device, Float32Array.from(dy.data), shape));
        return y;
      });
    const results = [norms(layerNorm), norms((x, options) => groupNorm(x, 2, options))];
    return (await readTensors([...results, ...leaves.map((leaf) => gradOf(leaf)!)])).map((values) =>
      fromArray([values.length], values),
    );
  };
  const split = await openTestDevice({ bindingLimit: 16128 });
  const [expected, found] = [await run(device), await run(split)];
  for (const [i, array] of expected.entries())
    expect(scaledMaxError(found[i]!, array), `result ${i}`).toBeLessThan(TOLERANCE);
  split.destroy();
});

test('padding is written zero, in memory that held something else', async () => {
  const checked = await openTestDevice({ checked: true }); // whose fresh memory is NaN
  const x = requiresGrad(
    tensor(checked, Float32Array.from(randomNormal([2, 6, 3, 3], xorshift(7)).data), [2, 6, 3, 3]),
  );
  for (const op of [layerNorm, (x: Tensor) => groupNorm(x, 2)]) {
    clearGrad(x);
    const totals = scope(checked, () => {
      const y = op(x);
      backward(y, tensor(checked, new Float32Array(x.size).fill(1), x.shape));
      // Sums run over padding too.
      return [sum(y), sum(gradOf(x)!)];
    });
    for (const total of await readTensors(totals)) expect(Math.abs(total[0]!)).toBeLessThan(1e-3);
  }
  checked.destroy();
});
