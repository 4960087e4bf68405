import { afterEach, beforeEach, expect, test } from 'vitest';
import { add, multiply } from '../../src/autograd/ops.ts';
import { FoveaError } from '../../src/errors.ts';
import { tensor, zeros } from '../../src/tensor/create.ts';
import { tensorStatistics } from '../../src/tensor/scope.ts';
import { Tensor } from '../../src/tensor/tensor.ts';
import { LosableDevice } from '../support/losable-device.ts';

let losable: LosableDevice;
beforeEach(async () => {
  losable = await LosableDevice.open();
});
afterEach(() => losable.device.destroy());

/** Loses the device, and waits until that is known. */
async function lose(): Promise<void> {
  losable.lose();
  await expect(losable.device.finished()).rejects.toMatchObject({ code: 'device-lost' });
}

test('what a snapshot knows is there again, bit for bit, and computes', async () => {
  const { device } = losable;
  const values = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i));
  const bits = new Uint32Array(values.buffer);
  bits[7] = 0x7fc12345; // a NaN with a payload
  const x = tensor(device, values);
  const small = [1, 2, 3].map((value) => tensor(device, [value]));
  const snapshot = await device.snapshot();
  expect(snapshot.bytes).toBeGreaterThanOrEqual(4000);
  const later = multiply(x, 2);
  const written = small[0]!;
  device.clear(written.writable());
  await lose();
  expect(device.isLost).toBe(true);
  await device.reopen(snapshot);
  expect(device.isLost).toBe(false);
  expect(new Uint32Array((await x.data()).buffer)).toEqual(bits);
  expect(await Promise.all(small.map((one) => one.item()))).toEqual([1, 2, 3]);
  expect(await add(small[0]!, small[2]!).item()).toBe(4);
  // What came after the snapshot is gone, and says so until it is disposed.
  const gone = { code: 'device-lost', message: expect.stringContaining('make that tensor anew') };
  await expect(later.data()).rejects.toMatchObject(gone);
  expect(() => add(later, 1)).toThrow(expect.objectContaining(gone));
  const { tensors } = tensorStatistics(device);
  later.dispose();
  later.dispose();
  expect(tensorStatistics(device).tensors).toBe(tensors - 1);
});

test('a snapshot is of the moment of its call, whatever is recorded while it is read', async () => {
  const { device } = losable;
  const x = tensor(device, [1, 2]);
  const taking = device.snapshot();
  device.upload(x.writable(), new Float32Array([3, 4]));
  const snapshot = await taking;
  await lose();
  await device.reopen(snapshot);
  expect([...(await x.data())]).toEqual([1, 2]);
});

test('memory that was given back is not given to who holds it now', async () => {
  const { device } = losable;
  const old = tensor(device, [1, 2, 3, 4]);
  const { buffer } = old.slice;
  const snapshot = await device.snapshot();
  old.dispose();
  const next = tensor(device, [5, 6, 7, 8]);
  expect(next.slice.buffer).toBe(buffer);
  await lose();
  await device.reopen(snapshot);
  await expect(next.data()).rejects.toMatchObject({ code: 'device-lost' });
});

test('what need not be kept comes back as zeros', async () => {
  const { device } = losable;
  const [kept, scratch] = [tensor(device, [1, 2]), tensor(device, [3, 4])];
  const snapshot = await device.snapshot({ except: [scratch.slice] });
  await lose();
  await device.reopen(snapshot);
  expect([[...(await kept.data())], [...(await scratch.data())]]).toEqual([
    [1, 2],
    [0, 0],
  ]);
});

test('it can be lost again, and go back to the same snapshot', async () => {
  const { device } = losable;
  const x = tensor(device, [1, 2]);
  const snapshot = await device.snapshot();
  for (let loss = 0; loss < 3; loss++) {
    await lose();
    await device.reopen(snapshot);
    expect([...(await multiply(x, 3).data())]).toEqual([3, 6]);
    device.clear(x.writable());
  }
  expect(losable.opened).toBe(4);
});

test('the memory that is counted is that which is there', async () => {
  const { device } = losable;
  const [x, y] = [zeros(device, [1000]), zeros(device, [1000])];
  const snapshot = await device.snapshot();
  const z = zeros(device, [1000]);
  const before = device.statistics;
  await lose();
  await device.reopen(snapshot);
  expect(device.statistics).toMatchObject({
    bytesInUse: (before.bytesInUse / 3) * 2,
    bytesIdle: 0,
    buffersInUse: 2,
    pipelinesCreated: 0,
  });
  for (const one of [x, y, z]) one.dispose();
  expect(device.statistics).toMatchObject({ bytesInUse: 0, buffersInUse: 0, buffersIdle: 2 });
});

test('what was asked for before the loss rejects, also when the device was opened again meanwhile', async () => {
  const { device } = losable;
  const x = tensor(device, [1, 2]);
  const asked = Promise.allSettled([x.data(), device.finished(), device.snapshot()]);
  losable.lose();
  await Promise.allSettled([device.finished()]);
  if (device.isLost) await device.reopen();
  // Dawn may have been done with some of it.
  for (const outcome of await asked)
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'device-lost' });
  await device.finished();
});

test('a device that was not lost, or that its user destroyed, is not opened again', async () => {
  const { device } = losable;
  await expect(device.reopen()).rejects.toMatchObject({ code: 'invalid-argument' });
  await lose();
  device.destroy();
  expect(device.isLost).toBe(false);
  await expect(device.reopen()).rejects.toMatchObject({ code: 'device-lost' });
  expect(losable.opened).toBe(1);
});

test('another adapter is refused by both names, and the first may come back', async () => {
  const { device } = losable;
  const x = tensor(device, [1]);
  const snapshot = await device.snapshot();
  await lose();
  losable.onRequest(() => {
    throw new FoveaError('no-adapter', 'none now');
  });
  await expect(device.reopen(snapshot)).rejects.toMatchObject({ code: 'no-adapter' });
  expect(device.isLost).toBe(true);
  losable.onRequest(() => {});
  losable.pretend('another GPU');
  await expect(device.reopen(snapshot)).rejects.toMatchObject({
    code: 'no-adapter',
    message: expect.stringMatching(/of the adapter '.+', but now there is 'another GPU'/),
  });
  losable.pretend(undefined);
  await device.reopen(snapshot);
  expect(await x.item()).toBe(1);
  expect(x).toBeInstanceOf(Tensor);
});

test('no room for the copies is told, and the device goes on', async () => {
  const { device } = losable;
  const x = tensor(device, [1, 2]);
  losable.refuseMemory(true);
  await expect(device.snapshot()).rejects.toMatchObject({ code: 'out-of-memory' });
  losable.refuseMemory(false);
  expect([...(await x.data())]).toEqual([1, 2]);
  await expect(device.snapshot()).resolves.toBeDefined();
});
