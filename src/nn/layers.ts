/**
 * @file The layers without parameters, each declared by its op: activations and changes of shape.
 */

import { checkOptions, type OptionRules, required } from '../arguments.ts';
import { ELU_OPTIONS, GELU_OPTIONS, LEAKY_RELU_OPTIONS } from '../autograd/ops/activations.ts';
import { SOFTMAX_OPTIONS } from '../autograd/ops/softmax.ts';
import {
  adaptiveAvgPool2d,
  type EluOptions,
  elu,
  flatten,
  type GeluOptions,
  gelu,
  hardSigmoid,
  hardSwish,
  type LeakyReluOptions,
  leakyRelu,
  relu,
  type SoftmaxOptions,
  sigmoid,
  silu,
  softmax,
  softplus,
  tanh,
  upsample,
} from '../autograd/ops.ts';
import type { Device } from '../device/device.ts';
import { UPSAMPLE_OPTIONS, type UpsampleOptions } from '../shape/upsample.ts';
import { PAIR, type Pair } from '../shape/window.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';

/** A layer of one tensor. It has a name, since declarations do not take the protected members of nameless classes. */
interface Layer extends Module {
  forward(x: Tensor): Tensor;
}

/** A layer of one tensor, and the options that it was made with. */
interface LayerWith<Options> extends Layer {
  /** What it was made with. */
  readonly options: Options;
}

/** A class of layers. */
interface LayerClass {
  /** Throws 'invalid-argument' unless `device` is one. */
  new (device: Device): Layer;
}

/** A class of layers with options. */
interface LayerClassWith<Options> {
  /** Throws 'invalid-argument' unless `device` is one, and for options that are missing, unknown or out of range. */
  new (
    device: Device,
    ...given: object extends Options ? [options?: Options] : [options: Options]
  ): LayerWith<Options>;
}

/** A layer that does nothing but `op`. */
function layer(op: (x: Tensor) => Tensor): LayerClass {
  return class extends Module {
    override forward(x: Tensor): Tensor {
      return op(x);
    }
  };
}

/** A layer that does nothing but `op`, by the options that it is made with. */
function layerWith<Options>(
  op: (x: Tensor, options: Options) => Tensor,
  rules: OptionRules<Options>,
): LayerClassWith<Options> {
  return class extends Module {
    readonly options: Options;

    constructor(device: Device, ...given: object extends Options ? [options?: Options] : [options: Options]) {
      super(device);
      const [options = {}] = given;
      checkOptions(new.target.name, options, rules);
      this.options = options as Options;
    }

    override forward(x: Tensor): Tensor {
      return op(x, this.options);
    }
  };
}

/** The `relu` of what it is given. */
export class ReLU extends /* @__PURE__ */ layer(relu) {}

/** The `sigmoid` of what it is given. */
export class Sigmoid extends /* @__PURE__ */ layer(sigmoid) {}

/** The `tanh` of what it is given. */
export class Tanh extends /* @__PURE__ */ layer(tanh) {}

/** The `silu` of what it is given. */
export class SiLU extends /* @__PURE__ */ layer(silu) {}

/** The `softplus` of what it is given. */
export class Softplus extends /* @__PURE__ */ layer(softplus) {}

/** The `hardSigmoid` of what it is given. */
export class HardSigmoid extends /* @__PURE__ */ layer(hardSigmoid) {}

/** The `hardSwish` of what it is given. */
export class HardSwish extends /* @__PURE__ */ layer(hardSwish) {}

/** The `gelu` of what it is given, exact by default. */
export class GELU extends /* @__PURE__ */ layerWith<GeluOptions>(gelu, GELU_OPTIONS) {}

/** The `leakyRelu` of what it is given, with a slope of 0.01 below 0 by default. */
export class LeakyReLU extends /* @__PURE__ */ layerWith<LeakyReluOptions>(leakyRelu, LEAKY_RELU_OPTIONS) {}

/** The `elu` of what it is given, with an `alpha` of 1 by default. */
export class ELU extends /* @__PURE__ */ layerWith<EluOptions>(elu, ELU_OPTIONS) {}

/** The `softmax` of what it is given, along the last axis by default. */
export class Softmax extends /* @__PURE__ */ layerWith<SoftmaxOptions>(softmax, SOFTMAX_OPTIONS) {}

/** `[N, C, H, W]` → `[N, C, H', W']`, resized by `upsample`. */
export class Upsample extends /* @__PURE__ */ layerWith<UpsampleOptions>(upsample, UPSAMPLE_OPTIONS) {}

/** How an {@link AdaptiveAvgPool2D} is made. */
export interface AdaptiveAvgPool2DOptions {
  /** Height and width of the result. */
  readonly outputSize: Pair;
}

/** `[N, C, H, W]` → `[N, C, height, width]`, the means that `adaptiveAvgPool2d` takes. */
export class AdaptiveAvgPool2D extends /* @__PURE__ */ layerWith<AdaptiveAvgPool2DOptions>(
  (x, { outputSize }) => adaptiveAvgPool2d(x, outputSize),
  { outputSize: /* @__PURE__ */ required(PAIR) },
) {}

/** What it is given: a layer that is left out. */
export class Identity extends /* @__PURE__ */ layer((x) => x) {}

/** `[N, …]` → `[N, all else]`, in row-major order, by `flatten`. */
export class Flatten extends /* @__PURE__ */ layer((x) => flatten(x)) {}
