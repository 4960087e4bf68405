/**
 * @file The objective of a training: how a batch goes through the model, the loss, and metrics. By default the model gives one
 * logit per photograph, whose label is 0 or 1, or a logit for each of the classes that the labels count.
 */

import {
  checkArgument,
  FUNCTION,
  isObject,
  OBJECT,
  type OptionRules,
  POSITIVE,
  type Rule,
} from '../arguments.ts';
import { accuracy, crossEntropy, mean, sigmoidCrossEntropyWithLogits } from '../autograd/ops.ts';
import type { ArrayBatch } from '../data/array-loader.ts';
import type { Batch } from '../data/data-loader.ts';
import type { Device } from '../device/device.ts';
import { check } from '../errors.ts';
import { checkClasses } from '../judge/class-metrics.ts';
import { checkLabels } from '../judge/scores.ts';
import type { Module } from '../nn/module.ts';
import { AVERAGE, type ExponentialMovingAverage } from '../optim/exponential-moving-average.ts';
import { formatShape } from '../shape/shape.ts';
import { checkTensor } from '../tensor/check-tensor.ts';
import { tensor } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { DType } from '../tensor/values.ts';
import {
  type AnyBatch,
  checkArrayBatch,
  checkBatch,
  isArrayBatch,
  isPhotographs,
  namesOf,
} from './batch-source.ts';
import { batchAccuracy } from './binary-accuracy.ts';
import type { Computation } from './not-finite.ts';
import { areClasses, inputsOf, labelsOf, logitsOf } from './photographs.ts';

/** What a model made of a batch, and what it should have been. */
export interface Outcome {
  /** What the model gave, one per sample along the first axis. */
  readonly outputs: Tensor;
  /** What it should have given, one per sample along the first axis. */
  readonly targets: Tensor<DType>;
}

/** A method, so that it may insist on the type of its targets. */
export interface WithMetric {
  /** The number, `[1]`. */
  metric(outputs: Tensor, targets: Tensor<DType>): Tensor;
}

/** A figure, `[1]`, of a model's outputs and what they should be. */
export type Metric = WithMetric['metric'];

/**
 * The objective of a training. By default one logit per photograph and a label of 0 or 1, or a logit per class and a label that is
 * the class's index; and the metric `accuracy`.
 */
export interface ObjectiveOptions<B extends AnyBatch = AnyBatch, Name extends string = string> {
  /**
   * Lower is better; must depend on the outputs by differentiable ops. By default the mean sigmoid cross-entropy, and of photographs
   * for which the model gives more than one logit, the mean cross entropy.
   */
  readonly loss?: Metric | undefined;
  /** Further figures by name, computed on the device; reported as means over samples. */
  readonly metrics?: Readonly<Record<Name, Metric>> | undefined;
  /**
   * How a batch goes through the model. By default the model takes the batch's inputs, and the targets are the batch's;
   * photographs are normalized, and their targets are their labels, `[N, 1]`, or where the model gives `[N, K]` with K above 1, class
   * indexes of type i32, `[N]`.
   */
  forward?(model: Module, batch: B): Outcome;
}

/** What a step does beside forward, backward and update. */
export interface StepOptions<B extends AnyBatch = AnyBatch, Name extends string = string>
  extends ObjectiveOptions<B, Name> {
  /** The largest norm that all gradients together may have, see `clipGradNorm`; by default any. */
  readonly clipGradNorm?: number | undefined;
  /** Averages of the weights to be updated after each step; `fit` validates with them. */
  readonly average?: ExponentialMovingAverage | undefined;
}

const RESERVED = ['loss', 'step', 'epoch', 'batch', 'samples', 'learningRate', 'kind', 'history', 'metrics'];
const METRICS: Rule = {
  holds: (value) =>
    isObject(value) &&
    !Array.isArray(value) &&
    Object.entries(value).every(([name, metric]) => typeof metric === 'function' && !RESERVED.includes(name)),
  words: `an object of functions (outputs, targets) => Tensor by names other than ${RESERVED.join(', ')}`,
};

/** The rules of {@link ObjectiveOptions}. */
export const OBJECTIVE: OptionRules<ObjectiveOptions> = {
  loss: FUNCTION,
  metrics: METRICS,
  forward: FUNCTION,
};
/** The rules of {@link StepOptions}. */
export const STEP_OPTIONS: OptionRules<StepOptions> = {
  ...OBJECTIVE,
  clipGradNorm: POSITIVE,
  average: AVERAGE,
};

/** {@link ObjectiveOptions} with all that was left out. */
export interface Objective {
  /** Whether nothing was given. */
  readonly isDefault: boolean;
  readonly names: readonly string[];
  /** Throws where `batch`, given to `what`, is none that can go through. */
  check(what: string, batch: AnyBatch): void;
  forward(model: Module, batch: AnyBatch): Outcome;
  /** The loss, `[1]`. Throws 'shape-mismatch' where it is no number. */
  loss(outcome: Outcome): Tensor;
  /** The metrics by name, `[1]` each. */
  metrics(outcome: Outcome, batch: AnyBatch): Record<string, Tensor>;
}

/** What `model` computes of a batch, to be computed again in search of the first NaN. */
export function computationOf(objective: Objective, model: Module, batch: AnyBatch): Computation {
  return { names: namesOf(batch), run: () => objective.forward(model, batch).outputs };
}

/** One logit per photograph, or one per class. */
const PHOTOGRAPHS: Objective = {
  isDefault: true,
  names: ['accuracy'],
  check: (what, batch) => {
    checkBatch(what, batch as Batch);
    checkClasses((batch as Batch).labels); // of how many, the model's outputs tell
  },
  forward: (model, batch) => forwardPhotographs(model, batch as Batch),
  loss: photographLoss,
  metrics: ({ outputs }, batch) => ({
    accuracy: areClasses(outputs)
      ? accuracy(outputs, tensor(outputs.device, Int32Array.from((batch as Batch).labels)))
      : batchAccuracy(outputs, (batch as Batch).labels),
  }),
};

/** What `options`, given to `what`, ask for. */
export function objectiveOf(options: ObjectiveOptions): Objective {
  const { loss, metrics = {}, forward } = options;
  if (!loss && !options.metrics && !forward) return PHOTOGRAPHS;
  const named = Object.entries(metrics);
  return {
    isDefault: false,
    names: named.map(([name]) => name),
    check: (what, batch) => checkAnyBatch(what, batch, forward !== undefined),
    forward: (model, batch) => (forward ? checkOutcome(forward(model, batch)) : forwardBatch(model, batch)),
    loss: (outcome) =>
      number('the loss', loss ? loss(outcome.outputs, outcome.targets) : meanSigmoidLoss(outcome)),
    metrics: ({ outputs, targets }) =>
      Object.fromEntries(
        named.map(([name, metric]) => [name, number(`the metric ${name}`, metric(outputs, targets))]),
      ),
  };
}

function checkAnyBatch(what: string, batch: AnyBatch, ownForward: boolean): void {
  checkArgument(`${what}'s batch`, batch, OBJECT);
  if (isPhotographs(batch)) checkBatch(what, batch);
  else if (isArrayBatch(batch)) checkArrayBatch(what, batch);
  else
    check(ownForward, 'invalid-argument', () => {
      return `${what}'s batch has neither images nor inputs: give { inputs, targets, index }, or say how it goes through the model by the option forward`;
    });
}

function checkOutcome(outcome: Outcome): Outcome {
  checkArgument('what forward gives', outcome, OBJECT);
  checkTensor('forward', 'outputs', outcome.outputs);
  checkTensor('forward', 'targets', outcome.targets);
  return outcome;
}

function number(what: string, value: Tensor): Tensor {
  checkTensor(what, 'the result', value);
  check(value.size === 1 && value.dtype === 'f32', 'shape-mismatch', () => {
    return `${what} is ${value.dtype} of shape ${formatShape(value.shape)}: it must be one number, a mean for instance`;
  });
  return value;
}

function meanSigmoidLoss({ outputs, targets }: Outcome): Tensor {
  return mean(sigmoidCrossEntropyWithLogits(outputs, targets as Tensor));
}

function photographLoss(outcome: Outcome): Tensor {
  const { outputs, targets } = outcome;
  return areClasses(outputs) ? crossEntropy(outputs, targets as Tensor<'i32'>) : meanSigmoidLoss(outcome);
}

/** Passes a batch of arrays through, or photographs that another loss than the default one looks at. */
function forwardBatch(model: Module, batch: AnyBatch): Outcome {
  const { device } = model;
  const [inputs, targets] = isPhotographs(batch)
    ? [inputsOf(device, batch), undefined]
    : arraysOf(device, batch as ArrayBatch);
  const outputs = model(inputs);
  checkTensor(`the model ${model.constructor.name}`, 'the result', outputs);
  return { outputs, targets: targets ?? labelsOf(outputs, batch as Batch) };
}

function arraysOf(device: Device, { inputs, targets }: ArrayBatch): [inputs: Tensor, targets: Tensor<DType>] {
  // The model says which type it takes.
  const x = tensor(device, inputs.data, inputs.shape) as Tensor<DType> as Tensor;
  return [x, tensor(device, targets.data, targets.shape)];
}

function forwardPhotographs(model: Module, batch: Batch): Outcome {
  const outputs = logitsOf(model, batch);
  if (areClasses(outputs)) checkClasses(batch.labels, outputs.shape[1]!);
  else checkLabels(batch.labels);
  return { outputs, targets: labelsOf(outputs, batch) };
}
