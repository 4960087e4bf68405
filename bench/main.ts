/**
 * @file `npm run bench -- [conv|step|data|submits|javascript|snapshots|inference|serve|own-op] [options]`: measures convolutions (the default),
 * training steps, their submits, their JavaScript alone, snapshots against the loss of the device, inference, a server or an op
 * of a user's, and prints a table. How to measure: NOTES.md.
 */

import { Command, InvalidArgumentError, Option } from 'commander';
import type { AdapterKind } from '../src/device/adapter-source.ts';
import type { Device } from '../src/device/device.ts';
import { nodeAdapters } from '../src/device/node/adapters.ts';
import { FoveaError } from '../src/errors.ts';
import { PASSES, type Pass } from '../src/kernels/conv2d/passes.ts';
import { CONV_CASES } from '../src/laboratory/resnet-convolutions.ts';
import type { NetworkOptions } from '../src/laboratory/trainer.ts';
import { RESNET_LAYERS, type ResNetLayers } from '../src/nn/resnet.ts';
import { openDevice } from '../src/tensor/open-device.ts';
import { benchConv2d, type ConvOptions } from './conv2d.ts';
import { NAMES } from './conv2d-algorithms.ts';
import { benchData, type DataOptions } from './data.ts';
import { benchInference } from './inference.ts';
import { benchJavascript } from './javascript.ts';
import { benchOwnOp } from './own-op.ts';
import { describeRun, type Row, readResults, writeResults } from './results.ts';
import { benchServe } from './serve.ts';
import { benchSnapshots } from './snapshots.ts';
import { benchStep, benchStepKernels } from './step.ts';
import { benchSubmits } from './submits.ts';
import { formatComparison, formatResults } from './table.ts';

interface CommonOptions {
  readonly adapter: AdapterKind;
  readonly json?: string;
  readonly compare?: string;
}

/** A command with the options that all have. */
function benchmark(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(
      new Option('--adapter <kind>', 'which adapter')
        .choices(['auto', 'hardware', 'software'])
        .default('auto'),
    )
    .option('--json <file>', 'write the results')
    .option('--compare <file>', 'set the results beside those of an earlier run');
}

/** A command on a whole network. */
function networkBenchmark(name: string, description: string, size: number, batch: number): Command {
  return benchmark(name, description)
    .option('--size <pixels>', 'side of the images', whole, size)
    .option('--batch <n>', 'images a batch', whole, batch)
    .option('--layers <n>', `layers of the ResNet: ${RESNET_LAYERS.join(', ')}`, whole, 50);
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

/** Parses names, separated by commas, out of `known`. */
function namesOf<Name extends string>(known: readonly Name[]): (text: string) => Name[] {
  return (text) =>
    text.split(',').map((name) => {
      const found = known.find((other) => other === name);
      if (!found) throw new InvalidArgumentError(`Choose among ${known.join(', ')}.`);
      return found;
    });
}

/** Measures, prints and writes. */
async function runBenchmark(
  name: string,
  { adapter, json, compare }: CommonOptions,
  measure: (device: Device) => Promise<Row[]>,
): Promise<void> {
  const earlier = compare === undefined ? undefined : readResults(compare, name);
  const device = await openDevice(nodeAdapters, { adapter });
  console.error(`Adapter: ${device.info.name}`);
  const results = describeRun(name, device, await measure(device));
  device.destroy();
  console.log(formatResults(results));
  if (earlier) console.log(`\n${formatComparison(earlier, results)}`);
  if (json !== undefined) await writeResults(json, results);
}

const caseNames = Object.keys(CONV_CASES);
const conv = benchmark('conv', 'convolutions one by one, each pass alone')
  .option('--batch <n>', 'images a batch', whole, 2)
  .option<string[]>('--case <names>', 'which cases, separated by commas', namesOf(caseNames), caseNames)
  .option<Pass[]>('--pass <names>', 'which passes, separated by commas', namesOf(PASSES), [...PASSES])
  .addOption(new Option('--algorithm <name>', 'which kernels').choices(NAMES).default('auto'))
  .action(
    (options: CommonOptions & Omit<ConvOptions, 'cases' | 'passes'> & { case: string[]; pass: Pass[] }) =>
      runBenchmark('conv', options, (device) =>
        benchConv2d(device, { ...options, cases: options.case, passes: options.pass }),
      ),
  );

type NetworkCommandOptions = CommonOptions & NetworkOptions & { readonly layers: ResNetLayers };

const step = networkBenchmark('step', 'training steps of a whole ResNet', 64, 4).action(
  (options: NetworkCommandOptions) =>
    runBenchmark('step', options, async (device) => [
      ...(await benchStep(device, options)),
      ...(await benchStepKernels(device, device.info.software ? 'software' : 'hardware', options)),
    ]),
);

const submits = networkBenchmark(
  'submits',
  'how long each submit of a training step keeps the adapter busy',
  224,
  10,
).action((options: NetworkCommandOptions) =>
  runBenchmark('submits', options, (device) => benchSubmits(device, options)),
);

const javascript = networkBenchmark(
  'javascript',
  'training steps without a GPU: what their JavaScript takes',
  64,
  4,
).action((options: NetworkCommandOptions) =>
  runBenchmark('javascript', options, (device) => benchJavascript(device, options)),
);

const snapshots = networkBenchmark(
  'snapshots',
  'what it costs a training that it survives the loss of its device',
  64,
  4,
).action((options: NetworkCommandOptions) =>
  runBenchmark('snapshots', options, (device) => benchSnapshots(device, options)),
);

const data = networkBenchmark(
  'data',
  'images a second by decoder, and how long training steps wait for photographs',
  224,
  10,
)
  .option('--photographs <dir>', 'a folder of JPEGs (default: drawn ones of 2048×2048)')
  .option('--count <n>', 'photographs an epoch', whole, 40)
  .action((options: NetworkCommandOptions & DataOptions) =>
    runBenchmark('data', options, (device) => benchData(device, options)),
  );

const inference = networkBenchmark('inference', 'a whole ResNet in evaluation mode', 224, 1).action(
  (options: NetworkCommandOptions) =>
    runBenchmark('inference', options, (device) => benchInference(device, options)),
);

const serve = networkBenchmark('serve', 'how long 1, 8 and 64 clients of a server wait', 224, 8).action(
  (options: NetworkCommandOptions) => runBenchmark('serve', options, (device) => benchServe(device, options)),
);

const ownOp = benchmark('own-op', "a user's GELU beside the built-in one").action((options: CommonOptions) =>
  runBenchmark('own-op', options, benchOwnOp),
);

// A driver's cache on disk would hide what compiling costs; Mesa's can be switched off.
process.env.MESA_SHADER_CACHE_DISABLE = 'true';

try {
  await new Command('bench')
    .addCommand(conv, { isDefault: true })
    .addCommand(step)
    .addCommand(data)
    .addCommand(submits)
    .addCommand(javascript)
    .addCommand(snapshots)
    .addCommand(inference)
    .addCommand(serve)
    .addCommand(ownOp)
    .parseAsync();
} catch (error) {
  if (!(error instanceof FoveaError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
