import { expect, test } from 'vitest';
import { Conv2D } from '../../src/nn/conv2d.ts';
import { Linear } from '../../src/nn/linear.ts';
import { Random } from '../../src/random.ts';
import { generatorOf, manualSeed } from '../../src/tensor/generator.ts';
import { openTestDevice, testDevice } from '../support/device.ts';

test('a device draws from seed 1, or from the seed that it is given, whatever another one does', async () => {
  const device = await testDevice();
  const other = await openTestDevice();
  expect(generatorOf(device).state).toEqual(new Random(1).state);
  expect(generatorOf(device)).toBe(generatorOf(device));
  generatorOf(device).uint32();
  expect(manualSeed(device, 7).state).toEqual({ seed: 7, stream: 0, drawn: 0 });
  expect(generatorOf(device).state.seed).toBe(7);
  expect(generatorOf(other).state).toEqual({ seed: 1, stream: 0, drawn: 0 });
  other.destroy();
});

test('layers draw from it one after another', async () => {
  const device = await testDevice();
  const values = async (make: (random?: Random) => Conv2D | Linear) =>
    (await make().stateDict()).get('weight')!.data;
  const conv = (random?: Random) =>
    new Conv2D(device, { inChannels: 3, outChannels: 4, kernel: 3, ...(random && { random }) });
  const linear = (random?: Random) =>
    new Linear(device, { inFeatures: 5, outFeatures: 2, ...(random && { random }) });
  manualSeed(device, 9);
  const drawn = [await values(conv), await values(linear)];
  const random = new Random(9);
  expect(drawn).toEqual([await values(() => conv(random)), await values(() => linear(random))]);
});
