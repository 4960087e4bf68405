/**
 * @file One training step: a batch → outputs → loss → gradients → new weights.
 */

import { checkArgument, checkOptions } from '../arguments.ts';
import { backward } from '../autograd/backward.ts';
import { noGrad } from '../autograd/graph.ts';
import type { Batch } from '../data/data-loader.ts';
import { check } from '../errors.ts';
import { MODULE, type Module } from '../nn/module.ts';
import { clipGradNorm } from '../optim/clip-grad-norm.ts';
import { OPTIMIZER, type Optimizer } from '../optim/optimizer.ts';
import { scope } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { AnyBatch } from './batch-source.ts';
import { type Objective, objectiveOf, STEP_OPTIONS, type StepOptions } from './objective.ts';

/** What a step found, `[1]` each, still on the device; the caller disposes all: the mean loss over the batch, and its metrics. */
export type StepResult<Name extends string = 'accuracy'> = Readonly<Record<'loss' | Name, Tensor>>;

/**
 * Trains `model` on one batch. By default `model` takes photographs `[N, 3, size, size]` and gives one logit per image, `[N, 1]`, or one
 * per class, `[N, K]`; with a `loss`, it takes the batch's inputs, and gives what the loss takes.
 * Nothing is read back: the call returns when the work is recorded, not when it is done. Throws 'shape-mismatch' where
 * `model` gives anything else, or the parts of `batch` do not fit together, 'bad-data' for a photograph's label that is no class of the model's,
 * 'invalid-argument' for other arguments, and where the optimizer updates no parameter of `model`.
 */
export function trainStep(model: Module, optimizer: Optimizer, batch: Batch): StepResult;
export function trainStep<B extends AnyBatch, Name extends string = never>(
  model: Module,
  optimizer: Optimizer,
  batch: B,
  options: StepOptions<B, Name>,
): StepResult<Name>;
export function trainStep(
  model: Module,
  optimizer: Optimizer,
  batch: AnyBatch,
  options: StepOptions = {},
): StepResult<string> {
  checkStep('trainStep', model, optimizer, batch, options);
  return scope(model.device, () => {
    const result = computeStep(model, optimizer, batch, options);
    optimizer.step();
    optimizer.clearGradients();
    options.average?.update();
    return result;
  });
}

/**
 * Asks for the kernels of {@link trainStep}: what `tune` and `device.prepare` call without running any. The optimizer's
 * schedule does not advance. Throws as {@link trainStep} does.
 */
export function rehearseStep<B extends AnyBatch = Batch>(
  model: Module,
  optimizer: Optimizer,
  batch: B,
  options: StepOptions<B> = {},
): void {
  checkStep('rehearseStep', model, optimizer, batch, options);
  scope(model.device, () => {
    computeStep(model, optimizer, batch, options);
    optimizer.update();
    optimizer.clearGradients();
  });
}

/**
 * Compiles all that {@link trainStep} will run on batches like this one, at the same time and without running it;
 * without this, the first step compiles one kernel after the other. Throws as {@link trainStep} does.
 */
export async function prepareStep<B extends AnyBatch = Batch>(
  model: Module,
  optimizer: Optimizer,
  batch: B,
  options: StepOptions<B> = {},
): Promise<void> {
  checkStep('prepareStep', model, optimizer, batch, options);
  await model.device.prepare(() => rehearseStep(model, optimizer, batch, options));
}

/** The loss and metrics of a batch; its gradients are in the parameters, clipped if need be. */
function computeStep(
  model: Module,
  optimizer: Optimizer,
  batch: AnyBatch,
  options: StepOptions,
): StepResult<string> {
  const objective = objectiveOf(options);
  const { loss, metrics } = forward(objective, model, batch);
  backward(loss);
  if (options.clipGradNorm !== undefined) clipGradNorm(optimizer, options.clipGradNorm);
  return { loss, ...metrics() };
}

/** What `model` makes of a batch: the outputs, their loss, `[1]`, and the metrics when they are asked for. */
export function forward(objective: Objective, model: Module, batch: AnyBatch) {
  const outcome = objective.forward(model, batch);
  const loss = objective.loss(outcome);
  return {
    outputs: outcome.outputs,
    loss,
    metrics: () => noGrad(model.device, () => objective.metrics(outcome, batch)),
  };
}

function checkStep(
  what: string,
  model: Module,
  optimizer: Optimizer,
  batch: AnyBatch,
  options: StepOptions,
): void {
  checkArgument(`the model of ${what}`, model, MODULE);
  checkArgument(`the optimizer of ${what}`, optimizer, OPTIMIZER);
  checkOptions(what, options, STEP_OPTIONS);
  checkOptimizerOf(what, model, optimizer);
  objectiveOf(options).check(what, batch);
}

/** The models that an optimizer was found to update. */
const updatedBy = new WeakMap<Optimizer, WeakSet<Module>>();

/** Throws 'invalid-argument' where `optimizer` updates no parameter of `model`; asked once of each pair. */
export function checkOptimizerOf(what: string, model: Module, optimizer: Optimizer): void {
  const models = updatedBy.get(optimizer) ?? new WeakSet();
  if (models.has(model)) return;
  const updated = new Set(optimizer.parameters);
  check(
    model.parameters().some((parameter) => updated.has(parameter)),
    'invalid-argument',
    () =>
      `the optimizer of ${what} updates none of the model's parameters, but ${optimizer.parameters.length} of another model: create it with model.parameters()`,
  );
  updatedBy.set(optimizer, models.add(model));
}
