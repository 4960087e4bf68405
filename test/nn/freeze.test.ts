import { beforeEach, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { clearGrad, noGrad } from '../../src/autograd/graph.ts';
import { mean, multiply } from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import { ConvBNLayer } from '../../src/nn/conv-bn-layer.ts';
import { freeze, unfreeze } from '../../src/nn/freeze.ts';
import { Flatten } from '../../src/nn/layers.ts';
import { Linear } from '../../src/nn/linear.ts';
import { Module } from '../../src/nn/module.ts';
import { Momentum } from '../../src/optim/momentum.ts';
import { Random } from '../../src/random.ts';
import { tensor } from '../../src/tensor/create.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { testDevice } from '../support/device.ts';

/** A convolution with batch norm twice, then a linear layer. */
class Net extends Module {
  readonly first: ConvBNLayer;
  readonly second: ConvBNLayer;
  readonly out: Linear;
  readonly flatten = new Flatten(this.device);

  constructor(device: Device) {
    super(device);
    const conv = { outChannels: 4, kernel: 3, act: 'relu' } as const;
    this.first = new ConvBNLayer(device, { inChannels: 3, ...conv });
    this.second = new ConvBNLayer(device, { inChannels: 4, ...conv });
    this.out = new Linear(device, { inFeatures: 4 * 5 * 5, outFeatures: 1 });
  }

  override forward(x: Tensor): Tensor {
    return this.head(this.second(this.first(x)));
  }

  head(features: Tensor): Tensor {
    return this.out(this.flatten(features));
  }
}

let device: Device;
let model: Net;
let x: Tensor;
beforeEach(async () => {
  device = await testDevice();
  model = new Net(device);
  const random = new Random(3);
  x = tensor(
    device,
    Float32Array.from({ length: 2 * 75 }, () => random.normal()),
    [2, 3, 5, 5],
  );
});

const frozen = () =>
  model.namedParameters().flatMap(([name, { requiresGrad }]) => (requiresGrad ? [] : [name]));
const namesOf = (start: string) =>
  model.namedParameters().flatMap(([name]) => (name.startsWith(start) ? [name] : []));
const lossOf = (y: Tensor) => mean(multiply(y, y));

/** The dispatches of one backward pass, whose gradients are the only ones afterwards. */
function backwardDispatches(forward: () => Tensor): number {
  for (const parameter of model.parameters()) clearGrad(parameter.tensor);
  return scope(device, () => {
    const loss = lossOf(forward());
    const before = device.statistics.dispatches;
    backward(loss);
    return device.statistics.dispatches - before;
  });
}

test('freezes by the beginning of names up to a dot, or by an expression', () => {
  freeze(model, 'first');
  expect(frozen()).toEqual(namesOf('first.'));
  unfreeze(model, 'first._conv.weight');
  expect(frozen()).toEqual(namesOf('first._batch'));
  freeze(model, /bias$/g);
  expect(frozen()).toEqual([...namesOf('first._batch'), 'second._batch_norm.bias', 'out.bias']);
  freeze(model);
  expect(frozen()).toEqual(namesOf(''));
  unfreeze(model);
  expect(frozen()).toEqual([]);
  for (const pattern of ['firs', 'first.', '', /nothing/])
    expect(() => freeze(model, pattern)).toThrow(
      /none of the 8 parameters of Net has a name that matches .*; the first is called first\._conv\.weight/,
    );
});

test('with the backbone frozen, backward is that of the head alone', () => {
  const all = backwardDispatches(() => model(x));
  freeze(model);
  unfreeze(model, 'out');
  const features = noGrad(device, () => model.second(model.first(x)));
  const head = backwardDispatches(() => model.head(features));
  expect(backwardDispatches(() => model(x))).toBe(head);
  expect(head).toBeLessThan(all / 2);
  expect(model.first.conv.weight.grad).toBeUndefined();
});

test('a frozen layer between others hands its gradient on and computes none of its own', async () => {
  freeze(model, 'second._batch_norm'); // normalizes by other statistics: the same in both passes
  const gradient = () => {
    backwardDispatches(() => model(x));
    return model.first.conv.weight.grad!.data();
  };
  const all = backwardDispatches(() => model(x));
  const expected = await gradient();
  freeze(model, 'second');
  expect(backwardDispatches(() => model(x))).toBeLessThan(all);
  expect(model.second.conv.weight.grad).toBeUndefined();
  expect(await model.first.conv.weight.grad!.data()).toEqual(expected);
});

test('a batch norm with frozen parameters is as in evaluation, whatever train() says', async () => {
  freeze(model, /^first\._batch_norm/);
  const before = await model.stateDict();
  const trained = await model.train().first(x).data();
  const after = await model.stateDict();
  for (const name of ['first._batch_norm._mean', 'first._batch_norm._variance'])
    expect(after.get(name)).toEqual(before.get(name));
  const evaluated = await model.first.eval()(x).data();
  expect(trained).toEqual(evaluated);
  unfreeze(model);
  expect(await model.train().first(x).data()).not.toEqual(evaluated);
  expect((await model.stateDict()).get('first._batch_norm._mean')).not.toEqual(
    before.get('first._batch_norm._mean'),
  );
});

test('where no gradient is wanted a frozen layer is one pass, as within noGrad', () => {
  const dispatches = (work: () => Tensor) => {
    const before = device.statistics.dispatches;
    work().dispose();
    return device.statistics.dispatches - before;
  };
  const recorded = dispatches(() => model.first.eval()(x));
  freeze(model);
  const one = dispatches(() => noGrad(device, () => model.first.eval()(x)));
  expect(dispatches(() => model.first.train()(x))).toBe(one);
  expect(one).toBeLessThan(recorded);
});

test('an optimizer passes frozen parameters over, with their decay and velocity, and takes them up again', async () => {
  const parameters = model.parameters();
  const optimizer = new Momentum({ parameters, learningRate: 0.1, weightDecay: 0.1 });
  const step = () => {
    backwardDispatches(() => model(x));
    optimizer.step();
    optimizer.clearGradients();
    return model.stateDict();
  };
  await step();
  freeze(model, 'second');
  const [before, velocities] = [await model.stateDict(), (await optimizer.stateDict()).slots.velocity!];
  const held = await step();
  const changed = [...held.keys()].filter(
    (name) => `${held.get(name)!.data}` !== `${before.get(name)!.data}`,
  );
  expect(changed).toEqual([...held.keys()].filter((name) => !name.startsWith('second')));
  const name = 'second._conv.weight';
  expect((await optimizer.stateDict()).slots.velocity!.get(name)).toEqual(velocities.get(name));
  unfreeze(model, 'second');
  expect((await step()).get(name)).not.toEqual(held.get(name));
});

test('what is frozen after forward gets no gradient either, and all frozen is no graph', () => {
  const { bias } = model.out;
  scope(device, () => {
    const loss = lossOf(model(x));
    bias.requiresGrad = false;
    backward(loss);
    expect(bias.grad).toBeUndefined();
    expect(model.out.weight.grad).toBeDefined();
    freeze(model);
    expect(() => backward(lossOf(model(x)))).toThrow(/depends on no tensor that requires a gradient/);
  });
});
