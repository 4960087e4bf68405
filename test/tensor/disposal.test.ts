/**
 * @file What frees tensors without being asked line by line: `using`, open scopes; and the warning where nothing does.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { add } from '../../src/autograd/ops/elementwise.ts';
import type { Device } from '../../src/device/device.ts';
import { createDevice } from '../../src/index.ts';
import { tensor, zeros } from '../../src/tensor/create.ts';
import { MANY_TENSORS } from '../../src/tensor/leak-warning.ts';
import { keep, openScope, scope, tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';

const warnings: string[] = [];
let device: Device;
beforeAll(async () => {
  device = await createDevice({ onWarning: (message) => warnings.push(message) });
});
afterAll(() => device.destroy());

const live = () => tensorStatistics(device).tensors;

test('`using` disposes a tensor at the end of the block, also of one that throws', () => {
  const before = live();
  let x: Tensor | undefined;
  expect(() => {
    using y = tensor(device, [1, 2]);
    x = y;
    throw new Error('in the block');
  }).toThrow('in the block');
  expect(x?.disposed).toBe(true);
  expect(live()).toBe(before);
});

test('`using` destroys a device', async () => {
  let other: Device;
  {
    using opened = await createDevice();
    other = opened;
  }
  expect(() => zeros(other, [1])).toThrow(/the device was destroyed/);
});

test('an open scope frees what a block made, over its waits, but for what is kept', async () => {
  const before = live();
  let kept: Tensor;
  {
    using _ = openScope(device);
    const x = tensor(device, [1, 2]);
    expect(await add(x, 1).data()).toEqual(Float32Array.of(2, 3));
    kept = keep(add(x, 2));
    scope(device, () => void add(x, 3));
    expect(live()).toBe(before + 3);
  }
  expect(live()).toBe(before + 1);
  expect(await kept.data()).toEqual(Float32Array.of(3, 4));
  kept.dispose();
});

test('open scopes close once, and the one opened last first', () => {
  const outer = openScope(device);
  const inner = openScope(device);
  const x = zeros(device, [1]);
  expect(() => outer.dispose()).toThrow(/must not overlap/);
  inner.dispose();
  inner.dispose();
  expect(x.disposed).toBe(true);
  outer.dispose();
});

test('thousands of tensors outside of scopes are told once, with their number and the place', () => {
  const made: Tensor[] = [];
  const make = () => made.push(zeros(device, [1]));
  const before = live();
  scope(device, () => {
    for (let i = 0; i <= MANY_TENSORS; i++) made.push(zeros(device, [1]));
  });
  expect(warnings).toEqual([]);
  expect(live()).toBe(before);
  for (let i = before; i < MANY_TENSORS; i++) make();
  expect(warnings).toEqual([]);
  make();
  make();
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(`${MANY_TENSORS + 1} tensors live outside of any scope`);
  expect(warnings[0]).toMatch(/made here:\n(.*\n)*.*tensor\/create\.ts:\d+:\d+/);
  for (const x of made) x.dispose();
});
