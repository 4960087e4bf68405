/**
 * @file The operators of each layer, in evaluation mode.
 */

import {
  flatten,
  gelu,
  hardSigmoid,
  hardSwish,
  relu,
  sigmoid,
  silu,
  softplus,
  tanh,
} from '../../autograd/ops.ts';
import { check } from '../../errors.ts';
import { BatchNorm } from '../../nn/batch-norm.ts';
import { ConvTranspose2D } from '../../nn/conv-transpose2d.ts';
import { Conv2D } from '../../nn/conv2d.ts';
import { Dropout, DropPath } from '../../nn/dropout.ts';
import {
  AdaptiveAvgPool2D,
  ELU,
  Flatten,
  GELU,
  HardSigmoid,
  HardSwish,
  Identity,
  LeakyReLU,
  ReLU,
  Sigmoid,
  SiLU,
  Softmax,
  Softplus,
  Tanh,
} from '../../nn/layers.ts';
import { Linear } from '../../nn/linear.ts';
import type { AnyModule } from '../../nn/module.ts';
import { Pool2D } from '../../nn/pool2d.ts';
import type { Layer } from '../../nn/sequential.ts';
import type { Conv2dAttributes } from '../../shape/conv2d.ts';
import { expandPadding, expandPair, PAIR_OR_ZERO, type Padding, type Pair } from '../../shape/window.ts';
import {
  type Emit,
  type Emitter,
  kind,
  kindOfFunction,
  type LayerKind,
  type ModuleClass,
} from './emitter.ts';
import type { Attribute } from './graph.ts';

const ints = (values: readonly number[]): Attribute => ({ ints: values });
const pair = (value: Pair): Attribute => ints(expandPair(value, 'a pair', PAIR_OR_ZERO));

/** ONNX has the beginnings of all axes before their ends. */
function pads(padding: Padding): Attribute {
  const { top, left, bottom, right } = expandPadding(padding, 'the padding');
  return ints([top, left, bottom, right]);
}

/** The operator `name`, told nothing. */
const simple =
  (name: string): Emit<unknown> =>
  ({ graph }, _, x) =>
    graph.node(name, [x]);

const nothing: Emit<unknown> = (_, __, x) => x;

/** `x · sigmoid(x)`: ONNX has no operator for it before opset 24. */
const emitSilu: Emit<unknown> = (emitter, _, x) => emitter.node('Mul', [x, emitter.node('Sigmoid', [x])]);

/** `x · (1 + erf(x / √2)) / 2`, or with tanh: ONNX has an operator from opset 20 on. */
function emitGelu({ graph }: Emitter, approximate: 'none' | 'tanh', x: string): string {
  const number = (value: number) => graph.constant('number', [], Float32Array.of(value));
  const half = graph.node('Mul', [x, number(0.5)]);
  const cubed = () => graph.node('Mul', [graph.node('Mul', [x, x]), x]);
  const inner = () => graph.node('Add', [x, graph.node('Mul', [cubed(), number(0.044715)])]);
  const share =
    approximate === 'tanh'
      ? graph.node('Tanh', [graph.node('Mul', [inner(), number(Math.sqrt(2 / Math.PI))])])
      : graph.node('Erf', [graph.node('Mul', [x, number(Math.SQRT1_2)])]);
  return graph.node('Mul', [half, graph.node('Add', [share, number(1)])]);
}

const emitHardSigmoid: Emit<unknown> = (emitter, _, x) =>
  emitter.node('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });

const emitFlatten: Emit<unknown> = (emitter, _, x) => emitter.node('Flatten', [x], { axis: { int: 1 } });

function windowOf({ stride = 1, padding = 0, dilation = 1, groups = 1 }: Conv2dAttributes) {
  return { strides: pair(stride), pads: pads(padding), dilations: pair(dilation), group: { int: groups } };
}

const emitConv: Emit<Conv2D> = (emitter, { weight, bias, window }, x) =>
  emitter.node('Conv', [x, ...emitter.constants(weight, bias)], {
    kernel_shape: ints(weight.shape.slice(2)),
    ...windowOf(window),
  });

const emitConvTranspose: Emit<ConvTranspose2D> = (emitter, { weight, bias, window }, x) =>
  emitter.node('ConvTranspose', [x, ...emitter.constants(weight, bias)], {
    kernel_shape: ints(weight.shape.slice(2)),
    ...windowOf(window),
    output_padding: pair(window.outputPadding ?? 0),
  });

/** By the running statistics; folded into the convolution before it later. */
const emitBatchNorm: Emit<BatchNorm> = (emitter, { weight, bias, mean, variance, options }, x, residual) => {
  const epsilon = { float: options.epsilon ?? 1e-5 };
  const normalized = emitter.node(
    'BatchNormalization',
    [x, ...emitter.constants(weight, bias, mean, variance)],
    { epsilon },
  );
  const sum = residual === undefined ? normalized : emitter.node('Add', [normalized, residual]);
  return options.relu ? emitter.node('Relu', [sum]) : sum;
};

/** The matrix is `[in, out]`, and there may be any axes before the last. */
const emitLinear: Emit<Linear> = (emitter, { weight, bias }, x) =>
  emitter.node('Add', [emitter.node('MatMul', [x, emitter.constant(weight)]), emitter.constant(bias)]);

const emitPool: Emit<Pool2D> = (emitter, { options }, x) => {
  const { type, global, kernel, stride = kernel, padding = 0, ceilMode = false, exclusive = true } = options;
  const isMax = type === 'max';
  if (global) return emitter.node(isMax ? 'GlobalMaxPool' : 'GlobalAveragePool', [x]);
  check(
    isMax || exclusive || !ceilMode,
    'unsupported',
    () =>
      'toOnnx: a mean over padding (exclusive: false) in ceil mode is another one in ONNX: leave out ceilMode',
  );
  return emitter.node(isMax ? 'MaxPool' : 'AveragePool', [x], {
    kernel_shape: pair(kernel!),
    strides: pair(stride!),
    pads: pads(padding),
    ceil_mode: { int: Number(ceilMode) },
    ...(!isMax && { count_include_pad: { int: Number(!exclusive) } }),
  });
};

const emitAdaptivePool: Emit<AdaptiveAvgPool2D> = (emitter, { options }, x) => {
  const size = expandPair(options.outputSize, 'the outputSize');
  check(
    size.every((extent) => extent === 1),
    'unsupported',
    () => `toOnnx: ONNX has no AdaptiveAvgPool2D to ${size.join('×')}, only to 1×1`,
  );
  return emitter.node('GlobalAveragePool', [x]);
};

/** A layer that may be a module or the op itself. */
const opLayer = (Type: ModuleClass<AnyModule>, op: Layer, emit: Emit<unknown>): LayerKind[] => [
  kind(Type, emit),
  kindOfFunction(op, emit),
];

/** Every layer that is no network of others. */
export const LAYERS: readonly LayerKind[] = [
  kind(Conv2D, emitConv),
  kind(ConvTranspose2D, emitConvTranspose),
  kind(BatchNorm, emitBatchNorm),
  kind(Linear, emitLinear),
  kind(Pool2D, emitPool),
  kind(AdaptiveAvgPool2D, emitAdaptivePool),
  ...opLayer(ReLU, relu, simple('Relu')),
  ...opLayer(Sigmoid, sigmoid, simple('Sigmoid')),
  ...opLayer(Tanh, tanh, simple('Tanh')),
  ...opLayer(Softplus, softplus, simple('Softplus')),
  ...opLayer(HardSwish, hardSwish, simple('HardSwish')),
  ...opLayer(HardSigmoid, hardSigmoid, emitHardSigmoid),
  ...opLayer(SiLU, silu, emitSilu),
  kind(GELU, (emitter, { options }, x) => emitGelu(emitter, options.approximate ?? 'none', x)),
  kindOfFunction(gelu, (emitter, _, x) => emitGelu(emitter, 'none', x)),
  kind(LeakyReLU, (emitter, { options }, x) =>
    emitter.node('LeakyRelu', [x], { alpha: { float: options.negativeSlope ?? 0.01 } }),
  ),
  kind(ELU, (emitter, { options }, x) => emitter.node('Elu', [x], { alpha: { float: options.alpha ?? 1 } })),
  kind(Softmax, (emitter, { options }, x) =>
    emitter.node('Softmax', [x], { axis: { int: options.axis ?? -1 } }),
  ),
  ...opLayer(Flatten, flatten, emitFlatten),
  kind(Identity, nothing),
  kind(Dropout, nothing),
  kind(DropPath, nothing),
];
