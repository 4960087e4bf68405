/**
 * @file Compares Grad-CAM with pytorch-grad-cam's on ResNets of the same weights: `npx tsx scripts/interop/grad-cam.ts FILE.json`, where
 * grad_cam.py wrote the file.
 */

import { readFileSync } from 'node:fs';
import { nodeAdapters } from '../../src/device/node/adapters.ts';
import { ResNet, type ResNetLayers } from '../../src/nn/resnet.ts';
import { openDevice } from '../../src/tensor/open-device.ts';
import { compareMaps, type Reference } from '../../test/explain/pytorch-grad-cam.ts';

const [file] = process.argv.slice(2);
if (!file) throw new Error('give the file that grad_cam.py wrote');
const references = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Reference>;
const device = await openDevice(nodeAdapters);
for (const [name, reference] of Object.entries(references)) {
  const layers = Number(/\d+/.exec(name)?.[0]) as ResNetLayers;
  const model = new ResNet(device, { layers, classDim: reference.classDim });
  for (const [layer, difference] of Object.entries(await compareMaps(model, reference)))
    console.log(`${name}, ${reference.size}², ${layer}: at most ${difference.toExponential(1)} of 1`);
  model.dispose();
}
device.destroy();
