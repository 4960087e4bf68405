/**
 * @file The weights that a training starts from: `--init`, and what Paddle's optimizer remembers: `--init-optimizer`.
 */

import { createHash } from 'node:crypto';
import { counted } from '../../counted.ts';
import { check, FoveaError, messageOf } from '../../errors.ts';
import { decodePaddleOptimizer, momentumFromPaddle } from '../../interop/paddle.ts';
import { resnetWeights } from '../../interop/resnet-names.ts';
import { type DecodedWeights, decodeWeights } from '../../interop/weights.ts';
import type { ResNet } from '../../nn/resnet.ts';
import type { Optimizer } from '../../optim/optimizer.ts';
import { print } from '../output.ts';
import { readWeightBytes } from '../read-weights.ts';
import type { RunConfig } from './run-config.ts';

/** How much of a digest is kept. */
const DIGITS = 16;

/** Weights, and what tells them from others. */
export interface InitialWeights {
  readonly weights: DecodedWeights;
  readonly digest: string;
}

/** Reads what `--init` names. Throws 'invalid-argument' where there is none, 'bad-file', 'bad-data' where it is of no use. */
async function readInitialWeights(path: string): Promise<InitialWeights> {
  const bytes = await readWeightBytes('--init', path);
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, DIGITS);
  try {
    return { weights: await decodeWeights(bytes), digest };
  } catch (cause) {
    if (!(cause instanceof FoveaError)) throw cause;
    throw new FoveaError(cause.code, `--init: ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** What `--init` names, if it is given. Throws as {@link readInitialWeights}, and where `--layers` differs. */
export async function initialWeightsOf({
  init,
  initOptimizer,
  layers,
}: Partial<RunConfig>): Promise<InitialWeights | undefined> {
  if (init === undefined) {
    check(
      initOptimizer === undefined,
      'invalid-argument',
      () => '--init-optimizer goes with --init FILE.pdparams.',
    );
    return undefined;
  }
  const initial = await readInitialWeights(init);
  const { config } = initial.weights;
  checkLayers(init, config.layers, layers ?? config.layers);
  return initial;
}

/** What follows from initial weights for settings that are not given. */
export function settingsOfWeights({ weights, digest }: InitialWeights): Partial<RunConfig> {
  const { config } = weights;
  const { preprocessing = 'original', size } = config;
  return { layers: config.layers, initDigest: digest, preprocessing, ...(weights.hasConfig ? { size } : {}) };
}

function checkLayers(init: string, found: number, wanted: number): void {
  check(found === wanted, 'bad-data', () => {
    return `--init: ${init} holds a ResNet-${found}, but --layers is ${wanted}: leave --layers out.`;
  });
}

/**
 * Sets a new model to the weights that the settings name, `initial` where they were read before, and prints what was loaded. A last
 * layer of other classes keeps its own initial values. Throws 'bad-data' where the file is not the one that the training began with, or of another network.
 */
export async function loadInitialWeights(
  model: ResNet,
  config: RunConfig,
  initial?: InitialWeights,
): Promise<DecodedWeights | undefined> {
  const { init, initDigest, layers } = config;
  if (init === undefined) return undefined;
  const { weights, digest } = initial ?? (await readInitialWeights(init));
  check(digest === initDigest, 'bad-data', () => {
    return `--init: ${init} is no longer the file that this training was set up with: bring it back, or start a new training.`;
  });
  const { config: found, names, format, passedOver } = weights;
  checkLayers(init, found.layers, layers);
  const { mismatched } = model.loadStateDict(weights.state, { strict: false });
  const loaded = weights.state.size - mismatched.length;
  print(
    `Weights from ${init} (${format}, ${names} names): ${loaded} of ${counted(weights.state.size, 'tensor')} loaded` +
      `${passedOver.length > 0 ? `, ${counted(passedOver.length, 'other')} ignored` : ''}`,
  );
  if (mismatched.length > 0) {
    const classes = model.out.bias.size;
    print(
      `Its last layer has ${counted(found.classDim, 'output')}, this network ${classes}: the last layer starts anew (${mismatched.join(', ')})`,
    );
  }
  return weights;
}

/** Has `optimizer` go on where Paddle's stood, if the settings name its file. Throws where it is of another optimizer or network. */
export async function loadInitialVelocities(
  optimizer: Optimizer,
  { initOptimizer: path, layers }: RunConfig,
  { parameterNames }: DecodedWeights,
): Promise<void> {
  if (path === undefined) return;
  const decoded = decodePaddleOptimizer(await readWeightBytes('--init-optimizer', path));
  const usual = resnetWeights(layers).map(({ names }): [string, string] => [
    names.original,
    names['paddle-parameters'],
  ]);
  const known = parameterNames ?? new Map(usual);
  const names = optimizer.parameters.map(({ name }): [string, string] => [name, known.get(name) ?? name]);
  const state = momentumFromPaddle(decoded, new Map(names));
  optimizer.loadStateDict(state);
  print(`Velocities from ${path}: ${names.length} loaded, going on after ${counted(state.step, 'update')}`);
}
