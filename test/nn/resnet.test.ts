import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ResNet, type ResNetLayers } from '../../src/nn/resnet.ts';
import { zeros } from '../../src/tensor/create.ts';
import { testDevice } from '../support/device.ts';

/** How many blocks each stage of a ResNet-50 has. */
const BLOCKS = [3, 4, 6, 3];

/** The names of a ConvBNLayer's state. */
const layerNames = (prefix: string) => [
  `${prefix}._conv.weight`,
  ...['weight', 'bias', '_mean', '_variance'].map((part) => `${prefix}._batch_norm.${part}`),
];

const expectedNames = [
  ...layerNames('conv'),
  ...BLOCKS.flatMap((count, stage) =>
    Array.from({ length: count }, (_, place) =>
      ['conv0', 'conv1', 'conv2', ...(place === 0 ? ['short'] : [])].flatMap((layer) =>
        layerNames(`bb_${stage}_${place}.${layer}`),
      ),
    ).flat(),
  ),
  'out.weight',
  'out.bias',
];

describe('ResNet-50', () => {
  let model: ResNet;

  beforeAll(async () => {
    model = new ResNet(await testDevice(), { layers: 50 });
  });

  afterAll(() => model.dispose());

  test("has the original's state", async () => {
    const parameters = model.parameters();
    expect(parameters).toHaveLength(161);
    expect(parameters.reduce((total, { size }) => total + size, 0)).toBe(23_510_081);
    const state = await model.stateDict();
    expect(state.size).toBe(267);
    expect([...state.keys()]).toEqual(expectedNames);
    expect([...state.values()].reduce((total, { data }) => total + data.length, 0)).toBe(23_563_201);
    expect(state.get('conv._conv.weight')!.shape).toEqual([64, 3, 7, 7]);
    expect(state.get('bb_1_0.conv1._conv.weight')!.shape).toEqual([128, 128, 3, 3]);
    expect(state.get('bb_3_0.short._conv.weight')!.shape).toEqual([2048, 1024, 1, 1]);
    expect(state.get('out.weight')!.shape).toEqual([2048, 1]);
  });

  test('begins with the values of its seed', async () => {
    const [stem, out] = [model.conv.conv.weight, model.out.weight];
    const values = (await stem.tensor.data()) as Float32Array;
    const deviation = Math.sqrt(values.reduce((total, value) => total + value * value, 0) / values.length);
    expect(deviation).toBeCloseTo(0.1166, 2);
    const largest = ((await out.tensor.data()) as Float32Array).reduce(
      (most, value) => Math.max(most, Math.abs(value)),
      0,
    );
    expect(largest).toBeLessThanOrEqual(1 / Math.sqrt(2048));
    expect(largest).toBeGreaterThan(0.9 / Math.sqrt(2048));
    const device = await testDevice();
    const [same, other] = [undefined, 2].map(
      (seed) => new ResNet(device, { layers: 50, ...(seed && { seed }) }),
    ) as [ResNet, ResNet];
    expect(await same.out.weight.tensor.data()).toEqual(await out.tensor.data());
    expect(await other.out.weight.tensor.data()).not.toEqual(await out.tensor.data());
    same.dispose();
    other.dispose();
  });
});

// Of torchvision's networks with one class, see their docs: 11 689 512 and 21 797 672 parameters with 1000.
test.each([
  [18, 8, 11_177_025],
  [34, 16, 21_285_185],
] as const)('ResNet-%i has %i basic blocks and %i parameters', async (layers, blocks, parameters) => {
  const device = await testDevice();
  const model = new ResNet(device, { layers });
  expect(model.blocks).toHaveLength(blocks);
  expect(model.parameters().reduce((total, { size }) => total + size, 0)).toBe(parameters);
  expect(model.out.weight.shape).toEqual([512, 1]);
  const shortcuts = model.blocks.flatMap(({ short }, i) => (short ? [i] : []));
  expect(shortcuts).toHaveLength(3);
  expect(model(zeros(device, [2, 3, 40, 33])).shape).toEqual([2, 1]);
  model.dispose();
});

test('refuses a number of layers that there is no ResNet of', async () => {
  const device = await testDevice();
  expect(() => new ResNet(device, { layers: 20 as ResNetLayers })).toThrow(
    /layers of ResNet is 20: it must be 18, 34, 50, 101 or 152/,
  );
});
