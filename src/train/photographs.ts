/**
 * @file How a batch of photographs comes to a network, and what the network should make of it.
 */

import { normalizeImages } from '../autograd/ops.ts';
import { counted } from '../counted.ts';
import type { Batch } from '../data/data-loader.ts';
import { normalizationOf } from '../data/preprocessing.ts';
import type { Device } from '../device/device.ts';
import { check } from '../errors.ts';
import type { Module } from '../nn/module.ts';
import { formatShape } from '../shape/shape.ts';
import { checkTensor } from '../tensor/check-tensor.ts';
import { tensor } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { DType } from '../tensor/values.ts';

/** Whether outputs are a number for each of several classes, and not one per photograph. */
export const areClasses = ({ shape }: Tensor): boolean => shape.length === 2 && shape[1]! > 1;

/**
 * The labels of photographs: class indexes, `[N]`, where `outputs` are `[N, K]`, else `[N, 1]`. Where mixup drew, they are
 * probabilities, `[N, K]`, or numbers between 0 and 1.
 */
export function labelsOf(outputs: Tensor, { labels, augmentation }: Batch): Tensor<DType> {
  const { device } = outputs;
  const classes = areClasses(outputs) ? outputs.shape[1]! : 1;
  const mixed = augmentation?.mixLabels(labels, classes);
  if (classes === 1) return tensor(device, mixed ?? labels, [labels.length, 1]);
  return mixed ? tensor(device, mixed, outputs.shape) : tensor(device, Int32Array.from(labels));
}

/** The logits of photographs, `[N, K]`, K = 1 for two classes. Throws 'shape-mismatch' where the model gives another shape. */
export function logitsOf(model: Module, batch: Batch): Tensor {
  const logits = model(inputsOf(model.device, batch));
  checkTensor(`the model ${model.constructor.name}`, 'the result', logits);
  const { length } = batch.names;
  check(logits.shape.length === 2 && logits.shape[0] === length, 'shape-mismatch', () => {
    return (
      `the model gives ${formatShape(logits.shape)} for ${counted(length, 'image')}, not [${length}, 1] or [${length}, K]: ` +
      'one logit per image for two classes (classDim 1), one per class for K classes (classDim K).'
    );
  });
  return logits;
}

/** The photographs of a batch as a network takes them, `[N, 3, size, size]`. */
export function inputsOf(device: Device, batch: Batch): Tensor {
  const images = uploadImages(device, batch);
  const normalization = normalizationOf(batch.preprocessing);
  const { augmentation } = batch;
  return augmentation ? augmentation.apply(images, normalization) : normalizeImages(images, normalization);
}

/** The photographs of a batch as they were decoded, `[N, size, size, 3]` of u8. */
export function uploadImages(device: Device, { images, names, size }: Batch): Tensor<'u8'> {
  return tensor(device, images, [names.length, size, size, 3], { layout: 'row-major' });
}
