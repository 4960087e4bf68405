/**
 * @file Which parts of an image speak for a class: Grad-CAM.
 *
 * R. R. Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based localization", ICCV 2017.
 */

import {
  checkArgument,
  checkOptions,
  listOf,
  type OptionRules,
  type Rule,
  required,
  STRING,
  whole,
} from '../arguments.ts';
import { backward } from '../autograd/backward.ts';
import { clearGrad, gradOf, isolated, noGrad } from '../autograd/graph.ts';
import { argMax, cast, equal, mean, multiply, relu, reshape, sum, upsample } from '../autograd/ops.ts';
import { counted } from '../counted.ts';
import { check } from '../errors.ts';
import { MODULE, type Module } from '../nn/module.ts';
import { PAIR, type Pair } from '../shape/window.ts';
import { checkTensor } from '../tensor/check-tensor.ts';
import { readTensors, tensor } from '../tensor/create.ts';
import { scope } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { allFinite } from '../train/finite.ts';
import { holdMode } from '../train/mode.ts';
import { runToLayer } from './run-to-layer.ts';

/** What {@link gradCam} explains, and by which layer. */
export interface GradCamOptions {
  /**
   * The name of a module whose result is maps `[N, C, h, w]`, as state dicts (`bb_3_2`) or PyTorch (`layer4.2`) have it. Late layers
   * know most of the class, early ones see finer.
   */
  readonly layer: string;
  /**
   * Which class is explained: one for all images, or one for each. By default the predicted one; for a model of one logit, which
   * speaks for class 1 as it is and negated for class 0, it is class 1.
   */
  readonly class?: number | readonly number[];
  /** Height and width of the maps, to which they are scaled bilinearly; by default those of the layer. */
  readonly size?: Pair;
}

/** Where in an image a class is seen. */
export interface ActivationMap {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** `height · width` numbers from 0, nothing, to 1, the most in this image; row after row from the top. */
  readonly values: Float32Array;
  /** The class that is explained. */
  readonly class: number;
}

const CLASS = whole(0);
const CLASSES: Rule = {
  holds: (value) => CLASS.holds(value) || listOf(CLASS, '').holds(value),
  words: 'a whole number of at least 0, or an array of one per image',
};
const OPTIONS: OptionRules<GradCamOptions> = { layer: required(STRING), class: CLASSES, size: PAIR };

/**
 * Grad-CAM of `images`, which the model takes as they are: of each the maps A_k that `layer` gives, weighted by how much the class's
 * logit y gains by them on average over the positions, `relu(Σ_k mean(∂y/∂A_k) · A_k)`, scaled so that the least value is 0
 * and the greatest 1. Where nothing in the image speaks for the class all values are 0.
 *
 *     const [map] = await gradCam(model, normalizeImages(bytes), { layer: 'bb_3_2', size: 224 });
 *
 * The model runs in evaluation mode and is left as it was; frozen or not, its parameters get no gradients. Throws 'invalid-argument' for
 * an unknown layer, naming similar ones, for one that is not called exactly once or that the logits do not depend on, and for
 * a class that the model does not have; 'shape-mismatch' where the layer does not give maps or the model no logits `[N, K]`; 'not-finite' where a map is not.
 */
export async function gradCam(
  model: Module,
  images: Tensor,
  options: GradCamOptions,
): Promise<ActivationMap[]> {
  checkArgument('the model of gradCam', model, MODULE);
  checkTensor('gradCam', 'images', images);
  checkOptions('gradCam', options, OPTIONS);
  const release = holdMode(model, 'evaluation');
  let results: { maps: Tensor; classes: Tensor };
  try {
    results = scope(model.device, () => isolated(model.device, () => mapsOf(model, images, options)));
  } finally {
    release();
  }
  const { maps, classes } = results;
  const [batch, , height, width] = maps.shape as [number, number, number, number];
  try {
    const [values, found] = (await readTensors([maps, classes])) as [Float32Array, Float32Array];
    return Array.from({ length: batch }, (_, i) => ({
      ...{ width, height, class: found[i]! },
      values: scaled(values.subarray(i * height * width, (i + 1) * height * width), i),
    }));
  } finally {
    maps.dispose();
    classes.dispose();
  }
}

/** The maps, `[N, 1, h, w]` of at least 0, and the classes that they are of, `[N]`. */
function mapsOf(model: Module, images: Tensor, { layer, class: wanted, size }: GradCamOptions) {
  const { activation, logits } = runToLayer(model, images, layer);
  try {
    const { classes, gradient } = noGrad(model.device, () => targetOf(logits, wanted));
    backward(logits, gradient);
    const maps = noGrad(model.device, () => {
      const weights = mean(gradOf(activation)!, { axes: [2, 3], keepDims: true });
      const map = relu(sum(multiply(activation, weights), { axes: [1], keepDims: true }));
      return size === undefined ? map : upsample(map, { size, mode: 'bilinear' });
    });
    return { maps, classes };
  } finally {
    clearGrad(activation);
    activation.dispose();
  }
}

/** The class of each image, `[N]`, and the gradient of its logit, or of what stands for it, by the logits `[N, K]`. */
function targetOf(logits: Tensor, wanted: GradCamOptions['class']): { classes: Tensor; gradient: Tensor } {
  const { device } = logits;
  const [batch, classDim] = logits.shape as [number, number];
  const given = wanted ?? (classDim === 1 ? 1 : undefined);
  const known = given === undefined ? undefined : classesOf(given, batch, Math.max(classDim, 2));
  if (known && classDim === 1) {
    const signs = known.map((label) => (label === 1 ? 1 : -1));
    return { classes: tensor(device, known), gradient: tensor(device, signs, [batch, 1]) };
  }
  const classes = known ? tensor(device, known) : cast(argMax(logits, { axis: 1 }), 'f32');
  const all = tensor(
    device,
    Float32Array.from({ length: classDim }, (_, i) => i),
    [1, classDim],
  );
  return { classes, gradient: equal(reshape(classes, [batch, 1]), all) };
}

function classesOf(given: number | readonly number[], batch: number, count: number): Float32Array {
  const classes = typeof given === 'number' ? new Float32Array(batch).fill(given) : Float32Array.from(given);
  check(classes.length === batch, 'shape-mismatch', () => {
    return `gradCam was given ${counted(classes.length, 'class', 'classes')} for ${counted(batch, 'image')}: give one for each, or one for all`;
  });
  const unknown = classes.find((label) => label >= count);
  check(unknown === undefined, 'invalid-argument', () => {
    return `class of gradCam is ${unknown}, but the model tells ${count} classes apart: give a number from 0 to ${count - 1}`;
  });
  return classes;
}

/** `map` from 0 to 1: `(x − min) / (max − min)`, zeros where all are the same. */
function scaled(map: Float32Array, image: number): Float32Array {
  check(allFinite(map), 'not-finite', () => {
    return `the map of image ${image} is not finite: the model computes NaN or infinite numbers, or was given some`;
  });
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of map) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  const range = greatest - least;
  return range === 0 ? new Float32Array(map.length) : map.map((value) => (value - least) / range);
}
