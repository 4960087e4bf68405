import { beforeAll, expect, test } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import {
  decodePaddleOptimizer,
  decodePaddleParameters,
  encodePaddleOptimizer,
  encodePaddleParameters,
  momentumFromPaddle,
} from '../../src/interop/paddle.ts';
import { writePickle } from '../../src/io/pickle/write-numpy.ts';
import { BatchNorm } from '../../src/nn/batch-norm.ts';
import { Conv2D } from '../../src/nn/conv2d.ts';
import { Linear } from '../../src/nn/linear.ts';
import { Module } from '../../src/nn/module.ts';
import { Momentum } from '../../src/optim/momentum.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { testDevice } from '../support/device.ts';
import { fixture, fixtureValues } from './fixtures.ts';

/** As in the script. */
class Net extends Module {
  readonly conv = new Conv2D(this.device, { inChannels: 2, outChannels: 2, kernel: 1 });
  readonly norm = new BatchNorm(this.device, { channels: 2 });
  readonly out = new Linear(this.device, { inFeatures: 2, outFeatures: 1 });
  protected override stateNames = { conv: '_conv', norm: '_batch_norm' };

  override forward(x: Tensor): Tensor {
    return x;
  }
}

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});

const listed = (tensors: ReadonlyMap<string, { data: ArrayLike<number | bigint> }>) =>
  Object.fromEntries([...tensors].map(([name, { data }]) => [name, Array.from(data, Number)]));

test.each([2, 4])(
  'reads what Paddle wrote in protocol %i, and goes on with its velocities',
  async (protocol) => {
    const { tensors, parameterNames } = decodePaddleParameters(fixture(`paddleParameters${protocol}`));
    expect(listed(tensors)).toEqual(fixtureValues('paddleValues'));
    expect(parameterNames.get('_batch_norm._variance')).toBe('batch_norm_0.w_2');

    const model = new Net(device);
    model.loadStateDict(tensors);
    expect(listed(await model.stateDict())).toEqual(fixtureValues('paddleValues'));

    const decoded = decodePaddleOptimizer(fixture(`paddleOptimizer${protocol}`));
    const velocities = fixtureValues('paddleVelocities');
    expect(decoded.step).toBe(1);
    const optimizer = new Momentum({ parameters: model.parameters(), learningRate: 0.1 });
    const names = model.parameters().map(({ name }): [string, string] => [name, parameterNames.get(name)!]);
    optimizer.loadStateDict(momentumFromPaddle(decoded, new Map(names)));
    const { velocity } = (await optimizer.stateDict()).slots;
    for (const [name, parameter] of names)
      expect(Array.from(velocity!.get(name)!.data)).toEqual(velocities[`${parameter}_velocity_0`]);
  },
);

test('what it wrote it reads: state, names, velocities, count of updates', () => {
  const state = new Map([
    ['out.weight', { shape: [2, 1], data: Float32Array.of(-1.5, 3e-39) }],
    ['none', { shape: [0], data: new Float32Array(0) }],
  ]);
  const parameterNames = new Map([
    ['out.weight', 'linear_0.w_0'],
    ['none', 'linear_0.b_0'],
  ]);
  const read = decodePaddleParameters(encodePaddleParameters(state, { parameterNames }));
  expect(listed(read.tensors)).toEqual(listed(state));
  expect(read.parameterNames).toEqual(parameterNames);
  const optimizer = { name: 'Momentum', step: 70_000, slots: { velocity: state } };
  const decoded = decodePaddleOptimizer(
    encodePaddleOptimizer(optimizer, { parameterNames, learningRate: 0.1 }),
  );
  expect(momentumFromPaddle(decoded, parameterNames)).toEqual(optimizer);
  expect(() => momentumFromPaddle(decoded, new Map([['a', 'linear_1.w_0']]))).toThrow(
    /none of linear_1\.w_0/,
  );
});

test('LR_Scheduler may be missing, as before Paddle 1.8.3', () => {
  const globalStep = { shape: [1], data: Int32Array.of(40) };
  expect(decodePaddleOptimizer(writePickle(new Map([['global_step', globalStep]]))).step).toBe(40);
  expect(decodePaddleOptimizer(writePickle(new Map())).step).toBeUndefined();
});

test.each([
  ['a number instead of an array', new Map([['a', 1]]), 'a is no array'],
  ['a text', 'x', 'holds no dict'],
  [
    'names that are numbers',
    new Map([['StructuredToParameterName@@', new Map([['a', 1]])]]),
    'no dict of texts',
  ],
])('refuses %s', (_, value, message) => {
  expect(() => decodePaddleParameters(writePickle(value as never))).toThrow(message);
});

test('refuses what another optimizer remembers, and NaN', () => {
  const one = (value: number) => ({ shape: [1], data: Float32Array.of(value) });
  const bytes = writePickle(new Map([['linear_0.w_0_moment1_0', one(1)]]));
  expect(() => decodePaddleOptimizer(bytes)).toThrow(/linear_0\.w_0_moment1_0, which is no velocity/);
  const nan = decodePaddleOptimizer(writePickle(new Map([['w_velocity_0', one(Number.NaN)]])));
  expect(() => momentumFromPaddle(nan, new Map([['w', 'w']]))).toThrow(/w holds NaN/);
});
