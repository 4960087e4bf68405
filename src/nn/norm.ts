/**
 * @file Layer normalization and group normalization with their parameters.
 */

import { BOOLEAN, checkOptions, type OptionRules, type Rule, required, whole } from '../arguments.ts';
import { EPSILON, groupNorm, layerNorm } from '../autograd/ops/norm.ts';
import type { Device } from '../device/device.ts';
import { check } from '../errors.ts';
import { type Shape, sizeOf } from '../shape/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkParameterShape } from './initializers.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** How a {@link LayerNorm} is made. */
export interface LayerNormOptions {
  /** The channels of images or the extent of another tensor's last axis; or, as an array, the extents of the last axes. */
  readonly normalizedShape: number | Shape;
  /** Added to the variance, 1e-5 by default. */
  readonly epsilon?: number;
  /** Whether there are a weight and a bias, true by default. */
  readonly affine?: boolean;
  /** Whether there is a bias beside the weight, true by default. */
  readonly bias?: boolean;
}

/** How a {@link GroupNorm} is made. */
export interface GroupNormOptions {
  /** C of the tensors `[N, C, H, W]` or `[N, C]` that it takes. */
  readonly channels: number;
  /** Into how many groups of neighbours the channels are divided. */
  readonly groups: number;
  /** Added to the variance, 1e-5 by default. */
  readonly epsilon?: number;
  /** Whether there are a weight and a bias, true by default. */
  readonly affine?: boolean;
}

const COUNT = whole(1);
const NORMALIZED_SHAPE: Rule = {
  holds: (value) =>
    COUNT.holds(value) || (Array.isArray(value) && value.length > 0 && value.every(COUNT.holds)),
  words: 'a whole number of at least 1, or an array of such',
};
const LAYER_NORM: OptionRules<LayerNormOptions> = {
  normalizedShape: required(NORMALIZED_SHAPE),
  epsilon: EPSILON,
  affine: BOOLEAN,
  bias: BOOLEAN,
};
const GROUP_NORM: OptionRules<GroupNormOptions> = {
  channels: required(COUNT),
  groups: required(COUNT),
  epsilon: EPSILON,
  affine: BOOLEAN,
};

function filled(device: Device, shape: Shape, value: number): Parameter {
  checkParameterShape(device, shape);
  return new Parameter(device, new Float32Array(sizeOf(shape)).fill(value), shape);
}

/**
 * Normalizes by `layerNorm`: images `[N, C, H, W]` over their channels at each pixel where `normalizedShape` is the number C, and
 * any other tensor over its last axis; any tensor over its last axes where it is an array, `[C]` for `[N, H, W, C]`. `weight`, at
 * first 1, and `bias`, at first 0, have that shape.
 */
export class LayerNorm extends Module {
  /** What a normalized element is multiplied by; undefined unless `affine`. */
  readonly weight: Parameter | undefined;
  /** What is added to it then; undefined without it. */
  readonly bias: Parameter | undefined;
  /** Added to the variance. */
  readonly epsilon: number;
  readonly #axes: readonly number[] | undefined;

  /** Throws 'invalid-argument' for other options. */
  constructor(device: Device, options: LayerNormOptions) {
    super(device);
    checkOptions('LayerNorm', options, LAYER_NORM);
    const { normalizedShape, epsilon = 1e-5, affine = true, bias = true } = options;
    const shape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
    this.weight = affine ? filled(device, shape, 1) : undefined;
    this.bias = affine && bias ? filled(device, shape, 0) : undefined;
    this.epsilon = epsilon;
    this.#axes = typeof normalizedShape === 'number' ? undefined : shape.map((_, i) => i - shape.length);
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, epsilon } = this;
    const axes = this.#axes && { axes: this.#axes };
    return layerNorm(x, { ...axes, weight: weight?.tensor, bias: bias?.tensor, epsilon });
  }
}

/**
 * Normalizes `[N, C, H, W]` or `[N, C]` by `groupNorm`. `weight`, at first 1, and `bias`, at first 0, are `[C]`.
 */
export class GroupNorm extends Module {
  /** What a normalized channel is multiplied by, `[C]`; undefined unless `affine`. */
  readonly weight: Parameter | undefined;
  /** What is added to it then, `[C]`; undefined unless `affine`. */
  readonly bias: Parameter | undefined;
  /** Into how many groups the channels are divided. */
  readonly groups: number;
  /** Added to the variance. */
  readonly epsilon: number;

  /** Throws 'invalid-argument' for other options, or where the groups do not divide the channels. */
  constructor(device: Device, options: GroupNormOptions) {
    super(device);
    checkOptions('GroupNorm', options, GROUP_NORM);
    const { channels, groups, epsilon = 1e-5, affine = true } = options;
    check(
      channels % groups === 0,
      'invalid-argument',
      () => `GroupNorm: ${channels} channels cannot be divided into ${groups} groups of one size`,
    );
    this.weight = affine ? filled(device, [channels], 1) : undefined;
    this.bias = affine ? filled(device, [channels], 0) : undefined;
    this.groups = groups;
    this.epsilon = epsilon;
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias, groups, epsilon } = this;
    return groupNorm(x, groups, { weight: weight?.tensor, bias: bias?.tensor, epsilon });
  }
}
