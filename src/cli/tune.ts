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
import type { Conv2dGeometry } from '../shape/conv2d.ts';
import { uploadImages } from '../train/objective.ts';
import { rehearseStep } from '../train/step.ts';
import { type TunedPass, timeOf, tuneInto } from '../tune/tune.ts';
import { nodeTuningStore, tuningFile } from '../tune/tuning-store-node.ts';
import { tuningKeyOf } from '../tune/tuning-table.ts';
import { adapter, integer, layers } from './arguments.ts';
import { openDevice } from './open-device.ts';
import { print } from './output.ts';

interface Options {
  readonly layers: ResNetLayers;
  readonly size: number;
  readonly batch: number;
  readonly inference?: boolean;
  readonly adapter: AdapterKind;
}

/** The command `tune`. */
export const tuneCommand = new Command('tune')
  .description('measure which convolution kernels are fastest on this adapter, and use them in later runs')
  .option('--layers <n>', `layers of the ResNet: ${RESNET_LAYERS.join(', ')}`, layers, 50)
  .option('--size <pixels>', 'side of the images', integer(32, 4096), 224)
  .option('--batch <n>', 'photographs per batch', integer(1), 10)
  .option('--inference', 'tune for prediction only, not for training')
  .option('--adapter <kind>', 'auto, hardware or software', adapter, 'auto')
  .action(async (options: Options) => {
    const device = await openDevice(options.adapter);
    try {
      const tuned = await tuneInto(nodeTuningStore, device, networkWork(device, options), {
        onPass: (pass, done, total) => print(`${done}/${total}  ${passLine(pass)}`),
      });
      const changed = tuned.filter(({ chosen, heuristic }) => chosen !== heuristic).length;
      print('');
      print(`${changed} of ${tuned.length} passes run faster by kernels other than the heuristics chose.`);
      print(`Kept in ${tuningFile(tuningKeyOf(device.info).adapter)}`);
    } finally {
      device.destroy();
    }
  });

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

/** What was found for a pass, the fastest first. */
function passLine({ pass, geometry, heuristic, chosen, candidates }: TunedPass): string {
  const times = candidates
    .toSorted((a, b) => timeOf(a) - timeOf(b))
    .map(({ algorithm, milliseconds, error }) =>
      milliseconds === undefined
        ? `${algorithm} wrong, relative error ${error.toExponential(1)}`
        : `${algorithm} ${milliseconds.toPrecision(3)} ms`,
    );
  const instead = chosen === heuristic ? '' : ` instead of ${heuristic}`;
  return `${describeConvolution(geometry)} ${pass}: ${chosen}${instead} (${times.join(', ')})`;
}

/** Such as `10×64×56×56 → 64, 3×3, stride 1`. */
function describeConvolution(g: Conv2dGeometry): string {
  const input = [g.batch, g.inChannels, g.inHeight, g.inWidth].join('×');
  const groups = g.groups === 1 ? '' : `, ${g.groups} groups`;
  return `${input} → ${g.outChannels}, ${g.kernelHeight}×${g.kernelWidth}, stride ${g.strideY}${groups}`;
}
