/**
 * @file Trains a ResNet as a reference in float64 did, and compares: on any device, in any runtime.
 *
 * The reference names the number of layers, the size of the images and of the batch. Parameters, images and labels are hashed from
 * their names (see {@link initialValues}). Some steps of momentum follow; it holds losses, logits, and of every gradient, parameter
 * and running statistic its norm, its sum and a few of its values.
 */

import { backward } from '../../src/autograd/backward.ts';
import { noGrad } from '../../src/autograd/graph.ts';
import { mean, sigmoidCrossEntropyWithLogits } from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import { ResNet, type ResNetLayers } from '../../src/nn/resnet.ts';
import type { StateDict } from '../../src/nn/state-dict.ts';
import { Momentum } from '../../src/optim/momentum.ts';
import { readTensors, tensor } from '../../src/tensor/create.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { hashedValues } from '../../src/verify/hashed-values.ts';

/** What the reference tells of one tensor. */
interface Summary {
  readonly norm: number;
  readonly sum: number;
  readonly at: readonly (readonly [index: number, value: number])[];
}

type Summaries = Readonly<Record<string, Summary>>;

/** The network, and the batch. */
export interface Setting {
  readonly layers: ResNetLayers;
  readonly size: number;
  readonly batch: number;
}

/** The figures of a training in float64. */
export interface Reference extends Setting {
  readonly steps: readonly {
    readonly lr: number;
    readonly loss: number;
    readonly logits: readonly number[];
    readonly grad?: Summaries;
  }[];
  readonly params_after: Summaries;
  readonly buffers_after: Summaries;
  readonly eval_logits: readonly number[];
}

/** Of float32, absolute for losses and logits, else a share of the norm. */
const TOLERANCES = {
  loss: 1e-5,
  logits: 1e-4,
  gradients: 1e-2,
  parameters: 1e-4,
  statistics: 1e-3,
  'eval logits': 1e-3,
};

type Kind = keyof typeof TOLERANCES;

/** The worst error of one kind. */
export interface WorstError {
  readonly kind: string;
  readonly error: number;
  readonly tolerance: number;
  readonly met: boolean;
  /** Where it was. */
  readonly where: string;
}

/** Collects the worst error of each kind. */
class Comparison {
  readonly #worst = new Map<Kind, { readonly error: number; readonly where: string }>();

  note(kind: Kind, error: number, where: string): void {
    const before = this.#worst.get(kind);
    // Written so that NaN counts as worse than anything.
    if (!before || !(error <= before.error)) this.#worst.set(kind, { error, where });
  }

  summaries(kind: Kind, state: StateDict, expected: Summaries): void {
    for (const [name, summary] of Object.entries(expected)) {
      this.note(kind, relativeError(state.get(name)!.data, summary), name);
    }
  }

  logits(kind: Kind, actual: ArrayLike<number>, expected: readonly number[], where: string): void {
    expected.forEach((value, i) => {
      this.note(kind, Math.abs(actual[i]! - value), `${where}, image ${i}`);
    });
  }

  get worst(): WorstError[] {
    return Object.entries(TOLERANCES).map(([kind, tolerance]) => {
      const { error, where } = this.#worst.get(kind as Kind) ?? {
        error: Number.NaN,
        where: 'not in the file',
      };
      return { kind, error, tolerance, met: error <= tolerance, where };
    });
  }
}

/** The values that a parameter or running statistic of this name and shape begins with. */
function initialValues(name: string, shape: readonly number[]): Float32Array {
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (name.endsWith('._mean')) return new Float32Array(count);
  if (name.endsWith('._variance')) return new Float32Array(count).fill(1);
  if (name.endsWith('.bias')) return hashedValues(name, count, 0.1);
  if (name.endsWith('conv2._batch_norm.weight')) return hashedValues(name, count, 0.25 * 0.25, 0.25);
  if (name.endsWith('_batch_norm.weight')) return hashedValues(name, count, 0.25, 1);
  if (name === 'out.weight') return hashedValues(name, count, 1 / Math.sqrt(shape[0]!));
  const [outChannels] = shape;
  return hashedValues(name, count, Math.sqrt(3) * Math.sqrt(2 / (count / outChannels!)));
}

/**
 * How far `values` are from what the reference tells of them, as a share of the norm: the largest of the difference of
 * the norms, the difference of the sums (at most √n times the norm of the difference) and the root mean square
 * difference of the sampled values, scaled to all n of them.
 */
function relativeError(values: Float32Array, { norm, sum, at }: Summary): number {
  const actualNorm = Math.sqrt(values.reduce((total, value) => total + value * value, 0));
  const actualSum = values.reduce((total, value) => total + value, 0);
  const squares = at.reduce((total, [i, value]) => total + (values[i]! - value) ** 2, 0);
  const sampled = Math.sqrt((squares / at.length) * values.length);
  return (
    Math.max(Math.abs(actualNorm - norm), Math.abs(actualSum - sum) / Math.sqrt(values.length), sampled) /
    norm
  );
}

/** A ResNet whose values are hashed from their names. */
export async function hashedResNet(device: Device, { layers }: Setting): Promise<ResNet> {
  const model = new ResNet(device, { layers, unbiasedVariance: true });
  const state = [...(await model.stateDict())].map(
    ([name, { shape }]) => [name, { shape, data: initialValues(name, shape) }] as const,
  );
  model.loadStateDict(new Map(state));
  return model;
}

function inputImages(device: Device, { batch, size }: Setting, name: number | 'eval'): Tensor {
  const shape = [batch, 3, size, size];
  return tensor(device, hashedValues(`input:${name}`, batch * 3 * size * size), shape);
}

/** Forward and backward on the images of a step; the gradients stay with the parameters. */
export function computeGradients(
  model: ResNet,
  setting: Setting,
  step: number,
): { loss: Tensor; logits: Tensor } {
  const { device } = model;
  return scope(device, () => {
    const labels = tensor(
      device,
      Float32Array.from({ length: setting.batch }, (_, n) => n % 2),
      [setting.batch, 1],
    );
    const logits = model(inputImages(device, setting, step));
    const loss = mean(sigmoidCrossEntropyWithLogits(logits, labels));
    backward(loss);
    return { loss, logits };
  });
}

/** The gradients of all parameters, by their names. */
export async function readGradients(model: ResNet): Promise<StateDict> {
  const gradients = model.namedParameters().map(([name, { grad }]) => [name, grad!] as const);
  const values = await readTensors(gradients.map(([, gradient]) => gradient));
  return new Map(
    gradients.map(([name, { shape }], i) => [name, { shape: [...shape], data: values[i] as Float32Array }]),
  );
}

/** Compiles what {@link computeGradients} runs, all at the same time. */
export async function prepareGradients(model: ResNet, setting: Setting): Promise<void> {
  const { device } = model;
  await device.prepare(() => {
    scope(device, () => {
      computeGradients(model, setting, 0);
    });
  });
}

/**
 * Trains as `reference` did, by the algorithms that `device` chooses; gives the worst error of each kind. `onStep` is told the loss of
 * every step.
 */
export async function trainAsReference(
  device: Device,
  reference: Reference,
  onStep: (step: number, loss: number) => void = () => {},
): Promise<WorstError[]> {
  const comparison = new Comparison();
  const model = await hashedResNet(device, reference);
  const optimizer = new Momentum({
    parameters: model.parameters(),
    learningRate: { at: (step) => reference.steps[step]!.lr },
  });
  await prepareGradients(model, reference);
  optimizer.clearGradients();
  for (const [step, expected] of reference.steps.entries()) {
    const results = computeGradients(model, reference, step);
    const [[loss], logits] = (await readTensors([results.loss, results.logits])) as [
      Float32Array,
      Float32Array,
    ];
    comparison.note('loss', Math.abs(loss! - expected.loss), `step ${step}`);
    comparison.logits('logits', logits, expected.logits, `step ${step}`);
    if (expected.grad) comparison.summaries('gradients', await readGradients(model), expected.grad);
    optimizer.step();
    optimizer.clearGradients();
    results.loss.dispose();
    results.logits.dispose();
    onStep(step, loss!);
  }
  const state = await model.stateDict();
  comparison.summaries('parameters', state, reference.params_after);
  comparison.summaries('statistics', state, reference.buffers_after);
  comparison.logits('eval logits', await evaluationLogits(model, reference), reference.eval_logits, 'eval');
  return comparison.worst;
}

async function evaluationLogits(model: ResNet, reference: Reference): Promise<Float32Array> {
  const { device } = model.eval();
  const logits = scope(device, () => noGrad(device, () => model(inputImages(device, reference, 'eval'))));
  const values = await logits.data();
  logits.dispose();
  return values;
}
