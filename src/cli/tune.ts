/**
 * @file `fovea tune`
 */

import { Command } from 'commander';
import { noGrad } from '../autograd/graph.ts';
import { normalizeImages } from '../autograd/ops.ts';
import type { Batch } from '../data/data-loader.ts';
import type { AdapterKind } from '../device/adapter-source.ts';
import type { Device } from '../device/device.ts';
import { RESNET_LAYERS, ResNet, type ResNetLayers } from '../nn/resnet.ts';
import { Momentum } from '../optim/momentum.ts';
import { uploadImages } from '../train/photographs.ts';
import { rehearseStep } from '../train/step.ts';
import { convolutionsOf, tuneInto } from '../tune/tune.ts';
import { tuningKeyOf } from '../tune/tuning-key.ts';
import { nodeTuningStore, tuningFile } from '../tune/tuning-store-node.ts';
import { adapter, integer, layers, positive } from './arguments.ts';
import { listenForInterrupt } from './interrupt.ts';
import { openDevice } from './open-device.ts';
import { print } from './output.ts';
import { TuneDisplay } from './tune-display.ts';

interface Options {
  readonly layers: ResNetLayers;
  readonly size: number;
  readonly batch: number;
  readonly inference?: boolean;
  readonly adapter: AdapterKind;
  readonly budget?: number;
}

/** The command `tune`. */
export const tuneCommand = new Command('tune')
  .description('measure which convolution kernels are fastest on this adapter, and use them in later runs')
  .option('--layers <n>', `layers of the ResNet: ${RESNET_LAYERS.join(', ')}`, layers, 50)
  .option('--size <pixels>', 'side of the images', integer(32, 4096), 224)
  .option('--batch <n>', 'photographs per batch', integer(1), 10)
  .option('--inference', 'tune for prediction only, not for training')
  .option('--adapter <kind>', 'auto, hardware or software', adapter, 'auto')
  .option(
    '--budget <seconds>',
    'stop after so many seconds; the most expensive convolutions come first',
    positive,
  )
  .action(async (options: Options) => {
    const device = await openDevice(options.adapter);
    const interrupt = listenForInterrupt((signal) => {
      print(`${signal}: stopping; what was decided is kept. A second signal stops at once.`);
    });
    try {
      await tune(device, options, interrupt.signal);
    } finally {
      interrupt.release();
      device.destroy();
    }
    process.exitCode = interrupt.exitCode;
  });

/** Tunes and prints what is found, until all is decided, the budget is spent or `signal` is aborted. */
async function tune(device: Device, options: Options, signal: AbortSignal): Promise<void> {
  const { budget } = options;
  const work = networkWork(device, options);
  const display = new TuneDisplay();
  const tuned = await tuneInto(nodeTuningStore, device, work, {
    signal,
    ...(budget !== undefined && { budget }),
    onProgress: (progress) => display.progress(progress),
    onPass: (pass, done, total) => display.pass(pass, done, total),
  }).finally(() => display.stop());
  const changed = tuned.filter(({ chosen, heuristic }) => chosen !== heuristic).length;
  const total = convolutionsOf(device, work).length;
  print('');
  if (tuned.length < total) print(`Stopped: ${total - tuned.length} of ${total} passes are as they were.`);
  print(`${changed} of ${tuned.length} passes run faster by kernels other than the heuristics chose.`);
  print(`Kept in ${tuningFile(tuningKeyOf(device.info).adapter)}`);
}

/** A training step, or the evaluation of a batch. */
function networkWork(device: Device, { layers, size, batch, inference }: Options): () => void {
  const model = new ResNet(device, { layers });
  const images: Batch = {
    images: new Uint8Array(batch * size * size * 3),
    labels: new Float32Array(batch),
    names: Array.from({ length: batch }, (_, i) => `${i}`),
    size,
    index: 0,
  };
  if (inference) {
    model.eval();
    return () => noGrad(device, () => void model(normalizeImages(uploadImages(device, images))));
  }
  const optimizer = new Momentum({ parameters: model.parameters(), learningRate: 0 });
  return () => rehearseStep(model, optimizer, images);
}
