/**
 * @file Measures how long each submit of training steps keeps the adapter busy: from the end of the one before it, or from when
 * it was handed over, to its own end. Windows resets a GPU after about two seconds in one.
 */

import type { AdapterSource } from '../src/device/adapter-source.ts';
import type { Device } from '../src/device/device.ts';
import { nodeAdapters } from '../src/device/node/adapters.ts';
import { type NetworkOptions, Trainer } from '../src/laboratory/trainer.ts';
import { openDevice } from '../src/tensor/open-device.ts';
import { median } from '../src/tune/samples.ts';
import type { Row } from './results.ts';

/** Steps in which the device learns how fast the adapter is, after the first, and measured ones. */
const LEARNING = 2;
const STEPS = 3;
/** Dispatches that are listed. */
const LISTED = 5;
/** What none should last. */
const LONG = 100;

/** When a submit was handed over and when it was done. */
interface Submit {
  readonly start: number;
  end: number;
}

/** The adapters of this machine, with every submit noted in `submits`. */
function watchedAdapters(submits: Submit[]): AdapterSource {
  return {
    ...nodeAdapters,
    requestAdapter: async (kind) => {
      const adapter = await nodeAdapters.requestAdapter(kind);
      const { features, limits, info } = adapter;
      return {
        ...{ features, limits, info },
        requestDevice: async (descriptor?: GPUDeviceDescriptor) =>
          watch(await adapter.requestDevice(descriptor), submits),
      } as GPUAdapter;
    },
  };
}

function watch(gpu: GPUDevice, submits: Submit[]): GPUDevice {
  const { queue } = gpu;
  const submit = queue.submit.bind(queue);
  queue.submit = (buffers) => {
    submit(buffers);
    const noted = { start: performance.now(), end: Number.NaN };
    submits.push(noted);
    void queue.onSubmittedWorkDone().then(() => {
      noted.end = performance.now();
    });
    return undefined;
  };
  return gpu;
}

/** The milliseconds of each submit. The queue runs one after the other. */
function durations(submits: readonly Submit[]): number[] {
  return submits.map(({ start, end }, i) => end - Math.max(start, submits[i - 1]?.end ?? 0));
}

/** Rows for the submits of a step, the longest of them in the first step and in later ones, and the longest dispatches. */
export async function benchSubmits({ info }: Device, options: NetworkOptions): Promise<Row[]> {
  const submits: Submit[] = [];
  const adapter = info.software ? 'software' : 'hardware';
  const device = await openDevice(watchedAdapters(submits), { adapter });
  const trainer = new Trainer(device, options);
  await trainer.prepare();
  const step = async () => {
    await device.finished();
    submits.length = 0;
    trainer.step();
    await device.finished();
    return durations(submits);
  };
  const first = await step();
  for (let i = 0; i < LEARNING; i++) await step();
  const steps: number[][] = [];
  for (let i = 0; i < STEPS; i++) steps.push(await step());
  const all = steps.flat();
  const rows = [
    row('longest submit of the first step', Math.max(...first), first.length),
    row('longest submit', Math.max(...all), median(steps.map(({ length }) => length))),
    row('median submit', median(all), all.length / STEPS),
    row(`submits beyond ${LONG} ms`, undefined, all.filter((time) => time > LONG).length / STEPS),
    ...(info.features.includes('timestamp-query') ? await longestDispatches(device, trainer) : []),
  ];
  trainer.dispose();
  device.destroy();
  return rows;
}

/** A row; `count` is that of a step. */
function row(name: string, milliseconds: number | undefined, count: number): Row {
  return { name, ...(milliseconds !== undefined && { milliseconds }), figures: { 'a step': count } };
}

async function longestDispatches(device: Device, trainer: Trainer): Promise<Row[]> {
  const events = await device.trace(() => trainer.step());
  const longest = events.toSorted((a, b) => b.milliseconds - a.milliseconds).slice(0, LISTED);
  return longest.map(({ name, milliseconds }, i) => ({
    name: `longest dispatch ${i + 1}, ${name}`,
    milliseconds,
    figures: {},
  }));
}
