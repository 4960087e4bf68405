/**
 * @file How fast training steps are, and by which kernels.
 */

import type { Device } from '../device/device.ts';
import { profile } from '../device/profile.ts';
import type { KernelTime } from '../device/profiler.ts';
import { median } from '../tune/samples.ts';
import type { StepFigures } from './figures.ts';
import type { Observer } from './observer.ts';
import { timeOnce } from './time-once.ts';
import { type NetworkOptions, Trainer } from './trainer.ts';

/** Steps that a median is taken of. */
const STEPS = { all: 5, quick: 1 };

/** What is trained: the same small step everywhere, and the original's on GPUs. The last one is what `tune` is tried on. */
export function networksFor({ info }: Device, quick: boolean): NetworkOptions[] {
  if (quick) return [{ layers: 18, size: 32, batch: 2 }];
  const small = { layers: 50, size: 64, batch: 4 } as const;
  return info.software ? [small] : [small, { layers: 50, size: 224, batch: 10 }];
}

/** Measures all of {@link networksFor}. */
export async function measureSteps(
  device: Device,
  quick: boolean,
  { signal, onProgress }: Observer,
): Promise<StepFigures[]> {
  const networks = networksFor(device, quick);
  const found: StepFigures[] = [];
  for (const network of networks) {
    if (signal.aborted) break;
    onProgress(
      `ResNet-${network.layers}, ${network.size}×${network.size}, batch ${network.batch}`,
      ...[found.length, networks.length],
    );
    found.push(await measureStep(device, network, quick));
  }
  return found;
}

async function measureStep(device: Device, network: NetworkOptions, quick: boolean): Promise<StepFigures> {
  const trainer = new Trainer(device, network);
  try {
    const start = performance.now();
    await trainer.prepare();
    const compile = performance.now() - start;
    const { milliseconds, javascript, steps, before, after } = await timeSteps(device, trainer, quick);
    return {
      ...network,
      ...{ compile, milliseconds, javascript },
      dispatches: (after.dispatches - before.dispatches) / steps,
      submits: (after.submits - before.submits) / steps,
      peakBytes: after.peakBytesInUse,
      kernels: await kernelsOf(device, trainer),
    };
  } finally {
    trainer.dispose();
  }
}

/** Medians over some steps: until the device is done, and until the call has returned; and the counters before and after. */
export async function timeSteps(device: Device, trainer: Trainer, quick: boolean) {
  await timeOnce(device, () => trainer.step());
  await timeOnce(device, () => trainer.step());
  const before = device.statistics;
  const steps = quick ? STEPS.quick : STEPS.all;
  const [times, calls]: [number[], number[]] = [[], []];
  while (times.length < steps) {
    const time = await timeOnce(device, () => {
      const start = performance.now();
      trainer.step();
      calls.push(performance.now() - start);
    });
    times.push(time);
  }
  return { milliseconds: median(times), javascript: median(calls), steps, before, after: device.statistics };
}

async function kernelsOf(device: Device, trainer: Trainer): Promise<readonly KernelTime[]> {
  if (!device.info.features.includes('timestamp-query')) return [];
  return (await profile(device, () => trainer.step())).kernels;
}
