import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { add } from '../../src/autograd/ops/elementwise.ts';
import { sum } from '../../src/autograd/ops/reduce.ts';
import { profile } from '../../src/device/profile.ts';
import { zeros } from '../../src/tensor/create.ts';
import { scope } from '../../src/tensor/scope.ts';
import { testDevice } from '../support/device.ts';

test('every dispatch is in the table and in the trace, with the time it took', async () => {
  const device = await testDevice();
  const work = async () => {
    const x = scope(device, () => sum(add(add(zeros(device, [64, 64]), 1), 2)));
    expect(await x.item()).toBe(64 * 64 * 3);
    x.dispose();
  };
  const before = device.statistics.dispatches;
  const result = await profile(device, work);
  const dispatches = device.statistics.dispatches - before;
  expect(result.events).toHaveLength(dispatches);
  const affine = result.kernels.find(({ name }) => /^add/.test(name))!;
  expect(affine.dispatches).toBe(2);
  expect(affine.milliseconds).toBeGreaterThan(0);
  expect(result.kernels.reduce((sum, kernel) => sum + kernel.milliseconds, 0)).toBeCloseTo(
    result.milliseconds,
    9,
  );

  const lines = String(result).split('\n');
  expect(inspect(result)).toBe(String(result));
  expect(lines[0]).toMatch(/^kernel +dispatches +ms +share$/);
  expect(lines).toHaveLength(result.kernels.length + 4);
  expect(lines.at(-1)).toMatch(new RegExp(`^in all +${dispatches} +[\\d.]+ +100\\.0 %$`));

  const { traceEvents } = JSON.parse(result.chromeTrace());
  const complete = traceEvents.filter(({ ph }: { ph: string }) => ph === 'X');
  expect(complete.map(({ name }: { name: string }) => name)).toEqual(result.events.map(({ name }) => name));
  expect(complete[0].ts).toBe(0);
  expect(complete.every(({ dur }: { dur: number }) => dur >= 0)).toBe(true);

  // What comes after it is not measured.
  await work();
  expect(result.events).toHaveLength(dispatches);
});

test('what goes wrong in the work is told, and the device measures no more', async () => {
  const device = await testDevice();
  await expect(profile(device, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(profile(device, 1 as never)).rejects.toThrow(/the work of trace is 1/);
  expect(await device.kernelTimes()).toEqual([]);
});
