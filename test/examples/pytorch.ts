/**
 * @file Compares a network with what PyTorch computed with the same one: see fixtures/make-fixtures.py.
 */

import { readFileSync } from 'node:fs';
import {
  backward,
  fromTorch,
  Linear,
  type Module,
  type Parameter,
  readTensors,
  type StateDict,
  scope,
  type Tensor,
  tensor,
  toTorch,
} from 'fovea';
import { transposed } from '../../src/nn/torch.ts';
import { hashedValues } from '../../src/verify/hashed-values.ts';

/** What PyTorch computed, in float64. */
export interface Reference {
  /** What the images are hashed from. */
  readonly images: string;
  readonly batch: number;
  /** Height and width of the images. */
  readonly size: number;
  readonly shape: readonly number[];
  /** The first ones, in row-major order. */
  readonly logits: readonly number[];
  readonly loss: number;
  /** By the parameter's name: the norm of its gradient, and the dot products with two hashed vectors. */
  readonly gradients: Readonly<Record<string, readonly [norm: number, ...projections: number[]]>>;
}

/** How far a network is from its reference. */
export interface Difference {
  /** The largest absolute difference of a logit. */
  readonly logits: number;
  readonly loss: number;
  /** The largest difference of a gradient, as a share of its norm, and whose it is. */
  readonly gradient: number;
  readonly parameter: string;
}

/** A reference of fixtures/. */
export function readReference(name: string): Reference {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as Reference;
}

/** Loads the hashed weights by PyTorch's names, and compares logits, loss and every gradient, in train mode. */
export async function compareWithPyTorch(
  model: Module,
  reference: Reference,
  lossOf: (logits: Tensor) => Tensor,
): Promise<Difference> {
  const { device } = model;
  const { batch, size, shape } = reference;
  fromTorch(model, await hashedState(model));
  const results = scope(device, () => {
    const images = tensor(device, hashedValues(reference.images, batch * 3 * size ** 2), [
      batch,
      3,
      size,
      size,
    ]);
    const logits = model(images);
    const loss = lossOf(logits);
    backward(loss);
    return { logits, loss };
  });
  if (`${results.logits.shape}` !== `${shape}`)
    throw new Error(`logits are [${results.logits.shape}], not [${shape}]`);
  const logits = await results.logits.data();
  const loss = await results.loss.item();
  const gradients = await gradientErrors(model, reference);
  const [parameter, gradient] = gradients.reduce((worst, each) => (each[1] <= worst[1] ? worst : each));
  return {
    logits: Math.max(...reference.logits.map((expected, i) => Math.abs(logits[i]! - expected))),
    loss: Math.abs(loss - reference.loss),
    gradient,
    parameter,
  };
}

/** Weights and biases as the script makes them; running statistics as they are. */
async function hashedState(model: Module): Promise<StateDict> {
  const state = await toTorch(model);
  return new Map(
    [...state].map(([name, entry]) => {
      const { shape, data } = entry;
      if (name.includes('running_')) return [name, entry];
      return [name, { shape, data: hashedParameter(name, shape, data.length) }];
    }),
  );
}

/** The rule stands in make-fixtures.py as well. */
function hashedParameter(name: string, shape: readonly number[], count: number): Float32Array {
  if (name.endsWith('layer_scale')) return hashedValues(name, count, 0.1, 0.3);
  if (name.endsWith('bias')) return hashedValues(name, count, 0.1);
  if (shape.length === 1) return hashedValues(name, count, 0.25, 1); // the weight of a normalization
  return hashedValues(name, count, Math.sqrt(3 / (count / shape[0]!)));
}

/**
 * Of every gradient the estimated norm of its difference, as a share of the norm of the reference. The dot product of a vector
 * with one whose components are uniform in [-1, 1) is on average √3 times smaller than its norm. Gradients that are 0 but for
 * rounding, as those of a shift before a batch norm, are compared with the hundred-thousandth part of the largest norm.
 */
async function gradientErrors(
  model: Module,
  { gradients }: Reference,
): Promise<[name: string, error: number][]> {
  const parameters = torchParameters(model);
  const missing = Object.keys(gradients).filter((name) => !parameters.has(name));
  if (missing.length > 0) throw new Error(`the model has no ${missing}`);
  const named = [...parameters];
  const values = await readTensors(named.map(([, parameter]) => parameter.grad!));
  const turned = new Set(
    model.namedModules().flatMap(([, inner]) => (inner instanceof Linear ? [inner.weight] : [])),
  );
  const largest = Math.max(...Object.values(gradients).map(([norm]) => norm));
  return named.map(([name, parameter], i) => {
    const [norm, ...projections] = gradients[name]!;
    const flat = values[i] as Float32Array;
    const gradient = turned.has(parameter)
      ? transposed({ shape: [...parameter.shape], data: flat }).data
      : flat;
    const errors = [
      Math.abs(Math.sqrt(dot(gradient, gradient)) - norm),
      ...projections.map((projection, j) => {
        return (
          Math.sqrt(3) * Math.abs(dot(gradient, hashedValues(`${name}:${j}`, gradient.length)) - projection)
        );
      }),
    ];
    return [name, Math.max(...errors) / Math.max(norm, 1e-5 * largest)];
  });
}

function torchParameters(model: Module): Map<string, Parameter> {
  const parameters = new Set(model.parameters());
  return new Map(
    model.namedState('torch').flatMap(([name, member]) => {
      return parameters.has(member as Parameter) ? [[name, member as Parameter]] : [];
    }),
  );
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  // Of tens of millions: reduce() would take much longer.
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
