/**
 * @file Measures what it costs `fit` to be able to go on when its device is lost.
 */

import type { Device } from '../src/device/device.ts';
import { type NetworkOptions, noiseBatch } from '../src/laboratory/trainer.ts';
import { ResNet } from '../src/nn/resnet.ts';
import { Momentum } from '../src/optim/momentum.ts';
import type { BatchSource } from '../src/train/batch-source.ts';
import { fit } from '../src/train/fit.ts';
import { SHARE } from '../src/train/snapshots.ts';
import { median } from '../src/tune/samples.ts';
import type { Row } from './results.ts';

/** Steps of a run. */
const STEPS = 6;
/** Pairs of runs, one with a snapshot and one without. */
const PAIRS = 9;

/**
 * Rows for a snapshot that is waited for, for one that is read while steps run, and for the share of the time that the latter takes
 * where `fit` takes one as often as the former lets it.
 */
export async function benchSnapshots(device: Device, options: NetworkOptions): Promise<Row[]> {
  const model = new ResNet(device, { layers: options.layers });
  const optimizer = new Momentum({ parameters: model.parameters(), learningRate: 1e-3 });
  const source = endless(options);
  const run = async (every: number) => {
    const start = performance.now();
    const data = { training: source, validation: source };
    await fit({ model, optimizer, ...data, epochs: 1, maxSteps: STEPS, recover: { every } });
    return performance.now() - start;
  };
  await run(STEPS);
  const [without, with_, alone]: [number[], number[], number[]] = [[], [], []];
  let bytes = 0;
  for (let pair = 0; pair < PAIRS; pair++) {
    without.push(await run(2 * STEPS));
    with_.push(await run(1 + STEPS / 2)); // one, in the middle
    const start = performance.now();
    bytes = (await device.snapshot({ except: optimizer.scratch })).bytes;
    alone.push(performance.now() - start);
  }
  optimizer.dispose();
  model.dispose();
  const waited = median(alone);
  const underWay = median(with_.map((time, pair) => time - without[pair]!));
  return [
    { name: `${STEPS} steps and a snapshot at their beginning`, milliseconds: median(without), figures: {} },
    { name: 'a snapshot that is waited for', milliseconds: waited, figures: { MB: bytes / 1e6 } },
    {
      name: 'a snapshot while steps run',
      milliseconds: underWay,
      figures: { '% of the time': (100 * underWay * SHARE) / waited },
    },
  ];
}

/** The same batch for ever. */
function endless(options: NetworkOptions): BatchSource {
  const batch = noiseBatch(options);
  return {
    length: Number.MAX_SAFE_INTEGER,
    async *epoch() {
      for (let index = 0; ; index++) yield { ...batch, index };
    },
  };
}
