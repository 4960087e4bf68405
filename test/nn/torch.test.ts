import { beforeAll, expect, test } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.ts';
import { BatchNorm } from '../../src/nn/batch-norm.ts';
import { Conv2D } from '../../src/nn/conv2d.ts';
import { Linear } from '../../src/nn/linear.ts';
import { Module } from '../../src/nn/module.ts';
import { ResNet } from '../../src/nn/resnet.ts';
import { Sequential } from '../../src/nn/sequential.ts';
import type { StateDict } from '../../src/nn/state-dict.ts';
import { fromTorch, toTorch } from '../../src/nn/torch.ts';
import { tensor } from '../../src/tensor/create.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { testDevice } from '../support/device.ts';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

/** The keys of `torchvision.models.resnet{layers}().state_dict()` with the shapes of what is no batch norm's. */
function torchvisionNames(layers: 18 | 50, classes: number): [name: string, shape: number[]][] {
  const conv = (name: string, out: number, into: number, kernel: number) =>
    [`${name}.weight`, [out, into, kernel, kernel]] as [string, number[]];
  const norm = (name: string, channels: number) =>
    ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked'].map(
      (own): [string, number[]] => [`${name}.${own}`, own === 'num_batches_tracked' ? [] : [channels]],
    );
  const counts = layers === 18 ? [2, 2, 2, 2] : [3, 4, 6, 3];
  const expansion = layers === 18 ? 1 : 4;
  const names = [conv('conv1', 64, 3, 7), ...norm('bn1', 64)];
  let into = 64;
  for (const [stage, count] of counts.entries())
    for (let place = 0; place < count; place++) {
      const [block, width] = [`layer${stage + 1}.${place}`, 64 * 2 ** stage];
      const out = width * expansion;
      const convs: [into: number, out: number, kernel: number][] =
        layers === 18
          ? [
              [into, width, 3],
              [width, width, 3],
            ]
          : [
              [into, width, 1],
              [width, width, 3],
              [width, out, 1],
            ];
      for (const [i, [from, to, kernel]] of convs.entries())
        names.push(conv(`${block}.conv${i + 1}`, to, from, kernel), ...norm(`${block}.bn${i + 1}`, to));
      if (place === 0 && into !== out)
        names.push(conv(`${block}.downsample.0`, out, into, 1), ...norm(`${block}.downsample.1`, out));
      into = out;
    }
  return [...names, ['fc.weight', [classes, into]], ['fc.bias', [classes]]];
}

const COUNT = 'num_batches_tracked';

test.each([18, 50] as const)("ResNet-%i has torchvision's names and shapes", (layers) => {
  const expected = torchvisionNames(layers, 3).filter(([name]) => !name.endsWith(COUNT));
  const model = new ResNet(device, { layers, classDim: 3 });
  const named = model.namedState('torch');
  expect(named.map(([name, { tensor }]) => [name, tensor.shape])).toEqual(
    expected.map(([name, shape]) => [name, name === 'fc.weight' ? shape.toReversed() : shape]),
  );
  // Each name belongs to the same tensor in ours and in theirs, in one order.
  const members = model.namedState().map(([, member]) => member);
  expect(named.every(([, member], i) => member === members[i])).toBe(true);
  model.dispose();
});

/** As a PyTorch user would name things. */
class Net extends Module {
  readonly conv1 = new Conv2D(this.device, { inChannels: 3, outChannels: 2, kernel: 1, bias: true });
  readonly bn1 = new BatchNorm(this.device, { channels: 2 });
  readonly head = new Sequential(this.device, [
    new Linear(this.device, { inFeatures: 3, outFeatures: 2 }),
    new Linear(this.device, { inFeatures: 2, outFeatures: 2 }),
  ]);

  override forward(x: Tensor): Tensor {
    return this.head(x);
  }
}

const NAMES = [
  ...['conv1.weight', 'conv1.bias', 'bn1.weight', 'bn1.bias', 'bn1.running_mean', 'bn1.running_var'],
  ...['head.0.weight', 'head.0.bias', 'head.1.weight', 'head.1.bias'],
];

test("a linear layer's weight is [out, in] there, also where it is square", async () => {
  const model = new Net(device);
  const state = await toTorch(model);
  expect([...state.keys()]).toEqual(NAMES);
  state.set('head.0.weight', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 10, 20, 30) });
  state.set('head.0.bias', { shape: [2], data: new Float32Array(2) });
  state.set('head.1.weight', { shape: [2, 2], data: Float32Array.of(1, 0.5, 0, 2) });
  state.set('head.1.bias', { shape: [2], data: Float32Array.of(5, 6) });
  expect(fromTorch(model, state)).toEqual({ missing: [], unexpected: [], mismatched: [] });
  // W₁(W₀x) + b = [[1, 0.5], [0, 2]] · [321, 3210] + [5, 6]
  expect(Array.from(await model(tensor(device, [[1, 10, 100]])).data())).toEqual([1931, 6426]);
  expect(await toTorch(model)).toEqual(state);
});

test('a file of PyTorch’s is loaded as it was decoded, its counts of batches passed over', async () => {
  const [from, to] = [new Net(device), new Net(device)];
  const state = await toTorch(from);
  const bytes = encodeSafetensors([
    ...state,
    [`bn1.${COUNT}`, { shape: [], data: BigInt64Array.of(7n) }] as const,
  ]);
  const { tensors } = decodeSafetensors(bytes);
  expect([tensors.get(`bn1.${COUNT}`)!.dtype, tensors.get('bn1.bias')!.dtype]).toEqual(['I64', 'F32']);
  fromTorch(to, tensors);
  expect(await to.stateDict()).toEqual(await from.stateDict());
  to.loadStateDict(decodeSafetensors(encodeSafetensors(await from.stateDict())).tensors);
  expect(await toTorch(to)).toEqual(state);
});

test('what does not fit is refused, or with strict: false told and left as it is', async () => {
  const model = new Net(device);
  const before = await toTorch(model);
  const state: StateDict = new Map(
    [...before].map(([name, { shape, data }]) => [name, { shape, data: data.map((value) => value + 1) }]),
  );
  state.delete('bn1.bias');
  state.set('head.0.weight', { shape: [4, 3], data: new Float32Array(12) });
  state.set('fc.weight', { shape: [1], data: new Float32Array(1) });
  expect(() => fromTorch(model, state)).toThrow(/none called bn1\.bias/);
  expect(await toTorch(model)).toEqual(before);
  expect(fromTorch(model, state, { strict: false })).toEqual({
    missing: ['bn1.bias'],
    unexpected: ['fc.weight'],
    mismatched: ['head.0.weight'],
  });
  const after = await toTorch(model);
  for (const name of NAMES) {
    const kept = name === 'bn1.bias' || name === 'head.0.weight';
    expect(after.get(name)).toEqual((kept ? before : state).get(name));
  }
  state.set('conv1.bias', { shape: [2], data: new Float32Array(3) });
  expect(() => fromTorch(model, state, { strict: false })).toThrow(/takes 2 values, the state dict has 3/);
  // @ts-expect-error a misspelt option
  expect(() => model.loadStateDict(before, { stric: false })).toThrow(/did you mean strict\?/);
});
