import { describe, expect, test } from 'vitest';
import { FoveaError } from '../../src/errors.ts';
import { chooseStopwatch, sampler } from '../../src/tune/stopwatch.ts';
import { testDevice } from '../support/device.ts';

const device = await testDevice();
const { info } = device;

/** Says that the device has timestamps, and that its kernels have taken `times` by them, in milliseconds. */
function tell(times: readonly number[], features: readonly string[] = ['timestamp-query']): void {
  Object.defineProperty(device, 'info', { value: { ...info, features } });
  device.trace = () =>
    Promise.resolve(times.map((milliseconds) => ({ name: 'fill', start: 0, milliseconds })));
}

describe('what is timed by', () => {
  test.each([
    ['timestamps that are fine', [0.0201, 0.0204, 0.0204, 0.0199], 'timestamps'],
    ['timestamps in steps of 0.1 ms', [0, 0.1, 0, 0, 0.1, 0.1], 'clock'],
    ['timestamps in steps of 2¹⁶ ns', [0.065536, 0.131072, 0.065536], 'clock'],
    ['timestamps that do not move', [0, 0, 0], 'clock'],
    ['timestamps that are not given', [], 'clock'],
  ] as const)('%s', async (_, times, kind) => {
    tell(times);
    const stopwatch = await chooseStopwatch(device);
    expect(stopwatch.kind).toBe(kind);
    expect(stopwatch.error).toBeLessThanOrEqual(1 / 50);
  });

  test('timestamps that are promised and refused', async () => {
    tell([]);
    device.trace = () => Promise.reject(new FoveaError('unsupported', 'all timestamps are zero'));
    expect((await chooseStopwatch(device)).kind).toBe('clock');
    device.trace = () => Promise.reject(new FoveaError('device-lost', 'the device was lost'));
    await expect(chooseStopwatch(device)).rejects.toMatchObject({ code: 'device-lost' });
  });

  test('an adapter without timestamps is asked for none', async () => {
    tell([0.02, 0.0201], []);
    expect((await chooseStopwatch(device)).kind).toBe('clock');
  });
});

/** A clock that moves in steps, and a device on which a run takes `milliseconds`, a wait another 0.3. */
function standIn(milliseconds: number, step: number) {
  let time = 0;
  let reads = 0;
  tell([]);
  device.finished = () => {
    time += 0.3;
    return Promise.resolve();
  };
  // Reading it takes a microsecond, so that its step can be found.
  const now = () => Math.floor((time + reads++ * 0.001) / step) * step;
  let runs = 0;
  const run = () => {
    runs++;
    time += milliseconds;
  };
  return { now, run, runs: () => runs };
}

describe('by the clock', () => {
  test.each([
    ['a short run on a fine clock', 0.05, 0.001],
    ['a short run on a clock of 0.1 ms', 0.05, 0.1],
    ['a short run on a clock of 1 ms', 0.1, 1],
    ['a long run on a clock of 1 ms', 90, 1],
  ])('%s is repeated until the clock’s step is little', async (_, milliseconds, step) => {
    const { now, run } = standIn(milliseconds, step);
    const stopwatch = await chooseStopwatch(device, now);
    expect(stopwatch.shortest).toBe(Math.max(10, 50 * step));
    const measured = await sampler(stopwatch, run)();
    const wait = 0.3 / stopwatch.shortest;
    expect(measured / milliseconds).toBeGreaterThan(1 - stopwatch.error);
    expect(measured / milliseconds).toBeLessThan(1 + stopwatch.error + wait);
  });

  test('how often a run is repeated is found once', async () => {
    const { now, run, runs } = standIn(0.1, 0.001);
    const sample = sampler(await chooseStopwatch(device, now), run);
    await sample();
    const first = runs();
    await sample();
    expect(runs() - first).toBeGreaterThanOrEqual(97);
    expect(runs() - first).toBeLessThanOrEqual(130);
  });

  test('a run that the clock does not see ends too', async () => {
    const { run, runs } = standIn(0, 1);
    const stopwatch = { kind: 'clock', shortest: 10, error: 0, time: () => Promise.resolve(0) } as const;
    expect(await sampler(stopwatch, run)()).toBe(0);
    expect(runs()).toBe(0);
  });
});
