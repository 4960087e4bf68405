import { expect, test } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import { decodeSafetensors, encodeSafetensors, type SafetensorsTensor } from '../../src/io/safetensors.ts';
import { Adam } from '../../src/optim/adam.ts';
import { Momentum } from '../../src/optim/momentum.ts';
import type { Optimizer } from '../../src/optim/optimizer.ts';
import { type ModelConfig, restoreCheckpoint, takeCheckpoint } from '../../src/train/checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint-format.ts';
import { fit } from '../../src/train/fit.ts';
import { BEGINNING } from '../../src/train/progress.ts';
import { testDevice } from '../support/device.ts';
import { noise, TinyNet, tinyTraining } from './tiny.ts';

const CONFIG: ModelConfig = { layers: 50, classDim: 1, size: 16, channelOrder: 'bgr' };
const SOURCE = noise([4, 4], 1);

function adamTraining(device: Device): { model: TinyNet; optimizer: Optimizer } {
  const model = new TinyNet(device);
  return { model, optimizer: new Adam({ parameters: model.parameters(), learningRate: 0.01 }) };
}

async function train(maxSteps: number, resumed?: Uint8Array): Promise<Uint8Array> {
  const { model, optimizer } = adamTraining(await testDevice());
  const checkpoint = resumed && decodeCheckpoint(resumed);
  if (checkpoint) restoreCheckpoint(checkpoint, model, optimizer);
  const options = { model, optimizer, training: SOURCE, validation: SOURCE, epochs: 2, maxSteps };
  const { progress } = await fit({ ...options, start: checkpoint?.progress });
  return encodeCheckpoint(await takeCheckpoint(model, optimizer, { config: CONFIG, progress }));
}

test('a training with Adam resumes to the same bytes', async () => {
  expect(await train(4, await train(1))).toEqual(await train(4));
});

test("a checkpoint keeps how often parameters were updated that were frozen, and another optimizer's is refused", async () => {
  const device = await testDevice();
  const { model, optimizer } = adamTraining(device);
  model.conv.conv.weight.requiresGrad = false;
  await fit({ model, optimizer, training: SOURCE, validation: SOURCE, epochs: 1 });
  const taken = await takeCheckpoint(model, optimizer, { config: CONFIG, progress: BEGINNING });
  const { optimizer: state } = decodeCheckpoint(encodeCheckpoint(taken));
  expect(state).toMatchObject({ name: 'Adam', step: 2, updates: { [model.conv.conv.weight.name]: 0 } });
  expect(Object.keys(state.slots)).toEqual(['firstMoment', 'secondMoment']);
  optimizer.loadStateDict(state);
  expect(await optimizer.stateDict()).toEqual(state);
  const { model: other, optimizer: momentum } = tinyTraining(device);
  const before = await other.stateDict();
  expect(() => restoreCheckpoint(taken, other, momentum)).toThrow(
    /state is of Adam, but the optimizer is Momentum/,
  );
  expect(await other.stateDict()).toEqual(before);
});

test('a checkpoint that does not say of which optimizer it is, is of Momentum', async () => {
  const { model, optimizer } = tinyTraining(await testDevice());
  await fit({ model, optimizer, training: SOURCE, validation: SOURCE, epochs: 1 });
  const taken = await takeCheckpoint(model, optimizer, { config: CONFIG, progress: BEGINNING });
  const { tensors, metadata } = decodeSafetensors(encodeCheckpoint(taken));
  const { optimizer: _, ...before } = metadata;
  const old = decodeCheckpoint(encodeSafetensors(tensors as Map<string, SafetensorsTensor>, before));
  expect(old).toEqual(taken);
  restoreCheckpoint(old, model, optimizer);
  expect(optimizer).toBeInstanceOf(Momentum);
});

test('a model whose tensors are called as those of the optimizer is refused', async () => {
  const { model, optimizer } = adamTraining(await testDevice());
  const taken = await takeCheckpoint(model, optimizer, { config: CONFIG, progress: BEGINNING });
  taken.model.set('firstMoment.weight', { shape: [1], data: new Float32Array(1) });
  expect(() => encodeCheckpoint(taken)).toThrow(
    /model's firstMoment.weight is called as the optimizer's firstMoment/,
  );
});
