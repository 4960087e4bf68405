import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { add } from '../../src/autograd/ops/elementwise.ts';
import { Conv2D } from '../../src/nn/conv2d.ts';
import { Flatten, ReLU } from '../../src/nn/layers.ts';
import { Linear } from '../../src/nn/linear.ts';
import { Module } from '../../src/nn/module.ts';
import { ResNet } from '../../src/nn/resnet.ts';
import { Sequential } from '../../src/nn/sequential.ts';
import { summary } from '../../src/nn/summary.ts';
import { readTensors } from '../../src/tensor/create.ts';
import { tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { testDevice } from '../support/device.ts';

test('the figures of ResNet-18 are those that are known of it', async () => {
  const device = await testDevice();
  const model = new ResNet(device, { layers: 18, classDim: 1000 });
  const before = { ...tensorStatistics(device), dispatches: device.statistics.dispatches };
  const statistics = () => readTensors(model.namedBuffers().map(([, buffer]) => buffer));
  const values = await statistics();
  model.eval();
  const { parameters, multiplyAdds, parameterBytes, layers } = summary(model, [1, 3, 224, 224]);
  // As torchvision and its papers give them: 11 689 512 parameters, 1.81 G multiply-adds.
  expect(parameters).toBe(11_689_512);
  expect(multiplyAdds / 1e9).toBeCloseTo(1.81, 2);
  expect(parameterBytes).toBeGreaterThanOrEqual(4 * parameters);
  expect(layers.find(({ name }) => name === 'bb_3_1.conv1._conv')).toEqual({
    name: 'bb_3_1.conv1._conv',
    type: 'Conv2D',
    outputs: [[1, 512, 7, 7]],
    parameters: 512 * 512 * 9,
    multiplyAdds: 512 * 512 * 9 * 49,
    bytes: 512 * 49 * 4,
  });
  expect({ ...tensorStatistics(device), dispatches: device.statistics.dispatches }).toEqual(before);
  expect(model.training || model.namedModules().some(([, module]) => module.training)).toBe(false);
  expect(await statistics()).toEqual(values);
  model.dispose();
});

/** Calls one layer twice, and takes two tensors. */
class Twice extends Module<[a: Tensor, b: Tensor], { sum: Tensor }> {
  readonly layer = new Linear(this.device, { inFeatures: 4, outFeatures: 4 });
  readonly unused = new ReLU(this.device);

  override forward(a: Tensor, b: Tensor) {
    return { sum: add(this.layer(a), this.layer(b)) };
  }
}

test('a layer that is called twice counts twice, its parameters once; several tensors go in and come out', async () => {
  const device = await testDevice();
  const model = new Twice(device);
  const { layers, parameters } = summary(model, [
    [2, 4],
    [2, 4],
  ]);
  expect(layers.map(({ name, outputs, multiplyAdds }) => [name, outputs, multiplyAdds])).toEqual([
    ['', [[2, 4]], 0],
    ['layer', [[2, 4]], 2 * 2 * 4 * 4],
    ['unused', [], 0],
  ]);
  expect(parameters).toBe(20);
  model.dispose();
});

test('printed, it is a table', async () => {
  const device = await testDevice();
  const model = new Sequential(device, [
    new Conv2D(device, { inChannels: 3, outChannels: 8, kernel: 3, padding: 1, bias: false }),
    new ReLU(device),
    new Flatten(device),
    new Linear(device, { inFeatures: 128, outFeatures: 10 }),
  ]);
  const text = String(summary(model, [2, 3, 4, 4]));
  expect(inspect(summary(model, [2, 3, 4, 4]))).toBe(text);
  expect(text.split('\n').map((line) => line.trimEnd())).toEqual([
    'layer    type        output        parameters  multiply-adds                bytes',
    '---------------------------------------------------------------------------------',
    '(model)  Sequential  [2, 10]                0              0                   80',
    '0        Conv2D      [2, 8, 4, 4]         216          6,912                1,024',
    '1        ReLU        [2, 8, 4, 4]           0              0                1,024',
    '2        Flatten     [2, 128]               0              0                1,024',
    '3        Linear      [2, 10]            1,290          2,560                   80',
    '---------------------------------------------------------------------------------',
    'in all                                  1,506          9,472  6,312 of parameters',
  ]);
  expect(() => summary(model, [2, 5, 4, 4])).toThrow(/5/);
  expect(() => summary(model, 'x' as never)).toThrow(/shape/);
  model.dispose();
});
