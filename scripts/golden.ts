/**
 * @file `npm run golden -- FILE.json [--kernels ALGORITHM]`: trains a ResNet as a reference in float64 did, and compares;
 * by the convolution kernels of one algorithm where it has any.
 *
 * FILE.json names the number of layers, the size of the images and of the batch. Parameters, images and labels are
 * hashed from their names (see `initialValues`). Some steps of momentum follow; the file holds losses, logits, and
 * of every gradient, parameter and running statistic its norm, its sum and a few of its values. Prints the worst
 * error of each kind beside its tolerance; exits with 1 beyond any.
 */

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { backward } from '../src/autograd/backward.ts';
import { noGrad } from '../src/autograd/graph.ts';
import { mean, sigmoidCrossEntropyWithLogits } from '../src/autograd/ops.ts';
import type { Device } from '../src/device/device.ts';
import { nodeAdapters } from '../src/device/node/adapters.ts';
import { ALL_ALGORITHMS } from '../src/kernels/conv2d/all-algorithms.ts';
import { ResNet, type ResNetLayers } from '../src/nn/resnet.ts';
import type { StateDict } from '../src/nn/state-dict.ts';
import { Momentum } from '../src/optim/momentum.ts';
import { readTensors, tensor } from '../src/tensor/create.ts';
import { openDevice } from '../src/tensor/open-device.ts';
import { scope } from '../src/tensor/scope.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { algorithmsOf, setAlgorithms, setTuning } from '../src/tensor/tuning.ts';
import { hashedValues } from '../src/verify/hashed-values.ts';

/** What the file tells of one tensor. */
interface Summary {
  readonly norm: number;
  readonly sum: number;
  readonly at: readonly (readonly [index: number, value: number])[];
}

type Summaries = Readonly<Record<string, Summary>>;

interface Reference {
  readonly layers: ResNetLayers;
  readonly size: number;
  readonly batch: number;
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

/** The worst error of each kind and where it was. */
const worst = new Map<Kind, { readonly error: number; readonly where: string }>();

function note(kind: Kind, error: number, where: string): void {
  const before = worst.get(kind);
  // Written so that NaN counts as worse than anything.
  if (!before || !(error <= before.error)) worst.set(kind, { error, where });
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
 * How far `values` are from what the file tells of them, as a share of the norm: the largest of the difference of
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

function compareAll(kind: Kind, state: StateDict, expected: Summaries): void {
  for (const [name, summary] of Object.entries(expected)) {
    note(kind, relativeError(state.get(name)!.data, summary), name);
  }
}

function compareLogits(
  kind: Kind,
  actual: ArrayLike<number>,
  expected: readonly number[],
  where: string,
): void {
  expected.forEach((value, i) => {
    note(kind, Math.abs(actual[i]! - value), `${where}, image ${i}`);
  });
}

function inputImages(device: Device, { batch, size }: Reference, name: number | 'eval'): Tensor {
  const shape = [batch, 3, size, size];
  return tensor(device, hashedValues(`input:${name}`, batch * 3 * size * size), shape);
}

/** Forward and backward; the gradients stay with the parameters. */
function computeGradients(
  model: ResNet,
  reference: Reference,
  step: number,
): { loss: Tensor; logits: Tensor } {
  const { device } = model;
  return scope(device, () => {
    const labels = tensor(
      device,
      Float32Array.from({ length: reference.batch }, (_, n) => n % 2),
      [reference.batch, 1],
    );
    const logits = model(inputImages(device, reference, step));
    const loss = mean(sigmoidCrossEntropyWithLogits(logits, labels));
    backward(loss);
    return { loss, logits };
  });
}

async function readGradients(model: ResNet): Promise<StateDict> {
  const gradients = model.namedParameters().map(([name, { grad }]) => [name, grad!] as const);
  const values = await readTensors(gradients.map(([, gradient]) => gradient));
  return new Map(
    gradients.map(([name, { shape }], i) => [name, { shape: [...shape], data: values[i] as Float32Array }]),
  );
}

async function trainSteps(model: ResNet, optimizer: Momentum, reference: Reference): Promise<void> {
  for (const [step, expected] of reference.steps.entries()) {
    const start = performance.now();
    const results = computeGradients(model, reference, step);
    const [[loss], logits] = (await readTensors([results.loss, results.logits])) as [
      Float32Array,
      Float32Array,
    ];
    note('loss', Math.abs(loss! - expected.loss), `step ${step}`);
    compareLogits('logits', logits, expected.logits, `step ${step}`);
    if (expected.grad) compareAll('gradients', await readGradients(model), expected.grad);
    optimizer.step();
    optimizer.clearGradients();
    results.loss.dispose();
    results.logits.dispose();
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(
      `step ${step}: loss ${loss!.toFixed(7)}, reference ${expected.loss.toFixed(7)}, ${seconds} s`,
    );
  }
}

async function evaluate(model: ResNet, reference: Reference): Promise<void> {
  const { device } = model.eval();
  const logits = scope(device, () => noGrad(device, () => model(inputImages(device, reference, 'eval'))));
  compareLogits('eval logits', await logits.data(), reference.eval_logits, 'evaluation');
  logits.dispose();
}

/** Prints the worst errors and tells whether all lie within their tolerances. */
function report(): boolean {
  const lines = Object.entries(TOLERANCES).map(([kind, tolerance]) => {
    const { error, where } = worst.get(kind as Kind) ?? { error: Number.NaN, where: 'not in the file' };
    const met = error <= tolerance;
    const figures = `${error.toExponential(2)}  tolerance ${tolerance.toExponential(0)}`;
    console.log(`${met ? 'ok      ' : 'MISMATCH'}  ${kind.padEnd(11)}  ${figures}  worst: ${where}`);
    return met;
  });
  return lines.every((met) => met);
}

const {
  positionals: [file],
  values: { kernels },
} = parseArgs({ allowPositionals: true, options: { kernels: { type: 'string' } } });
const algorithms = ALL_ALGORITHMS.map(({ name }) => name);
if (!file || (kernels && !algorithms.includes(kernels))) {
  console.error(`usage: npm run golden -- FILE.json [--kernels ${algorithms.join('|')}]`);
  process.exit(2);
}
const reference = JSON.parse(readFileSync(file, 'utf8')) as Reference;
const device = await openDevice(nodeAdapters);
setAlgorithms(device, [...ALL_ALGORITHMS.filter(({ name }) => name === kernels), ...algorithmsOf(device)]);
setTuning(device, { algorithmOf: () => kernels });
console.log(
  `ResNet-${reference.layers}, ${reference.batch} × 3 × ${reference.size}², on ${device.info.name}`,
);
const model = new ResNet(device, { layers: reference.layers, unbiasedVariance: true });
model.loadStateDict(
  new Map(
    [...(await model.stateDict())].map(([name, { shape }]) => [
      name,
      { shape, data: initialValues(name, shape) },
    ]),
  ),
);
const optimizer = new Momentum({
  parameters: model.parameters(),
  learningRate: { at: (step) => reference.steps[step]!.lr },
});
await device.prepare(() => {
  scope(device, () => {
    computeGradients(model, reference, 0);
  });
});
optimizer.clearGradients();
await trainSteps(model, optimizer, reference);
const state = await model.stateDict();
compareAll('parameters', state, reference.params_after);
compareAll('statistics', state, reference.buffers_after);
await evaluate(model, reference);
process.exitCode = report() ? 0 : 1;
device.destroy();
