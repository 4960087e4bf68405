/**
 * @file Measures the JavaScript of training steps alone, on Dawn's null backend: it takes every command and computes
 * nothing.
 */

import type { Device } from '../src/device/device.ts';
import { type NetworkOptions, Trainer } from '../src/laboratory/trainer.ts';
import { openDevice } from '../src/tensor/open-device.ts';
import { median } from '../src/tune/samples.ts';
import { nullAdapters } from './null-adapters.ts';
import type { Row } from './results.ts';

/** Steps until the code is compiled by its best compiler, and measured ones. */
const WARM_UP = 100;
const STEPS = 300;

/** Rows for the median and the least time of a step's JavaScript, by the kernels that `device`'s adapter is given. */
export async function benchJavascript({ info }: Device, options: NetworkOptions): Promise<Row[]> {
  const device = await openDevice(nullAdapters(info));
  const trainer = new Trainer(device, options);
  await trainer.prepare();
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + STEPS; i++) {
    const start = performance.now();
    trainer.step();
    times.push(performance.now() - start);
    await device.finished();
  }
  trainer.dispose();
  device.destroy();
  const measured = times.slice(WARM_UP);
  return [
    { name: 'median', milliseconds: median(measured), figures: {} },
    { name: 'least', milliseconds: Math.min(...measured), figures: {} },
  ];
}
