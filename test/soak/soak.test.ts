import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { COUNTS, type DeviceSample, growth, type OpeningSample, soakDevices, soakSteps } from './soak.ts';

setFlagsFromString('--expose-gc');
globalThis.gc ??= runInNewContext('gc') as NodeJS.GCFunction;

test('repeated training steps create nothing and keep nothing', async () => {
  const samples: DeviceSample[] = [];
  for await (const sample of soakSteps(200, 50)) samples.push(sample);
  for (const count of COUNTS) {
    expect(new Set(samples.map((sample) => sample[count])).size, count).toBe(1);
  }
});

test('devices that were destroyed are collected', async () => {
  const samples: OpeningSample[] = [];
  for await (const sample of soakDevices(6, 3)) samples.push(sample);
  expect(samples.map(({ done }) => done)).toEqual([3, 6]);
  expect(samples.at(-1)!.kept).toBeLessThanOrEqual(2);
});

test('growth compares medians, so that a single jump is none', () => {
  const samples = [900, 900, 900, 10, 99, 14, 16, 18, 20].map((rss, done) => ({ done, rss, heap: 7 }));
  expect(growth(samples, 'rss')).toBe(18 - 14);
  expect(growth(samples, 'heap')).toBe(0);
});
