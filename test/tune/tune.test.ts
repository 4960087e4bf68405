import { describe, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { clearGrad, requiresGrad } from '../../src/autograd/graph.ts';
import { conv2d, sum } from '../../src/autograd/ops.ts';
import { openTunedDevice } from '../../src/create-device.ts';
import { nodeAdapters } from '../../src/device/node/adapters.ts';
import { UNTUNED } from '../../src/kernels/conv2d/passes.ts';
import { candidates } from '../../src/kernels/conv2d/selection.ts';
import { conv2dGeometry } from '../../src/shape/conv2d.ts';
import { tensor } from '../../src/tensor/create.ts';
import { tensorStatistics } from '../../src/tensor/scope.ts';
import { algorithmsOf, tuningOf } from '../../src/tensor/tuning.ts';
import { chooseStopwatch } from '../../src/tune/stopwatch.ts';
import { convolutionsOf, tuneInto } from '../../src/tune/tune.ts';
import { type TunedPass, tunePass } from '../../src/tune/tune-pass.ts';
import type { TuningStore } from '../../src/tune/tuning-store.ts';
import type { TuningTable } from '../../src/tune/tuning-table.ts';
import { openTestDevice, testDevice } from '../support/device.ts';

const device = await testDevice();

class MemoryStore implements TuningStore {
  readonly texts = new Map<string, string>();
  load(adapter: string) {
    return Promise.resolve(this.texts.get(adapter));
  }
  save(adapter: string, text: string) {
    this.texts.set(adapter, text);
    return Promise.resolve();
  }
}

const x = tensor(device, new Float32Array(2 * 8 * 6 * 6).fill(1), [2, 8, 6, 6]);
const weight = requiresGrad(tensor(device, new Float32Array(12 * 8 * 9).fill(0.5), [12, 8, 3, 3]));

/** Two equal convolutions, and a gradient with respect to the weight. */
function work(): void {
  const y = conv2d(x, weight, { padding: 1 });
  conv2d(x, weight, { padding: 1 });
  backward(sum(y));
  clearGrad(weight);
}

test('the convolutions of some work are found, the most expensive first', () => {
  const wide = tensor(device, new Float32Array(24 * 8 * 9), [24, 8, 3, 3]);
  const geometries = convolutionsOf(device, () => {
    conv2d(x, weight, { stride: 2 });
    for (let i = 0; i < 3; i++) conv2d(x, weight, { padding: 1 });
    conv2d(x, wide, { padding: 1 });
  });
  // 24 channels are twice the work of 12, but not of 12 that occur three times.
  expect(geometries.map(({ geometry: { outChannels, strideX } }) => [outChannels, strideX])).toEqual([
    [12, 1],
    [24, 1],
    [12, 2],
  ]);
});

test('the convolutions of some work are found without running a kernel', () => {
  const before = { ...device.statistics, ...tensorStatistics(device) };
  const passes = convolutionsOf(device, work);
  expect(passes.map(({ pass }) => pass)).toEqual(['forward', 'backwardWeight']);
  expect(passes[0]!.geometry).toEqual(conv2dGeometry(x.shape, weight.shape, { padding: 1 }));
  const after = { ...device.statistics, ...tensorStatistics(device) };
  expect(after.dispatches).toBe(before.dispatches);
  expect(after.tensors).toBe(before.tensors);
});

describe('a pass', () => {
  const geometry = conv2dGeometry([2, 16, 9, 9], [16, 16, 3, 3], { padding: 1 });

  test.each(['forward', 'backwardInput', 'backwardWeight'] as const)(
    '%s: all candidates are right and timed',
    async (pass) => {
      const { bytes } = tensorStatistics(device);
      const tuned = (await tunePass(device, { pass, geometry }, await chooseStopwatch(device)))!;
      const names = candidates(algorithmsOf(device), pass, geometry, device.target).map(({ name }) => name);
      expect(tuned.candidates.map(({ algorithm }) => algorithm)).toEqual(names);
      for (const { milliseconds, interval, error } of tuned.candidates) {
        expect(milliseconds).toBeGreaterThan(0);
        expect(interval![0]).toBeLessThanOrEqual(milliseconds!);
        expect(interval![1]).toBeGreaterThanOrEqual(milliseconds!);
        expect(error).toBeLessThan(5e-6);
      }
      expect(names).toContain(tuned.chosen);
      expect(tensorStatistics(device).bytes).toBe(bytes);
    },
  );

  test('a kernel that computes something else is never chosen', async () => {
    const broken = await openTestDevice();
    const { run } = broken;
    // Whatever the other algorithms compute, only the reference's kernel writes its result here.
    broken.run = (plan, slices) => {
      if (plan.name === 'conv2d.forward.plain') run.call(broken, plan, slices);
    };
    const stopwatch = await chooseStopwatch(device);
    const { chosen, candidates: found } = (await tunePass(broken, { pass: 'forward', geometry }, stopwatch))!;
    expect(chosen).toBe('plain');
    const wrong = found.filter(({ algorithm }) => algorithm !== 'plain');
    expect(wrong.every(({ milliseconds, error }) => milliseconds === undefined && error === 1)).toBe(true);
    broken.destroy();
  });
});

describe('tuning', () => {
  test('keeps choices that the next device of the adapter runs by', async () => {
    const store = new MemoryStore();
    const reported: string[] = [];
    const tuned = await tuneInto(store, device, work, {
      onPass: ({ pass }, done, total) => reported.push(`${pass} ${done}/${total}`),
    });
    expect(reported).toEqual(['forward 1/2', 'backwardWeight 2/2']);
    for (const { pass, geometry, chosen } of tuned)
      expect(tuningOf(device).algorithmOf(pass, geometry)).toBe(chosen);

    const next = await openTunedDevice(nodeAdapters, store, {});
    for (const { pass, geometry, chosen } of tuned)
      expect(tuningOf(next).algorithmOf(pass, geometry)).toBe(chosen);
    next.destroy();
    const untuned = await openTunedDevice(nodeAdapters, store, { tuned: false });
    expect(tuningOf(untuned).algorithmOf('forward', tuned[0]!.geometry)).toBeUndefined();
    untuned.destroy();
  });

  test('tells what it is about to measure', async () => {
    const told: string[] = [];
    await tuneInto(new MemoryStore(), device, work, {
      onProgress: ({ pass, algorithm, done, total, seconds }) => {
        expect(seconds).toBeGreaterThanOrEqual(0);
        told.push(`${pass} ${done}/${total} ${algorithm}`);
      },
    });
    const plain = told.filter((line) => line.endsWith(' plain'));
    expect(new Set(plain)).toEqual(new Set(['forward 0/2 plain', 'backwardWeight 1/2 plain']));
    expect(plain.length).toBeGreaterThan(2);
  });

  test('keeps what was decided before it was stopped, and leaves the rest as it was', async () => {
    const store = new MemoryStore();
    const stopping = new AbortController();
    const tuned = await tuneInto(store, device, work, {
      signal: stopping.signal,
      onPass: () => stopping.abort(),
    });
    expect(tuned.map(({ pass }) => pass)).toEqual(['forward']);
    const [{ geometry, chosen }] = tuned as [TunedPass];
    const table = tuningOf(device);
    expect(table.algorithmOf('forward', geometry)).toBe(chosen);
    expect(table.algorithmOf('backwardWeight', geometry)).toBeUndefined();
    expect([...store.texts.values()].join()).toContain('forward ');
  });

  test('stops in the middle of a pass too, which is not decided then', async () => {
    const stopping = new AbortController();
    let samples = 0;
    const tuned = await tuneInto(new MemoryStore(), device, work, {
      signal: stopping.signal,
      onProgress: () => {
        if (++samples === 4) stopping.abort();
      },
    });
    expect(tuned).toEqual([]);
    expect(samples).toBe(4);
  });

  test('decides nothing in no time', async () => {
    const bytes = tensorStatistics(device).bytes;
    const told: unknown[] = [];
    const options = { budget: Number.MIN_VALUE, onProgress: (progress: unknown) => told.push(progress) };
    expect(await tuneInto(new MemoryStore(), device, work, options)).toEqual([]);
    expect(told).toEqual([]);
    expect(tensorStatistics(device).bytes).toBe(bytes);
  });

  test('adds to what was kept before', async () => {
    const store = new MemoryStore();
    await tuneInto(store, device, work);
    await tuneInto(store, device, () => void conv2d(x, weight));
    expect((tuningOf(device) as TuningTable).size).toBe(3);
  });

  test('leaves a damaged or foreign text alone until it is replaced', async () => {
    const store = new MemoryStore();
    await tuneInto(store, device, work);
    const [[adapter, text]] = store.texts as unknown as [[string, string]];
    for (const other of ['{', text.replace(/"version": "[^"]*"/, '"version": "0.0.0"')]) {
      store.texts.set(adapter, other);
      const opened = await openTunedDevice(nodeAdapters, store, {});
      expect(tuningOf(opened)).toBe(UNTUNED);
      opened.destroy();
    }
  });
});
