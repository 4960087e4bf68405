import { expect, test } from 'vitest';
import { groupNorm, layerNorm, permute, reshape } from '../../src/autograd/ops.ts';
import { Dropout, DropPath } from '../../src/nn/dropout.ts';
import { GroupNorm, LayerNorm } from '../../src/nn/norm.ts';
import { Sequential } from '../../src/nn/sequential.ts';
import { Random } from '../../src/random.ts';
import { full, tensor } from '../../src/tensor/create.ts';
import { testDevice } from '../support/device.ts';

const device = await testDevice();
const values = Float32Array.from({ length: 48 }, (_, i) => Math.sin(i * i));
const image = tensor(device, values, [2, 4, 3, 2]);
const names = (module: GroupNorm | LayerNorm) => module.namedParameters().map(([name]) => name);

test('LayerNorm normalizes channels of images and the last axes of other tensors', async () => {
  const norm = new LayerNorm(device, { normalizedShape: 4 });
  expect(names(norm)).toEqual(['weight', 'bias']);
  expect(await norm(image).data()).toEqual(await layerNorm(image, { axes: [1] }).data());
  const rows = reshape(image, [12, 4]);
  expect(await norm(rows).data()).toEqual(await layerNorm(rows, { axes: [1] }).data());
  const whole = new LayerNorm(device, { normalizedShape: [4, 3, 2], epsilon: 1e-2 });
  const expected = layerNorm(image, { axes: [1, 2, 3], epsilon: 1e-2 });
  expect(await whole(image).data()).toEqual(await expected.data());
});

test('LayerNorm takes its parameters', async () => {
  const norm = new LayerNorm(device, { normalizedShape: 4 });
  const entry = (...data: number[]) => ({ shape: [4], data: Float32Array.from(data) });
  norm.loadStateDict(
    new Map([
      ['weight', entry(1, 2, 3, 4)],
      ['bias', entry(4, 3, 2, 1)],
    ]),
  );
  const y = layerNorm(image, { weight: tensor(device, [1, 2, 3, 4]), bias: tensor(device, [4, 3, 2, 1]) });
  expect(await norm(image).data()).toEqual(await y.data());
});

test('parameters may be left out', () => {
  expect(names(new LayerNorm(device, { normalizedShape: [4], bias: false }))).toEqual(['weight']);
  expect(names(new LayerNorm(device, { normalizedShape: [4], affine: false }))).toEqual([]);
  expect(names(new GroupNorm(device, { channels: 4, groups: 2, affine: false }))).toEqual([]);
});

test('GroupNorm normalizes groups of channels', async () => {
  const norm = new GroupNorm(device, { channels: 4, groups: 2, epsilon: 1e-3 });
  expect(names(norm)).toEqual(['weight', 'bias']);
  expect(await norm(image).data()).toEqual(await groupNorm(image, 2, { epsilon: 1e-3 }).data());
  expect(() => new GroupNorm(device, { channels: 4, groups: 3 })).toThrow(
    /4 channels cannot be divided into 3/,
  );
});

test('dropout and drop path drop in train mode only', async () => {
  const x = full(device, [40, 8], 1);
  const random = new Random(4);
  const model = new Sequential(device, [
    new Dropout(device, { random }),
    new DropPath(device, { probability: 0.25, random }),
  ]);
  const dropped = await model(x).data();
  const scale = 2 / 0.75;
  expect(new Set(dropped)).toEqual(new Set([0, Math.fround(scale)]));
  model.eval();
  expect(await model(x).data()).toEqual(await x.data());
  model.train();
  expect(await model(x).data()).not.toEqual(dropped);
});

test('of probability 0 they are identities and draw nothing', () => {
  const random = new Random(4);
  const x = full(device, [4], 1);
  for (const layer of [
    new Dropout(device, { probability: 0, random }),
    new DropPath(device, { probability: 0, random }),
  ])
    expect(layer(x)).toBe(x);
  expect(random.state.drawn).toBe(0);
});

test('LayerNorm of an array of one extent normalizes the last axis of images too', async () => {
  const pixels = permute(image, [0, 2, 3, 1]);
  const last = new LayerNorm(device, { normalizedShape: [4] });
  const channels = new LayerNorm(device, { normalizedShape: 4 });
  expect(await permute(last(pixels), [0, 3, 1, 2]).data()).toEqual(await channels(image).data());
});
