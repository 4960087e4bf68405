import { afterEach, expect, test, vi } from 'vitest';
import { nullAdapters } from '../../bench/null-adapters.ts';
import { backward } from '../../src/autograd/backward.ts';
import { gradOf, requiresGrad } from '../../src/autograd/graph.ts';
import { conv2d } from '../../src/autograd/ops/conv2d.ts';
import { Trainer } from '../../src/laboratory/trainer.ts';
import { tensor } from '../../src/tensor/create.ts';
import { openDevice } from '../../src/tensor/open-device.ts';
import { type NdArray, randomNormal, xorshift } from '../reference/array.ts';
import { openTestDevice } from '../support/device.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Has so much time go by from one look at the clock to the next. */
function tick(milliseconds: number): void {
  let clock = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    clock += milliseconds;
    return clock;
  });
}

test('a training step has few submits on a fast adapter, and one for every 12.5 ms on a slow one', async () => {
  const identity = { name: 'null', vendor: '', architecture: '', software: false };
  const device = await openDevice(nullAdapters({ ...identity, subgroupSizes: [0, 0] }));
  const trainer = new Trainer(device, { layers: 18, size: 64, batch: 4 });
  await trainer.prepare();
  /** The counters of the last of some steps, in which the device learns how fast the adapter is. */
  async function countStep() {
    let before = device.statistics;
    for (let i = 0; i < 10; i++) {
      before = device.statistics;
      trainer.step();
      await device.finished();
    }
    const { dispatches, submits } = device.statistics;
    return { dispatches: dispatches - before.dispatches, submits: submits - before.submits };
  }
  tick(0);
  const fast = await countStep();
  expect(fast.dispatches).toBeGreaterThan(100);
  // One more for the end, and one for what is recorded before the photographs are uploaded.
  expect(fast.submits).toBeLessThanOrEqual(Math.floor(fast.dispatches / 100) + 2);
  tick(1000); // a step takes two seconds from its first submit, and one from the beginning of the wait
  const slow = await countStep();
  expect(slow.submits).toBeGreaterThan(1000 / 12.5 / 2); // a dispatch that is not divisible may be longer
  expect(slow.submits).toBeLessThan((2 * 2000) / 12.5);
  trainer.dispose();
  device.destroy();
});

test('a convolution in many submits is the same to the bit as in few, forward and backward', async () => {
  const next = xorshift(5);
  const [image, filter, gradient] = [
    [2, 32, 28, 28],
    [64, 32, 3, 3],
    [2, 64, 28, 28],
  ].map((shape) => randomNormal(shape, next));
  const device = await openTestDevice();
  const make = ({ data, shape }: NdArray) => tensor(device, Float32Array.from(data), shape);
  async function run() {
    const before = device.statistics.submits;
    const [x, weight] = [requiresGrad(make(image!)), requiresGrad(make(filter!))];
    const y = conv2d(x, weight, { padding: 1 });
    backward(y, make(gradient!));
    const values = [await y.data(), await gradOf(x)!.data(), await gradOf(weight)!.data()];
    return { values, submits: device.statistics.submits - before };
  }
  tick(0);
  await run();
  const few = await run();
  tick(60_000);
  for (let i = 0; i < 6; i++) await run();
  const many = await run();
  expect(many.submits).toBeGreaterThan(few.submits + 10);
  expect(many.values).toEqual(few.values);
  device.destroy();
});
