/**
 * @file Measures whole training steps.
 */

import type { Device, DeviceStatistics } from '../src/device/device.ts';
import { nodeAdapters } from '../src/device/node/adapters.ts';
import { timeOnce } from '../src/laboratory/time-once.ts';
import { type NetworkOptions, Trainer } from '../src/laboratory/trainer.ts';
import { openDevice } from '../src/tensor/open-device.ts';
import { median } from '../src/tune/samples.ts';
import { kernelRows } from './network.ts';
import type { Row } from './results.ts';
import { RUNS } from './timing.ts';

/** Rows for compiling, the first step, the later ones, their JavaScript and each kernel, and the counters. */
export async function benchStep(device: Device, options: NetworkOptions): Promise<Row[]> {
  const trainer = new Trainer(device, options);
  const start = performance.now();
  await trainer.prepare();
  const compiling = performance.now() - start;
  const first = await timeOnce(device, () => trainer.step());
  await timeOnce(device, () => trainer.step());
  const settled = device.statistics;
  const { step, javascript } = await timeSteps(device, trainer);
  const counts = countsOf(settled, device.statistics);
  trainer.dispose();
  return [
    { name: 'compile', milliseconds: compiling, figures: {} },
    { name: 'first step', milliseconds: first, figures: {} },
    { name: 'step', milliseconds: step, figures: {} },
    { name: 'JavaScript of a step', milliseconds: javascript, figures: {} },
    ...Object.entries(counts).map(([name, count]) => ({ name, figures: { count } })),
  ];
}

/** Kernels of one later step. `device` must have been opened with `profile: true`. */
async function profileStep(device: Device, options: NetworkOptions): Promise<Row[]> {
  const trainer = new Trainer(device, options);
  trainer.step();
  await device.kernelTimes();
  trainer.step();
  const times = await device.kernelTimes();
  trainer.dispose();
  return kernelRows(times);
}

/**
 * As {@link profileStep}, on a device of its own: timestamps put every dispatch into a pass of its own, which would
 * disturb what {@link benchStep} measures. Empty where the adapter has no timestamps.
 */
export async function benchStepKernels(
  { info }: Device,
  adapter: 'hardware' | 'software',
  options: NetworkOptions,
): Promise<Row[]> {
  if (!info.features.includes('timestamp-query')) return [];
  const device = await openDevice(nodeAdapters, { adapter, profile: true });
  try {
    return await profileStep(device, options);
  } finally {
    device.destroy();
  }
}

/** Medians over {@link RUNS} steps: until the device is done, and until the call returned. */
async function timeSteps(device: Device, trainer: Trainer): Promise<{ step: number; javascript: number }> {
  const steps: number[] = [];
  const calls: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const time = await timeOnce(device, () => {
      const start = performance.now();
      trainer.step();
      calls.push(performance.now() - start);
    });
    steps.push(time);
  }
  return { step: median(steps), javascript: median(calls) };
}

/** What {@link RUNS} steps did, a step where it recurs, and what the device holds. */
function countsOf(before: DeviceStatistics, after: DeviceStatistics) {
  const since = (counter: keyof DeviceStatistics) => after[counter] - before[counter];
  return {
    'dispatches a step': since('dispatches') / RUNS,
    'submits a step': since('submits') / RUNS,
    pipelines: after.pipelinesCreated,
    'pipelines created after step 2': since('pipelinesCreated'),
    'bind groups created after step 2': since('bindGroupsCreated'),
    'buffers created after step 2': since('buffersCreated'),
    'MB at the peak': after.peakBytesInUse / 1e6,
  };
}
