/**
 * @file Results that are not finite: refused, and traced to the layer where they begin.
 *
 * Only numbers that are read anyway are looked at. Where one is NaN or infinite the batch is run again, with every
 * module watched.
 */

import { noGrad } from '../autograd/graph.ts';
import { multiply, sum } from '../autograd/ops.ts';
import { FoveaError } from '../errors.ts';
import type { Module } from '../nn/module.ts';
import { disposeStatistics, observeStatistics } from '../nn/observe-statistics.ts';
import { tensorsIn, watchCalls } from '../nn/watch-calls.ts';
import { readTensors } from '../tensor/create.ts';
import { keep, scope } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { allFinite } from './finite.ts';
import { holdMode, type Mode } from './mode.ts';

/** Photographs that a message names; the others are counted. */
const NAMES_SHOWN = 3;

/** What a model computed of some samples, so that it can be computed again. */
export interface Computation {
  readonly names: readonly string[];
  /** The outputs. */
  readonly run: () => Tensor;
}

/** Where a training stood when its loss became NaN or infinite. */
export interface LostStep {
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly batch: Computation;
}

/**
 * The error for a step whose loss is not finite. `lastStep` steps were made by the time it was read: their updates are in the
 * weights, so that the layer named is the first one now, not the one where it began.
 */
export async function lossNotFinite(
  model: Module,
  { step, loss, learningRate, batch }: LostStep,
  lastStep: number,
): Promise<FoveaError> {
  const layer = await describeLayer(model, batch, 'training');
  const parameter = await describeParameters(model);
  return new FoveaError(
    'not-finite',
    `step ${step}: the loss is ${loss}. With the weights after step ${lastStep}, ${layer}${parameter}. ` +
      `Nothing was saved since. Try a lower learning rate (it was ${learningRate}), and look at this step's photographs: ` +
      `${list(batch.names)}.`,
  );
}

/**
 * Throws 'not-finite' unless all `values`, which `model` computed of `batch` in train mode, are finite.
 */
export async function checkTraining(
  model: Module,
  batch: Computation,
  values: readonly Float32Array[],
): Promise<void> {
  if (values.every(allFinite)) return;
  const layer = await describeLayer(model, batch, 'training');
  throw new FoveaError(
    'not-finite',
    `with the batch's own statistics the result for ${list(batch.names)} is not finite: ${layer}${await describeParameters(model)}. ` +
      'Take an earlier checkpoint, or train with a lower learning rate.',
  );
}

/** Throws 'not-finite' unless `logits`, as many for each photograph, and `loss`, which `model` evaluated of `batch`, are finite. */
export async function checkEvaluation(
  model: Module,
  batch: Computation,
  logits: Float32Array,
  loss = 0,
): Promise<void> {
  if (allFinite(logits) && Number.isFinite(loss)) return;
  const classes = logits.length / batch.names.length;
  const lost = batch.names.filter((_, i) => !allFinite(logits.subarray(i * classes, (i + 1) * classes)));
  const names = list(lost.length > 0 ? lost : batch.names);
  const layer = await describeLayer(model, batch, 'evaluation');
  throw new FoveaError(
    'not-finite',
    `the result for ${names} is not finite: ${layer}${await describeParameters(model)}. ${await advice(model, batch)}`,
  );
}

/** What to do about an evaluation that overflows. */
async function advice(model: Module, batch: Computation): Promise<string> {
  const layers = await traceLayers(model, batch, 'training').catch(() => []);
  const settles = layers.length > 0 && layers.every(({ finite }) => finite);
  return settles
    ? "By the batch's own statistics all is finite: the running statistics do not fit the weights, as after few training " +
        'steps. recalibrate() (fovea train: --recalibrate) computes them anew from the training set.'
    : 'Take an earlier checkpoint, or train with a lower learning rate.';
}

async function describeLayer(model: Module, batch: Computation, mode: Mode): Promise<string> {
  try {
    const first = (await traceLayers(model, batch, mode)).find(({ finite }) => !finite);
    if (!first) return 'run again, every layer gives finite numbers for it';
    return `the first layer whose result is not finite is ${first.name || 'the model itself'}`;
  } catch (error) {
    return `the layer could not be found (${(error as Error).message})`;
  }
}

async function describeParameters(model: Module): Promise<string> {
  const parameters = new Set(model.namedParameters().map(([name]) => name));
  const state = [...(await model.stateDict())].filter(([name]) => parameters.has(name));
  const lost = state.filter(([, { data }]) => !allFinite(data));
  if (lost.length === 0) return '; all parameters are finite';
  return `; ${lost.length} of ${state.length} parameters are not finite, ${lost[0]![0]} first`;
}

/**
 * The modules in the order in which they finish, and whether their results are finite. All that is read is a number for each.
 */
async function traceLayers(
  model: Module,
  batch: Computation,
  mode: Mode,
): Promise<{ name: string; finite: boolean }[]> {
  const names: string[] = [];
  const sums: Tensor[] = [];
  const releaseMode = holdMode(model, mode);
  const releaseCalls = model.namedModules().map(([name, module]) =>
    watchCalls(module, (result) => {
      for (const tensor of tensorsIn(result)) {
        if (tensor.dtype !== 'f32') continue;
        names.push(name);
        // 0 · x is 0 for finite x, else NaN.
        sums.push(keep(scope(module.device, () => sum(multiply(tensor, 0)))));
      }
    }),
  );
  try {
    const work = () => scope(model.device, () => noGrad(model.device, batch.run));
    disposeStatistics(observeStatistics(model, () => work().dispose()));
    const values = await readTensors(sums);
    return names.map((name, i) => ({ name, finite: values[i]![0] === 0 }));
  } finally {
    for (const tensor of sums) tensor.dispose();
    for (const release of releaseCalls) release();
    releaseMode();
  }
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).join(', ');
  return names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown;
}
