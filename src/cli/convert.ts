/**
 * @file `fovea convert`
 */

import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { counted } from '../counted.ts';
import { check } from '../errors.ts';
import { WEIGHT_NAMES, type WeightNames } from '../interop/resnet-names.ts';
import {
  type DecodedWeights,
  encodeWeights,
  USUAL_NAMES,
  usualPreprocessing,
  type WeightFormat,
} from '../interop/weights.ts';
import { writeFileAtomic } from '../io/write-file.ts';
import { LARGEST_SIZE } from '../train/checkpoint.ts';
import { integer, positive } from './arguments.ts';
import { convertOptimizer } from './convert-optimizer.ts';
import { print } from './output.ts';
import { readWeights } from './read-weights.ts';

/** timm names the weights of its ResNets as torchvision does. */
const NAMES: Readonly<Record<string, WeightNames>> = {
  ...Object.fromEntries(WEIGHT_NAMES.map((names) => [names, names])),
  timm: 'torchvision',
};
const NAMES_LIST = Object.keys(NAMES).join(', ');

const FORMATS: Readonly<Record<string, WeightFormat>> = {
  '.safetensors': 'safetensors',
  '.pdparams': 'pdparams',
  '.pth': 'pth',
  '.pt': 'pth',
};

/** What Paddle's optimizers remember. */
const OPTIMIZER = '.pdopt';

interface Options {
  readonly from?: WeightNames;
  readonly to?: WeightNames | 'checkpoint';
  readonly size?: number;
  readonly lr?: number;
  readonly force?: boolean;
}

/** The command `convert`. */
export const convertCommand = new Command('convert')
  .description('convert the weights of a ResNet between fovea, PyTorch and Paddle')
  .argument('<in>', 'checkpoint, .safetensors, .pdparams, .pth or .pt; what it holds is told by its contents')
  .argument(
    '<out>',
    'file to write, of the format that its extension says: .safetensors, .pdparams, .pth or .pt; or .pdopt, what Momentum remembers of a training',
  )
  .option('--from <names>', `refuse an <in> whose names are not these: ${NAMES_LIST}`, namesOf)
  .option(
    '--to <names>',
    `names in <out>: ${NAMES_LIST}; or checkpoint, which fovea predict reads. By default a .safetensors is a checkpoint, unless <in> is one`,
    (text) => (text === 'checkpoint' ? text : namesOf(text)),
  )
  .option('--size <pixels>', 'side of the images that the network takes', integer(32, LARGEST_SIZE))
  .option(
    '--lr <rate>',
    'of a .pdopt, the rate of the next update (default: that which the training began with)',
    positive,
  )
  .option('--force', 'write <out> even if it exists')
  .action(async (input: string, output: string, options: Options) => {
    const ending = extname(output).toLowerCase();
    const extension = FORMATS[ending];
    check(extension !== undefined || ending === OPTIMIZER, 'invalid-argument', () => {
      return `${output}: the extension must be one of ${[...Object.keys(FORMATS), OPTIMIZER].join(', ')}.`;
    });
    checkUses(options, extension === undefined ? ['lr'] : ['from', 'to', 'size'], output);
    await checkFree(output, options.force ?? false);
    if (extension === undefined) return convertOptimizer(input, output, options.lr);
    const weights = await readWeights('<in>', input);
    const { from, size = weights.config.size } = options;
    check(from === undefined || from === weights.names, 'invalid-argument', () => {
      return `${input} has ${weights.names} names, not ${from}: leave --from out, or give another file.`;
    });
    const { format, names } = target(extension, weights, options.to);
    const config = { ...weights.config, size };
    const bytes = encodeWeights({ config, state: weights.state }, { format, names });
    await writeFileAtomic(output, bytes);
    print(describeWeights(input, weights));
    print(`${output}: ${format}, ${names} names, ${(bytes.length / 2 ** 20).toFixed(1)} MiB`);
    const { classes, preprocessing } = config;
    if (format !== 'pdparams') print(`Kept with it: ${describeConfig(config)}`);
    else if (classes || preprocessing !== usualPreprocessing(names))
      print(`A .pdparams has no place for what the network takes: ${describeConfig(config)}`);
  });

/** What a file holds, in a line. */
function describeWeights(path: string, { format, names, config, passedOver }: DecodedWeights): string {
  const ignored =
    passedOver.length > 0
      ? `; ignored: ${passedOver.slice(0, 5).join(', ')}${passedOver.length > 5 ? ` and ${passedOver.length - 5} more` : ''}`
      : '';
  return `${path}: ${format}, ResNet-${config.layers} with ${counted(config.classDim, 'output')}, ${names} names${ignored}`;
}

function describeConfig({ size, preprocessing = 'original', classes }: DecodedWeights['config']): string {
  return `images of ${size}×${size}, preprocessing ${preprocessing}${classes ? `, classes ${classes.join(', ')}` : ''}`;
}

function target(
  extension: WeightFormat,
  { format: from }: DecodedWeights,
  to: Options['to'],
): { format: WeightFormat; names: WeightNames } {
  const asCheckpoint = to === 'checkpoint' || (to === undefined && from !== 'checkpoint');
  const format = extension === 'safetensors' && asCheckpoint ? 'checkpoint' : extension;
  check(to !== 'checkpoint' || format === 'checkpoint', 'invalid-argument', () => {
    return `--to checkpoint: checkpoints are .safetensors files, not ${extension}.`;
  });
  return { format, names: to === undefined || to === 'checkpoint' ? USUAL_NAMES[format] : to };
}

/** Throws 'invalid-argument' for an option that says nothing about `output`. */
function checkUses({ force, ...given }: Options, used: readonly (keyof Options)[], output: string): void {
  const idle = (Object.keys(given) as (keyof typeof given)[]).find((name) => !used.includes(name));
  check(idle === undefined, 'invalid-argument', () => `--${idle} does not go with ${output}: leave it out.`);
}

async function checkFree(path: string, force: boolean): Promise<void> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  check(force || !exists, 'invalid-argument', () => `${path} exists: name another file, or give --force.`);
}

function namesOf(text: string): WeightNames {
  if (Object.hasOwn(NAMES, text)) return NAMES[text]!;
  throw new InvalidArgumentError(`Choose one of ${NAMES_LIST}.`);
}
