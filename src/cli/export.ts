/**
 * @file `fovea export`
 */

import { Command, Option } from 'commander';
import { PREPROCESSINGS } from '../data/preprocessing.ts';
import type { AdapterKind } from '../device/adapter-source.ts';
import { type OnnxOptions, toOnnx } from '../interop/onnx/to-onnx.ts';
import { writeFileAtomic } from '../io/write-file.ts';
import { type ModelConfig, modelOfCheckpoint } from '../train/checkpoint.ts';
import { adapter, checkOutput } from './arguments.ts';
import { classesOf, loadClassifier } from './load-classifier.ts';
import { openDevice } from './open-device.ts';
import { print } from './output.ts';

interface Options {
  readonly preprocessing: 'inside' | 'outside';
  readonly adapter: AdapterKind;
}

/** The command `export`. */
export const exportCommand = new Command('export')
  .description('write the network of a checkpoint as an ONNX file, for other runtimes')
  .argument('<checkpoint>', 'checkpoint that `fovea train` wrote')
  .argument('<out.onnx>', 'file to write')
  .addOption(
    new Option(
      '--preprocessing <where>',
      'inside: it takes RGB bytes [batch, height, width, 3]; outside: the numbers that the network takes',
    )
      .choices(['inside', 'outside'])
      .default('outside'),
  )
  .option('--adapter <kind>', 'auto, hardware or software', adapter, 'auto')
  .action(async (path: string, out: string, options: Options) => {
    await checkOutput('out.onnx', out);
    const checkpoint = await loadClassifier(path, 'checkpoint');
    const { config } = checkpoint;
    const device = await openDevice(options.adapter);
    try {
      const model = modelOfCheckpoint(device, checkpoint);
      const bytes = await toOnnx(model, onnxOptionsOf(config, options.preprocessing === 'inside'));
      await writeFileAtomic(out, bytes);
      print(`${out}: ResNet-${config.layers}, ${(bytes.length / 2 ** 20).toFixed(1)} MiB`);
    } finally {
      device.destroy();
    }
  });

/** How the network of a checkpoint is exported; what a caller must know of its input stands in the metadata. */
function onnxOptionsOf(config: ModelConfig, inside: boolean): OnnxOptions {
  const { size, channelOrder: order, preprocessing = 'original', layers } = config;
  const { normalization } = PREPROCESSINGS[preprocessing];
  return {
    inputShape: [3, size, size],
    ...(inside && { preprocessing: { order, normalization } }),
    metadata: {
      architecture: `ResNet-${layers}`,
      classes: JSON.stringify(classesOf(config)),
      size: String(size),
      ...(inside
        ? { preprocessing: 'inside', channelOrder: 'rgb' }
        : {
            ...{ preprocessing, channelOrder: order },
            ...{ mean: JSON.stringify(normalization.mean), std: JSON.stringify(normalization.std) },
          }),
    },
  };
}
