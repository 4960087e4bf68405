/**
 * @file One training step: photographs → logits → loss → gradients → new weights.
 */

import { checkArgument } from '../arguments.ts';
import { backward } from '../autograd/backward.ts';
import { noGrad } from '../autograd/graph.ts';
import {
  accuracy,
  add,
  concat,
  mean,
  multiply,
  normalizeImages,
  sigmoid,
  sigmoidCrossEntropyWithLogits,
} from '../autograd/ops.ts';
import type { Batch } from '../data/data-loader.ts';
import type { Device } from '../device/device.ts';
import { check } from '../errors.ts';
import { MODULE, type Module } from '../nn/module.ts';
import { OPTIMIZER, type Optimizer } from '../optim/optimizer.ts';
import { formatShape, sameShape } from '../shape/shape.ts';
import { checkTensor } from '../tensor/check-tensor.ts';
import { tensor } from '../tensor/create.ts';
import { scope } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkBatch } from './batch-source.ts';
import { checkLabels } from './metrics.ts';

/** What a step found, still on the device; the caller disposes both. */
export interface StepResult {
  /** Mean loss over the batch, `[1]`. */
  readonly loss: Tensor;
  /** Share of the batch that was told right, `[1]`. */
  readonly accuracy: Tensor;
}

/**
 * Trains `model` on one batch. `model` takes `[N, 3, size, size]` and gives one logit per image, `[N, 1]`.
 * Nothing is read back: the call returns when the work is recorded, not when it is done. Throws 'shape-mismatch' where
 * `model` gives anything else, or the parts of `batch` do not fit together, 'bad-data' for a label that is not 0 or 1,
 * 'invalid-argument' for what is no model, optimizer or batch.
 */
export function trainStep(model: Module, optimizer: Optimizer, batch: Batch): StepResult {
  checkStep('trainStep', model, optimizer, batch);
  return scope(model.device, () => {
    const { logits, loss } = forward(model, batch);
    backward(loss);
    optimizer.step();
    optimizer.clearGradients();
    return { loss, accuracy: batchAccuracy(logits, batch.labels) };
  });
}

/**
 * Asks for the kernels of {@link trainStep}: what `tune` and `device.prepare` call without running any. The optimizer's
 * schedule does not advance. Throws as {@link trainStep} does.
 */
export function rehearseStep(model: Module, optimizer: Optimizer, batch: Batch): void {
  checkStep('rehearseStep', model, optimizer, batch);
  scope(model.device, () => {
    const { logits, loss } = forward(model, batch);
    backward(loss);
    optimizer.update();
    optimizer.clearGradients();
    batchAccuracy(logits, batch.labels);
  });
}

/**
 * Compiles all that {@link trainStep} will run on batches like this one, at the same time and without running it;
 * without this, the first step compiles one kernel after the other. Throws as {@link trainStep} does.
 */
export async function prepareStep(model: Module, optimizer: Optimizer, batch: Batch): Promise<void> {
  checkStep('prepareStep', model, optimizer, batch);
  await model.device.prepare(() => rehearseStep(model, optimizer, batch));
}

function checkStep(what: string, model: Module, optimizer: Optimizer, batch: Batch): void {
  checkArgument(`the model of ${what}`, model, MODULE);
  checkArgument(`the optimizer of ${what}`, optimizer, OPTIMIZER);
  checkOptimizerOf(what, model, optimizer);
  checkBatch(what, batch);
  checkLabels(batch.labels);
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

/** The logits of a batch, `[N, 1]`, and their mean loss, `[1]`. */
export function forward(model: Module, batch: Batch): { logits: Tensor; loss: Tensor } {
  const logits = logitsOf(model, batch);
  const labels = tensor(model.device, batch.labels, [batch.labels.length, 1]);
  return { logits, loss: mean(sigmoidCrossEntropyWithLogits(logits, labels)) };
}

/** What `model` says of a batch, `[N, 1]`. Throws 'shape-mismatch' where it is of another shape. */
export function logitsOf(model: Module, batch: Batch): Tensor {
  const logits = model(normalizeImages(uploadImages(model.device, batch)));
  checkTensor(`the model ${model.constructor.name}`, 'the result', logits);
  const shape = [batch.names.length, 1];
  check(sameShape(logits.shape, shape), 'shape-mismatch', () => {
    return (
      `the model gives ${formatShape(logits.shape)} for ${batch.names.length} images, not ${formatShape(shape)}: ` +
      'two classes take one logit per image: create the network with classDim 1.'
    );
  });
  return logits;
}

/** The photographs of a batch as they were decoded, `[N, size, size, 3]` of u8. */
export function uploadImages(device: Device, { images, names, size }: Batch): Tensor<'u8'> {
  return tensor(device, images, [names.length, size, size, 3], { layout: 'row-major' });
}

/** The share of hits of the arg-max over `[1 − p, p]`, as the original computed it; equal scores are class 0. */
function batchAccuracy(logits: Tensor, labels: Float32Array): Tensor {
  return noGrad(logits.device, () => {
    const positive = sigmoid(logits);
    const negative = add(multiply(positive, -1), 1);
    const classes = tensor(logits.device, Int32Array.from(labels));
    return accuracy(concat([negative, positive], 1), classes);
  });
}
