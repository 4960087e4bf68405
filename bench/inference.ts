/**
 * @file Measures inference: the logits of a batch, running statistics in use.
 */

import { noGrad } from '../src/autograd/graph.ts';
import { normalizeImages } from '../src/autograd/ops.ts';
import type { Device } from '../src/device/device.ts';
import { timeOnce } from '../src/laboratory/time-once.ts';
import { type NetworkOptions, noiseBatch } from '../src/laboratory/trainer.ts';
import { ResNet } from '../src/nn/resnet.ts';
import { scope } from '../src/tensor/scope.ts';
import { uploadImages } from '../src/train/photographs.ts';
import { median } from '../src/tune/samples.ts';
import type { Row } from './results.ts';
import { RUNS } from './timing.ts';

/** Rows for the first batch, which compiles, and for later ones. */
export async function benchInference(device: Device, options: NetworkOptions): Promise<Row[]> {
  const model = new ResNet(device, { layers: options.layers }).eval();
  const batch = noiseBatch(options);
  const compute = () =>
    scope(device, () => {
      noGrad(device, () => model(normalizeImages(uploadImages(device, batch))));
    });
  const first = await timeOnce(device, compute);
  const before = device.statistics;
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) times.push(await timeOnce(device, compute));
  const dispatches = (device.statistics.dispatches - before.dispatches) / RUNS;
  const milliseconds = median(times);
  model.dispose();
  return [
    { name: 'first batch', milliseconds: first, figures: {} },
    {
      name: 'batch',
      milliseconds,
      figures: {
        'images/s': options.batch / (milliseconds / 1e3),
        dispatches,
        'MB at the peak': before.peakBytesInUse / 1e6,
      },
    },
  ];
}
