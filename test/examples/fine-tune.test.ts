/**
 * @file The example of fine-tuning: a network of a thousand classes becomes one of two.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeWeights } from '../../src/interop/weights.ts';
import { ResNet } from '../../src/nn/resnet.ts';
import { testDevice } from '../support/device.ts';
import { exampleText, makeWorkshop, removeWorkshop, runExample } from '../support/user-programs.ts';

const TEXT = exampleText('fine-tune');

test('the last layer is new and learns, on the features of the others', async () => {
  const folder = makeWorkshop();
  try {
    const model = new ResNet(await testDevice(), { layers: 18, classDim: 1000, seed: 2 });
    const path = join(folder, 'resnet18.pth');
    const config = { layers: 18, classDim: 1000, size: 32, channelOrder: 'rgb' } as const;
    writeFileSync(path, encodeWeights({ config, state: await model.stateDict() }, { format: 'pth' }));
    const text = TEXT.replace('process.argv[2]!', JSON.stringify(path));
    const [first, ...epochs] = (await runExample(folder, 'fine-tune', text)).trim().split('\n');
    expect(first).toBe('ResNet-18; new: out.weight, out.bias');
    expect(Number(epochs.at(-1)!.split(' ')[2])).toBeGreaterThanOrEqual(0.9);
  } finally {
    removeWorkshop(folder);
  }
});
