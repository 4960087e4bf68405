/**
 * @file Runs a model so that gradients reach what one of its layers gives.
 */

import { describe } from '../arguments.ts';
import { nodeOf, requiresGrad } from '../autograd/graph.ts';
import { check } from '../errors.ts';
import type { Module } from '../nn/module.ts';
import { replaceResults } from '../nn/watch-calls.ts';
import { formatShape } from '../shape/shape.ts';
import { checkTensor } from '../tensor/check-tensor.ts';
import { keep } from '../tensor/scope.ts';
import { Tensor } from '../tensor/tensor.ts';
import { namedModule } from './named-module.ts';

/** What {@link runToLayer} gives. */
export interface LayerRun {
  /** What the layer gave, `[N, C, h, w]`: a leaf, which the caller disposes. */
  readonly activation: Tensor;
  /** What the model made of it, `[N, K]`. */
  readonly logits: Tensor;
}

/**
 * Runs `model`, within `isolated` and a scope, with what the module called `layer` gives for a leaf. Throws as `gradCam` does.
 */
export function runToLayer(model: Module, images: Tensor, layer: string): LayerRun {
  // Apart from whatever graph the images are of.
  const input = images.alias();
  let run = runWithLeaves(model, input, layer);
  if (run.leaves.length === 0) {
    // A pass that fuses layers does not call them. There is none where its input wants a gradient.
    requiresGrad(input);
    run = runWithLeaves(model, input, layer);
  }
  const { leaves, logits } = run;
  try {
    const [activation] = leaves;
    check(activation !== undefined && leaves.length === 1, 'invalid-argument', () => {
      return `layer '${layer}' of gradCam was called ${leaves.length} times: give one that is called once`;
    });
    checkTensor(`the model ${model.constructor.name}`, 'the result', logits);
    const { shape } = logits;
    check(shape.length === 2 && shape[0] === images.shape[0], 'shape-mismatch', () => {
      return `gradCam explains logits [N, K], the model gives ${formatShape(shape)} for images ${formatShape(images.shape)}`;
    });
    check(nodeOf(logits) !== undefined, 'invalid-argument', () => {
      return `the logits do not depend on layer '${layer}' of gradCam: give one on the way to them`;
    });
    return { activation, logits };
  } catch (error) {
    for (const leaf of leaves) leaf.dispose();
    throw error;
  }
}

/** Runs `model`; each result of `layer` is a leaf, which the caller disposes. */
function runWithLeaves(model: Module, input: Tensor, layer: string): { leaves: Tensor[]; logits: Tensor } {
  const leaves: Tensor[] = [];
  const release = replaceResults(namedModule(model, layer), (result) => {
    const leaf = requiresGrad(checkMaps(layer, result).alias());
    leaves.push(keep(leaf));
    return leaf;
  });
  try {
    return { leaves, logits: model(input) };
  } catch (error) {
    for (const leaf of leaves) leaf.dispose();
    throw error;
  } finally {
    release();
  }
}

function checkMaps(layer: string, result: unknown): Tensor {
  check(
    result instanceof Tensor && result.dtype === 'f32' && result.shape.length === 4,
    'shape-mismatch',
    () => {
      const found = result instanceof Tensor ? formatShape(result.shape) : describe(result);
      return `layer '${layer}' of gradCam gives ${found}: give one that gives maps [N, C, h, w], before they are pooled and flattened`;
    },
  );
  return result;
}
