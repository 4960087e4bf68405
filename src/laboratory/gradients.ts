/**
 * @file `gradCheck` of every op that has a gradient, on the tensors that `verify` tries it on.
 */

import { type GradCheckResult, gradCheck } from '../autograd/grad-check.ts';
import type { Device } from '../device/device.ts';
import { FoveaError } from '../errors.ts';
import { tensor } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { OP_CASES } from '../verify/cases/all.ts';
import type { AnyOpCase } from '../verify/cases/case.ts';
import { FATAL } from '../verify/measure.ts';
import { callOp, isLeafInput, valuesOf } from '../verify/run-op-case.ts';
import type { GradientFigure, GradientFigures } from './figures.ts';
import type { Observer } from './observer.ts';

/** How far a gradient may be off: `gradCheck`'s own default. */
const TOLERANCE = 1e-2;
/** Elements of each input: a difference takes three runs. */
const SAMPLES = 4;
/** What a ResNet trains with, for who is in a hurry. */
const FEW = ['add', 'batchNorm', 'conv2d', 'linear', 'maxPool2d', 'relu', 'sigmoidCrossEntropyWithLogits'];

/** Checks each op by its first case that has a leaf, or a few ops. */
export async function measureGradients(
  device: Device,
  quick: boolean,
  { signal, onProgress }: Observer,
): Promise<GradientFigures> {
  const cases = firstOfEach(OP_CASES.filter(({ inputs }) => inputs.some(isLeafInput)));
  const wanted = quick ? cases.filter(({ op }) => FEW.includes(op)) : cases;
  const ops: GradientFigure[] = [];
  for (const found of wanted) {
    if (signal.aborted) break;
    onProgress(found.op, ops.length, wanted.length);
    ops.push(await checkCase(device, found));
  }
  return { tolerance: TOLERANCE, ops };
}

function firstOfEach(cases: readonly AnyOpCase[]): AnyOpCase[] {
  const first = new Map<string, AnyOpCase>();
  for (const found of cases) if (!first.has(found.op)) first.set(found.op, found);
  return [...first.values()].sort((a, b) => (a.op < b.op ? -1 : 1));
}

/** Like `verify`, it takes what an op throws for a finding, unless all later work is impossible. */
async function checkCase(device: Device, found: AnyOpCase): Promise<GradientFigure> {
  const { op } = found;
  const inputs = found.inputs.map(({ shape, layout }, i) =>
    tensor(device, valuesOf(found, i), shape, layout ? { layout } : {}),
  );
  const isLeaf = found.inputs.map(isLeafInput);
  const leaves = inputs.filter((_, i) => isLeaf[i]);
  /** The op on these leaves and on what else it takes. */
  const run = (...given: readonly Tensor[]): Tensor => {
    const rest = [...given];
    return callOp(
      device,
      found,
      inputs.map((input, i) => (isLeaf[i] ? rest.shift()! : input)),
    );
  };
  try {
    const result = await gradCheck(run, leaves, { tolerance: TOLERANCE, samples: SAMPLES });
    return figureOf(op, result);
  } catch (error) {
    if (!(error instanceof FoveaError) || FATAL.has(error.code)) throw error;
    return { op, ok: false, worst: Number.POSITIVE_INFINITY, compared: 0, kinks: 0, about: error.message };
  } finally {
    for (const input of inputs) input.dispose();
  }
}

function figureOf(op: string, { ok, worst, compared, kinks, report }: GradCheckResult): GradientFigure {
  return {
    ...{ op, ok, compared, kinks, about: report },
    worst: Number.isNaN(worst) ? Number.POSITIVE_INFINITY : worst,
  };
}
