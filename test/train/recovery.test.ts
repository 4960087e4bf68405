/**
 * @file Trainings whose device is lost under way: each ends with the bytes, and has reported what an undisturbed one reports.
 */

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import { FoveaError } from '../../src/errors.ts';
import { Dropout } from '../../src/nn/dropout.ts';
import { ExponentialMovingAverage } from '../../src/optim/exponential-moving-average.ts';
import { Momentum } from '../../src/optim/momentum.ts';
import { ReduceOnPlateau } from '../../src/optim/reduce-on-plateau.ts';
import { Random } from '../../src/random.ts';
import { full } from '../../src/tensor/create.ts';
import { manualSeed } from '../../src/tensor/generator.ts';
import { tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { BatchSource } from '../../src/train/batch-source.ts';
import { takeCheckpoint } from '../../src/train/checkpoint.ts';
import { encodeCheckpoint } from '../../src/train/checkpoint-format.ts';
import { fit } from '../../src/train/fit.ts';
import type { FitOptions, RecoveryReport, StepReport } from '../../src/train/fit-options.ts';
import type { EpochReport } from '../../src/train/progress.ts';
import { LosableDevice } from '../support/losable-device.ts';
import { THOROUGH, thoroughly } from '../support/thorough.ts';
import { noise, TinyNet } from './tiny.ts';

const TRAINING = noise([4, 4, 4, 4], 1);
const VALIDATION = noise([4, 2], 2);
const EPOCHS = 3;
const CONFIG = { layers: 50, classDim: 1, size: 16, channelOrder: 'bgr' } as const;

/** Draws from the device's generator and from one of its own, and holds a tensor that no state dict knows. */
class Drawing extends TinyNet {
  readonly dropout = new Dropout(this.device, { probability: 0.3 });
  readonly own = new Dropout(this.device, { probability: 0.2, random: new Random(5) });
  readonly scale = full(this.device, [1], 0.5);

  override forward(x: Tensor): Tensor {
    return super.forward(this.own(this.dropout(x)));
  }
}

/** A training on a device, which has all that a training may have. */
function trainingOn(device: Device) {
  manualSeed(device, 3);
  const model = new Drawing(device);
  const optimizer = new Momentum({
    parameters: model.parameters(),
    learningRate: new ReduceOnPlateau({ initial: 0.1, patience: 0, threshold: 0.5 }),
  });
  const average = new ExponentialMovingAverage({ parameters: model.parameters(), decay: 0.5 });
  return { model, optimizer, average };
}

/** What is left of a training, and what it reported. */
interface Outcome {
  readonly bytes: Uint8Array;
  readonly steps: StepReport[];
  readonly epochs: EpochReport[];
  readonly tensors: number;
}

/** Runs a training to its end; `changes` are its options, given what it is of. */
async function outcomeOn(
  device: Device,
  changes: (trained: ReturnType<typeof trainingOn>) => Partial<FitOptions> = () => ({}),
): Promise<Outcome> {
  const trained = trainingOn(device);
  const steps: StepReport[] = [];
  const epochs: EpochReport[] = [];
  const { progress, reason } = await fit({
    ...trained,
    training: TRAINING,
    validation: VALIDATION,
    recalibrate: TRAINING,
    epochs: EPOCHS,
    clipGradNorm: 1,
    onStep: (report) => steps.push(report),
    onEpoch: (report) => void epochs.push(report),
    recover: { every: 3 },
    ...changes(trained),
  });
  expect(reason).toBe('finished');
  const { model, optimizer, average } = trained;
  const checkpoint = await takeCheckpoint(model, optimizer, { config: CONFIG, progress, average });
  const { tensors } = tensorStatistics(device);
  average.dispose();
  optimizer.dispose();
  model.dispose();
  model.scale.dispose();
  return { bytes: encodeCheckpoint(checkpoint), steps, epochs, tensors };
}

/** The source, with something done before each of its batches. */
const preceded = (source: BatchSource, act: (epoch: number, index: number) => void): BatchSource => ({
  length: source.length,
  async *epoch(epoch, options) {
    for await (const batch of source.epoch(epoch, options)) {
      act(epoch, batch.index);
      yield batch;
    }
  },
});

/** Does something the first `times` times that it is called. */
function first(times: number, act: () => void): () => void {
  let calls = 0;
  return () => void (calls++ < times && act());
}

let undisturbed: Outcome;
let milliseconds: number;
let losable: LosableDevice;
beforeAll(async () => {
  losable = await LosableDevice.open();
  await outcomeOn(losable.device); // compiles
  const start = performance.now();
  undisturbed = await outcomeOn(losable.device, () => ({ recover: false }));
  milliseconds = performance.now() - start;
});
afterAll(() => losable.device.destroy());
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  losable.onRequest(() => {});
});

/** Has `losable` lose its device as `changes` say, and expects that nothing else is to be seen of it. */
async function expectSurvived(
  changes: (trained: ReturnType<typeof trainingOn>) => Partial<FitOptions>,
): Promise<RecoveryReport[]> {
  const losses: RecoveryReport[] = [];
  const outcome = await outcomeOn(losable.device, (trained) => {
    const { onDeviceLost, ...options } = changes(trained);
    return {
      onDeviceLost: (report) => {
        losses.push(report);
        return onDeviceLost?.(report);
      },
      ...options,
    };
  });
  expect(outcome).toEqual(undisturbed);
  expect(losses.length).toBeGreaterThan(0);
  return losses;
}

const PLACES = [
  ['the last step of all', 2, 3],
  ['the first step', 0, 0],
  ['a step within an epoch', 0, 2],
  ['the first step of an epoch', 1, 0],
] as const;

test.each(PLACES.slice(0, thoroughly(4, 2)))('before %s', async (_, inEpoch, atIndex) => {
  const lose = first(1, losable.lose);
  const [loss] = await expectSurvived(() => ({
    training: preceded(TRAINING, (epoch, index) => epoch === inEpoch && index === atIndex && lose()),
    recalibrate: TRAINING,
  }));
  expect(loss!.error.message).toContain('the device was lost');
  expect(loss!.step).toBeLessThanOrEqual(inEpoch * 4 + atIndex);
  expect(loss!.reached).toBeLessThanOrEqual(inEpoch * 4 + atIndex);
});

test('in a validation, while averages stand in for the weights', async () => {
  const lose = first(1, losable.lose);
  const failed = vi.fn();
  await expectSurvived(() => ({
    validation: preceded(VALIDATION, (_, index) => index === 1 && lose()),
    onFailedValidation: failed,
  }));
  expect(failed).not.toHaveBeenCalled();
});

test.runIf(THOROUGH)('while running statistics are computed anew', async () => {
  const lose = first(1, losable.lose);
  await expectSurvived(() => ({ recalibrate: preceded(TRAINING, (_, index) => index === 2 && lose()) }));
});

test.runIf(THOROUGH)('twice in a row, and again as it goes on', async () => {
  const lose = first(3, losable.lose);
  const losses = await expectSurvived(() => ({
    training: preceded(TRAINING, (epoch, index) => epoch === 1 && index === 1 && lose()),
  }));
  expect(losses).toHaveLength(3);
});

test('while a snapshot is read, and in what is called when it was lost', async () => {
  const { device } = losable;
  const { snapshot } = device;
  let taken = 0;
  vi.spyOn(device, 'snapshot').mockImplementation((options) => {
    const memory = snapshot.call(device, options);
    if (++taken === 3) losable.lose();
    return memory;
  });
  const loseAgain = first(1, losable.lose);
  const losses = await expectSurvived(() => ({
    onDeviceLost: () => {
      loseAgain();
      return device.finished();
    },
  }));
  expect(losses).toHaveLength(2);
});

test('while it is opened again, which fails at first', async () => {
  const lose = first(1, losable.lose);
  let asked = 0;
  losable.onRequest((request) => {
    asked = request;
    if (request <= 2) throw new FoveaError('no-adapter', 'there is none yet');
    if (request === 3) queueMicrotask(() => setTimeout(losable.lose));
  });
  vi.stubGlobal('setTimeout', hasty());
  await expectSurvived(() => ({ training: preceded(TRAINING, (_, index) => index === 1 && lose()) }));
  expect(asked).toBeGreaterThanOrEqual(3);
});

/** A `setTimeout` that is a thousand times as fast. */
function hasty(): typeof setTimeout {
  const { setTimeout } = globalThis;
  return ((act: () => void, wait = 0) => setTimeout(act, wait / 1000)) as typeof setTimeout;
}

const LOSSES = thoroughly(10, 2);

test(`at ${LOSSES} random moments`, async () => {
  const random = new Random(11);
  const { device } = losable;
  for (let survived = 0; survived < LOSSES; ) {
    // From the first batch on: before it there is no snapshot to go back to.
    let timer: NodeJS.Timeout | undefined;
    const start = () => {
      timer = setTimeout(losable.lose, random.uniform() * milliseconds);
    };
    const losses: RecoveryReport[] = [];
    const outcome = await outcomeOn(device, () => ({
      training: preceded(TRAINING, first(1, start)),
      onDeviceLost: (loss) => void losses.push(loss),
      onEpoch: ({ epoch }) => void (epoch === EPOCHS - 1 && clearTimeout(timer)),
    }));
    expect(outcome.bytes).toEqual(undisturbed.bytes);
    expect(outcome.steps).toEqual(undisturbed.steps);
    survived += losses.length;
  }
});

test('what an epoch changes of the model is not undone: steps before it are not done again', async () => {
  const { device } = losable;
  const unfreezing = (act: () => void) =>
    outcomeOn(device, ({ model }) => {
      model.out.weight.requiresGrad = false;
      return {
        recover: { every: 1000 },
        onEpoch: () => {
          model.out.weight.requiresGrad = true;
        },
        training: preceded(TRAINING, (epoch, index) => epoch === 1 && index === 2 && act()),
      };
    });
  const expected = await unfreezing(() => {});
  const opened = losable.opened;
  expect((await unfreezing(first(1, losable.lose))).bytes).toEqual(expected.bytes);
  expect(losable.opened).toBe(opened + 1);
  expect(expected.bytes).not.toEqual(undisturbed.bytes);
});

test('a signal that comes as the device is lost ends it where the model stands', async () => {
  const { device } = losable;
  const stop = new AbortController();
  const trained = trainingOn(device);
  const { progress, reason } = await fit({
    ...trained,
    training: preceded(TRAINING, (epoch, index) => {
      if (epoch !== 1 || index !== 2) return;
      losable.lose();
      stop.abort();
    }),
    validation: VALIDATION,
    epochs: EPOCHS,
    signal: stop.signal,
    recover: { every: 3 },
  });
  expect(reason).toBe('aborted');
  expect(progress.step).toBeLessThanOrEqual(6);
  const { step } = await trained.optimizer.stateDict();
  expect(step).toBe(progress.step);
});

describe('what is not survived', () => {
  const training = (changes: Partial<FitOptions>) => ({
    ...trainingOn(losable.device),
    training: TRAINING,
    validation: VALIDATION,
    epochs: EPOCHS,
    ...changes,
  });

  test('one loss after the other at the same step', async () => {
    const opened = losable.opened;
    const options = training({
      training: preceded(TRAINING, (epoch, index) => epoch === 0 && index === 2 && losable.lose()),
      recover: { most: 2, every: 1 },
    });
    await expect(fit(options)).rejects.toMatchObject({
      code: 'device-lost',
      message: expect.stringMatching(
        /lost 3 times in a row, each time before step \d was done.*smaller batch/,
      ),
    });
    // Some more where steps before it are reported only on the second time.
    expect(losable.opened).toBeGreaterThanOrEqual(opened + 3);
    expect(losable.opened).toBeLessThanOrEqual(opened + 5);
    // The model is that of a step, and can be saved.
    const { step } = await options.optimizer.stateDict();
    expect(step).toBeLessThanOrEqual(2);
  });

  test('an adapter that does not come back', async () => {
    vi.stubGlobal('setTimeout', hasty());
    losable.onRequest(() => {
      throw new FoveaError('no-adapter', 'there is none any more');
    });
    const lose = first(1, losable.lose);
    const options = training({ training: preceded(TRAINING, (_, index) => index === 2 && lose()) });
    await expect(fit(options)).rejects.toMatchObject({
      code: 'device-lost',
      message: expect.stringMatching(
        /was lost.*could not be opened again: there is none any more.*last checkpoint/,
      ),
    });
    losable.onRequest(() => {});
    await losable.device.reopen();
  });

  test('a loss where it is not wanted', async () => {
    const options = training({
      training: preceded(TRAINING, (_, index) => index === 2 && losable.lose()),
      recover: false,
    });
    await expect(fit(options)).rejects.toMatchObject({ code: 'device-lost' });
    await losable.device.reopen();
  });

  test('a loss when there was no room for a snapshot, which is said once, and before', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    losable.refuseMemory(true, 2 ** 12); // what the log of steps reads is less
    const options = training({
      training: preceded(TRAINING, (epoch, index) => epoch === 1 && index === 2 && losable.lose()),
      recover: { every: 2 },
    });
    await expect(fit(options)).rejects.toMatchObject({ code: 'device-lost' });
    losable.refuseMemory(false);
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/could not keep a snapshot.*the training would end/)],
    ]);
    await losable.device.reopen();
  });

  test('a device that the user destroys', async () => {
    const own = await LosableDevice.open();
    const options = {
      ...trainingOn(own.device),
      training: preceded(TRAINING, (_, index) => index === 2 && own.device.destroy()),
      validation: VALIDATION,
      epochs: EPOCHS,
    };
    await expect(fit(options)).rejects.toMatchObject({ code: 'device-lost', message: /destroyed/ });
    expect(own.opened).toBe(1);
  });

  test('memory that does not suffice', async () => {
    const { device } = losable;
    const options = training({
      training: preceded(TRAINING, (_, index) => {
        if (index === 2) throw new FoveaError('out-of-memory', 'as a device says');
      }),
    });
    const opened = losable.opened;
    await expect(fit(options)).rejects.toMatchObject({ code: 'out-of-memory' });
    expect(losable.opened).toBe(opened);
    expect(device.isLost).toBe(false);
  });
});
