import { describe, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { gradCheck } from '../../src/autograd/grad-check.ts';
import { gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import { dropout, dropPath, toLayout } from '../../src/autograd/ops.ts';
import { writes } from '../../src/kernels/buffers.ts';
import { threadEntry, threadGrid } from '../../src/kernels/grid.ts';
import { defineKernel } from '../../src/kernels/kernel.ts';
import { PHILOX } from '../../src/kernels/philox.ts';
import { Random } from '../../src/random.ts';
import { full, readTensors, tensor } from '../../src/tensor/create.ts';
import { generatorOf, manualSeed } from '../../src/tensor/generator.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { randomNormal, xorshift } from '../reference/array.ts';
import { type Mask, maskOf, philox } from '../reference/dropout.ts';
import { openTestDevice, testDevice } from '../support/device.ts';
import { runKernel } from '../support/run-kernel.ts';

const device = await testDevice();

const normal = (shape: readonly number[]) => Float32Array.from(randomNormal(shape, xorshift(4)).data);

test("the device makes Random's numbers, word for word", async () => {
  const first = 2 ** 31 - 5;
  const blocks = 64;
  const key = [0x9e3779b9, 0xfffffffe] as const;
  const kernel = defineKernel({
    name: 'test.philox',
    buffers: { words: writes('vec4u') },
    uniforms: {},
    uses: [PHILOX],
    body: () => threadEntry(`words[thread] = philox(${first}u + thread, vec2u(${key[0]}u, ${key[1]}u));`),
  });
  const [words] = await runKernel(kernel({}, {}, threadGrid(blocks)), [new Uint32Array(4 * blocks)]);
  const random = Random.from({ seed: key[0], stream: key[1], drawn: 4 * first });
  expect([...words]).toEqual(Array.from({ length: 4 * blocks }, () => random.uint32()));
  expect([...words.subarray(0, 4)]).toEqual(philox(first, key));
});

describe.each<[string, (x: Tensor, random: Random) => Tensor, Omit<Mask, 'seed'>]>([
  ['dropout', (x, random) => dropout(x, { probability: 0.3, random }), { unit: 'element', probability: 0.3 }],
  [
    'dropPath',
    (x, random) => dropPath(x, { probability: 0.4, random }),
    { unit: 'sample', probability: 0.4 },
  ],
])('%s', (_, op, mask) => {
  test.each([[[5, 7]], [[11]], [[9, 5, 3, 2]], [[6, 4, 1, 1]], [[3, 2, 5]]])(
    'of shape %j follows from the generator, both ways',
    async (shape) => {
      const [values, gradient] = [normal(shape), normal(shape).map((value) => value + 3)];
      const x = requiresGrad(tensor(device, values, shape));
      const y = scope(device, () => {
        const y = op(x, new Random(9));
        backward(y, tensor(device, gradient, shape));
        return y;
      });
      const { data: factors } = maskOf(shape, { ...mask, seed: 9 });
      const [found, dx] = await readTensors([y, gradOf(x)!]);
      expect(found).toEqual(values.map((value, i) => value * factors[i]!));
      expect(dx).toEqual(gradient.map((value, i) => value * factors[i]!));
    },
  );

  test('does not depend on the layout', async () => {
    const x = full(device, [7, 5, 3, 2], 1);
    const layouts = ['channels-last', 'row-major', 'filter'] as const;
    const results = layouts.map((layout) => op(toLayout(x, layout), new Random(3)));
    const [first, ...rest] = await readTensors(results);
    for (const other of rest) expect(other).toEqual(first);
  });

  test.each([[[40, 5, 4, 4]], [[300, 7]]])(
    'of shape %j does not depend on the parts that it is run in',
    async (shape) => {
      const split = await openTestDevice({ bindingLimit: 4096 });
      const [whole, parts] = [device, split].map((device) =>
        op(tensor(device, normal(shape), shape), new Random(8)),
      );
      expect(await parts!.data()).toEqual(await whole!.data());
      split.destroy();
    },
  );

  test('its gradients are those of finite differences, however the graph is', async () => {
    const x = tensor(device, normal([6, 4]), [6, 4]);
    expect(await gradCheck((x) => op(x, new Random(2)), [x])).toMatchObject({ ok: true });
  });

  test('hands NaN on where it drops', async () => {
    const y = await op(full(device, [16, 2], Number.NaN), new Random(2)).data();
    expect(y.every(Number.isNaN)).toBe(true);
  });
});

test('the share of zeros is the probability, and the mean stays', async () => {
  const count = 100_000;
  for (const probability of [0.1, 0.5, 0.9]) {
    const y = await dropout(full(device, [count], 1), { probability, random: new Random(6) }).data();
    const deviation = Math.sqrt((probability * (1 - probability)) / count);
    const share = y.filter((value) => value === 0).length / count;
    expect(Math.abs(share - probability)).toBeLessThan(3 * deviation);
    const pairs = y.filter((value, i) => value === 0 && y[(i + 1) % count] === 0).length / count;
    expect(Math.abs(pairs - probability ** 2)).toBeLessThan(4 * deviation);
    const mean = y.reduce((sum, value) => sum + value, 0) / count;
    expect(Math.abs(mean - 1)).toBeLessThan((3 * deviation) / (1 - probability));
  }
});

test('probability 0 keeps all, 1 nothing, and half is dropped where nothing is said', async () => {
  const x = full(device, [1000], 2);
  const of = (probability: number) => dropout(x, { probability }).data();
  expect((await of(0)).every((value) => value === 2)).toBe(true);
  expect((await of(1)).every((value) => value === 0)).toBe(true);
  expect(new Set(await dropout(x).data())).toEqual(new Set([0, 4]));
});

describe('the generator of the device', () => {
  const masks = async (count: number) => {
    const x = full(device, [64], 1);
    return readTensors(Array.from({ length: count }, () => dropout(x)));
  };

  test('gives each call a mask, and the same masks again for the same seed or state', async () => {
    manualSeed(device, 5);
    const [first, second] = await masks(2);
    expect(first).not.toEqual(second);
    manualSeed(device, 5);
    expect((await masks(1))[0]).toEqual(first);
    expect((await masks(1))[0]).toEqual(second);
  });

  test('does not move in a dry run, neither does one that is given', async () => {
    const x = full(device, [64], 1);
    const given = new Random(1);
    const before = [generatorOf(device).state, given.state];
    await device.prepare(() => {
      scope(device, () => {
        const generator = generatorOf(device);
        dropout(x);
        dropout(x, { random: given });
        // Within the dry run it goes on, so that what is drawn there differs.
        expect(generator.state.drawn).toBe(before[0]!.drawn + 2);
      });
    });
    expect([generatorOf(device).state, given.state]).toEqual(before);
    dropout(x);
    expect(generatorOf(device).state.drawn).toBe(before[0]!.drawn + 2);
  });
});
