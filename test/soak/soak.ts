/**
 * @file A soak: the same work again and again, and what the process holds meanwhile.
 */

import { setTimeout } from 'node:timers/promises';
import {
  type Batch,
  BottleneckBlock,
  ConvBNLayer,
  createDevice,
  type Device,
  evaluate,
  Linear,
  Module,
  Momentum,
  Pool2D,
  Random,
  reshape,
  type Tensor,
  tensorStatistics,
  trainStep,
} from '../../src/index.ts';
import { noise } from '../train/tiny.ts';

/** What the process holds. */
export interface Sample {
  /** Steps made, or devices opened and destroyed. */
  readonly done: number;
  /** Resident memory of the process, in bytes. */
  readonly rss: number;
  /** JavaScript's heap, in bytes, collected before where node runs with `--expose-gc`. */
  readonly heap: number;
}

/** What a device holds, and what it created since it was opened. */
export interface DeviceSample extends Sample {
  readonly tensors: number;
  readonly bytesInUse: number;
  readonly buffersInUse: number;
  readonly buffersCreated: number;
  readonly pipelinesCreated: number;
  readonly bindGroupsCreated: number;
}

/** What is left of devices that were destroyed. */
export interface OpeningSample extends Sample {
  /** Devices that were not collected, if the heap was. */
  readonly kept: number;
}

/** The counts of a {@link DeviceSample} that a repeated step must not change. */
export const COUNTS = [
  'tensors',
  'bytesInUse',
  'buffersInUse',
  'buffersCreated',
  'pipelinesCreated',
  'bindGroupsCreated',
] as const satisfies readonly (keyof DeviceSample)[];

function sampleProcess(done: number): Sample {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { done, rss, heap: heapUsed };
}

async function sampleDevice(device: Device, done: number): Promise<DeviceSample> {
  await device.finished();
  const { bytesInUse, buffersInUse, buffersCreated, pipelinesCreated, bindGroupsCreated } = device.statistics;
  const { tensors } = tensorStatistics(device);
  const counts = { tensors, bytesInUse, buffersInUse, buffersCreated, pipelinesCreated, bindGroupsCreated };
  return { ...sampleProcess(done), ...counts };
}

/** Milliseconds. */
const SETTLING = 50;

const CHANNELS = 8;
/** What the block makes of them. */
const FEATURES = 4 * CHANNELS;

/** The parts of a residual network, each once. */
class SmallNet extends Module {
  readonly stem: ConvBNLayer;
  readonly pool: Pool2D;
  readonly block: BottleneckBlock;
  readonly average: Pool2D;
  readonly out: Linear;

  constructor(device: Device) {
    super(device);
    const random = new Random(1);
    this.stem = new ConvBNLayer(device, {
      inChannels: 3,
      outChannels: CHANNELS,
      kernel: 3,
      act: 'relu',
      random,
    });
    this.pool = new Pool2D(device, { type: 'max', kernel: 3, stride: 2, padding: 1 });
    this.block = new BottleneckBlock(device, { inChannels: CHANNELS, channels: CHANNELS, stride: 2, random });
    this.average = new Pool2D(device, { type: 'avg', global: true });
    const out = { inFeatures: FEATURES, outFeatures: 1, random };
    this.out = new Linear(device, out);
  }

  override forward(x: Tensor): Tensor {
    const features = this.average(this.block(this.pool(this.stem(x))));
    return this.out(reshape(features, [x.shape[0]!, FEATURES]));
  }
}

/** Samples per batch: an epoch ends in a small one. */
const BATCHES = [4, 4, 4, 2];
/** Steps after which the model is evaluated, as at the end of an epoch. */
const EVALUATION = 100;

/**
 * Trains a small network for `steps` steps and evaluates it now and then; gives a sample every `interval` steps, the
 * first after `interval`. The model is evaluated once before, so that nothing comes in late.
 */
export async function* soakSteps(steps: number, interval: number): AsyncGenerator<DeviceSample> {
  const device = await createDevice();
  try {
    const model = new SmallNet(device);
    const optimizer = new Momentum({ parameters: model.parameters(), learningRate: 0.001 });
    const source = noise(BATCHES, 7);
    const batches: Batch[] = [];
    for await (const batch of source.epoch(0)) batches.push(batch);
    await evaluate(model, source);
    for (let step = 1; step <= steps; step++) {
      const { loss, accuracy } = trainStep(model, optimizer, batches[step % batches.length]!);
      if (step % 10 === 0) await loss.item();
      loss.dispose();
      accuracy.dispose();
      if (step % EVALUATION === 0) await evaluate(model, source);
      if (step % interval === 0) yield await sampleDevice(device, step);
    }
  } finally {
    device.destroy();
  }
}

/** Opens `count` devices one after the other, makes a training step on each, and destroys it. */
export async function* soakDevices(count: number, interval: number): AsyncGenerator<OpeningSample> {
  const batches: Batch[] = [];
  for await (const batch of noise([2], 7).epoch(0)) batches.push(batch);
  let opened: WeakRef<Device>[] = [];
  for (let done = 1; done <= count; done++) {
    opened.push(new WeakRef(await openAndDestroy(batches[0]!)));
    if (done % interval !== 0) continue;
    await setTimeout(SETTLING); // Dawn tells later that a device is gone
    const sample = sampleProcess(done);
    opened = opened.filter((device) => device.deref() !== undefined);
    yield { ...sample, kept: opened.length };
  }
}

async function openAndDestroy(batch: Batch): Promise<Device> {
  const device = await createDevice();
  const model = new SmallNet(device);
  const optimizer = new Momentum({ parameters: model.parameters(), learningRate: 0.001 });
  await trainStep(model, optimizer, batch).loss.item();
  device.destroy();
  return device;
}

/** Bytes by which the median of the last third of `samples` is above that of the third before it. */
export function growth(samples: readonly Sample[], of: 'rss' | 'heap'): number {
  const third = Math.floor(samples.length / 3);
  const values = samples.map((sample) => sample[of]);
  return median(values.slice(-third)) - median(values.slice(-2 * third, -third));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
