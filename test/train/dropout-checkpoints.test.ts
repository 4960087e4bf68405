import { expect, test } from 'vitest';
import { decodeSafetensors, encodeSafetensors, type SafetensorsTensor } from '../../src/io/safetensors.ts';
import { Dropout } from '../../src/nn/dropout.ts';
import { Momentum } from '../../src/optim/momentum.ts';
import { generatorOf, manualSeed } from '../../src/tensor/generator.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { type ModelConfig, restoreCheckpoint, takeCheckpoint } from '../../src/train/checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint-format.ts';
import { fit } from '../../src/train/fit.ts';
import { BEGINNING } from '../../src/train/progress.ts';
import { recalibrate } from '../../src/train/recalibrate.ts';
import { testDevice } from '../support/device.ts';
import { noise, TinyNet } from './tiny.ts';

const CONFIG: ModelConfig = { layers: 50, classDim: 1, size: 16, channelOrder: 'bgr' };
const SOURCE = noise([4, 4], 1);
const device = await testDevice();

class Dropping extends TinyNet {
  readonly dropout = new Dropout(this.device, { probability: 0.4 });

  override forward(x: Tensor): Tensor {
    return super.forward(this.dropout(x));
  }
}

function dropping() {
  const model = new Dropping(device);
  return { model, optimizer: new Momentum({ parameters: model.parameters(), learningRate: 0.01 }) };
}

async function train(seed: number, maxSteps: number, resumed?: Uint8Array): Promise<Uint8Array> {
  manualSeed(device, seed);
  const { model, optimizer } = dropping();
  const checkpoint = resumed && decodeCheckpoint(resumed);
  if (checkpoint) restoreCheckpoint(checkpoint, model, optimizer);
  const options = {
    model,
    optimizer,
    training: SOURCE,
    validation: SOURCE,
    epochs: 2,
    maxSteps,
    recalibrate: SOURCE,
  };
  const { progress } = await fit({ ...options, start: checkpoint?.progress });
  return encodeCheckpoint(await takeCheckpoint(model, optimizer, { config: CONFIG, progress }));
}

test('a training with dropout resumes to the same bytes, whatever was drawn before', async () => {
  const whole = await train(1, 4);
  expect(await train(2, 4, await train(1, 1))).toEqual(whole);
  expect(await train(2, 4)).not.toEqual(whole);
});

test('a checkpoint without the state of a generator leaves the one there is', async () => {
  const { model, optimizer } = dropping();
  const taken = await takeCheckpoint(model, optimizer, { config: CONFIG, progress: BEGINNING });
  expect(taken.generator).toEqual(generatorOf(device).state);
  const { tensors, metadata } = decodeSafetensors(encodeCheckpoint(taken));
  const encode = (rest: Record<string, string>) =>
    decodeCheckpoint(encodeSafetensors(tensors as Map<string, SafetensorsTensor>, rest));
  const { generator, ...before } = metadata;
  expect(encode(metadata).generator).toEqual(taken.generator);
  manualSeed(device, 77).uint32();
  restoreCheckpoint(encode(before), model, optimizer);
  expect(generatorOf(device).state).toEqual({ seed: 77, stream: 0, drawn: 1 });
  expect(() => encode({ ...before, generator: generator!.replace('"drawn":', '"drawn":-') })).toThrow(
    /drawn/,
  );
});

test('recalibrating leaves the generator where it was', async () => {
  const { model } = dropping();
  const generator = manualSeed(device, 3);
  generator.uint32();
  await recalibrate(model, SOURCE);
  expect(generatorOf(device)).toBe(generator);
  expect(generator.state.drawn).toBe(1);
});
