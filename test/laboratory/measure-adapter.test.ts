import { expect, test } from 'vitest';
import { type MeasureProgress, measureAdapter } from '../../src/laboratory/measure-adapter.ts';
import { decodeAdapterFigures } from '../../src/laboratory/read-figures.ts';
import { setTuning, tuningOf } from '../../src/tensor/tuning.ts';
import { TuningTable } from '../../src/tune/tuning-table.ts';
import { testDevice } from '../support/device.ts';

const device = await testDevice();

test('a quick run measures gradients, convolutions, a step by kernel and tuning, and leaves the device as it was', async () => {
  const tuning = new TuningTable();
  setTuning(device, tuning);
  const before = device.statistics.bytesInUse;
  const [parts, told]: [number[], MeasureProgress[]] = [[], []];
  const figures = await measureAdapter(device, {
    ...{ quick: true, machine: 'a test' },
    onPart: (known) => void parts.push(Object.keys(known).length),
    onProgress: (progress) => void told.push(progress),
  });
  expect(figures).toMatchObject({ quick: true, stopped: false, failed: [], machine: 'a test' });
  expect(figures.certificate).toBeUndefined();
  expect(figures.gradients!.ops.map(({ op, ok }) => [op, ok])).toContainEqual(['conv2d', true]);
  expect(figures.convolutions!.passes).toHaveLength(6);
  for (const { gigaflops } of figures.convolutions!.passes) expect(gigaflops).toBeGreaterThan(0);
  const [step] = figures.steps!;
  expect(step).toMatchObject({ layers: 18, size: 32, batch: 2 });
  expect(step!.kernels.some(({ name }) => name.startsWith('conv2d.forward'))).toBe(
    device.info.features.includes('timestamp-query'),
  );
  expect(figures.tuning!.total).toBeGreaterThan(figures.tuning!.passes.length);
  expect(parts).toHaveLength(5);
  expect(new Set(told.map(({ part }) => part)).size).toBe(4);
  expect(tuningOf(device)).toBe(tuning);
  expect(device.statistics.bytesInUse).toBe(before);
  expect(decodeAdapterFigures(JSON.stringify(figures))).toEqual(figures);
}, 120_000);

test('what was measured before it was stopped is given', async () => {
  const controller = new AbortController();
  const figures = await measureAdapter(device, {
    ...{ quick: true, signal: controller.signal },
    onProgress: ({ part, done }) => {
      if (part === 'gradients' && done === 1) controller.abort();
    },
  });
  expect(figures.stopped).toBe(true);
  expect(figures.gradients!.ops).toHaveLength(2);
  expect(figures.convolutions).toBeUndefined();
});
