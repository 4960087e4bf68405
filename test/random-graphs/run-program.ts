/**
 * @file Runs a program on a device, by the public functions.
 */

import { backward } from '../../src/autograd/backward.ts';
import { clearGrad, gradOf, noGrad, requiresGrad } from '../../src/autograd/graph.ts';
import * as fovea from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import { AUGMENTATION_LENGTH } from '../../src/kernels/augment-images.ts';
import { Module } from '../../src/nn/module.ts';
import { Parameter } from '../../src/nn/parameter.ts';
import { Momentum } from '../../src/optim/momentum.ts';
import { Random } from '../../src/random.ts';
import { readTensors, tensor } from '../../src/tensor/create.ts';
import { scope, tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { fromArray, type NdArray } from '../reference/array.ts';
import { BINARY, isBinary, isUnary, UNARY } from './element-ops.ts';
import type { Op, PoolWindow, Program } from './program.ts';
import type { Outcome } from './tape.ts';
import { augmentationOf, type Values } from './values.ts';

const { abs, exp, tanh, silu, softplus, hardSigmoid, hardSwish, gelu } = fovea;
const ACTIVATIONS = { abs, exp, tanh, silu, softplus, hardSigmoid, hardSwish, gelu };

const { sum, mean, max, min, logSumExp } = fovea;
const REDUCTIONS = { sum, mean, max, min, logSumExp };

const { dropout, dropPath } = fovea;
const DROPS = { dropout, dropPath };

/** Calls one op as a module. */
class OneOp extends Module<[work: () => Tensor]> {
  override forward(work: () => Tensor): Tensor {
    return work();
  }
}

/** What the program holds on the device beside its graph. */
interface Held {
  readonly leaves: readonly Tensor[];
  readonly given: readonly (Tensor | undefined)[];
  readonly labels: readonly (Tensor | undefined)[];
  readonly images: readonly (Tensor<'u8'> | undefined)[];
  readonly running: readonly (readonly [Tensor, Tensor] | undefined)[];
  readonly optimizer: Momentum | undefined;
}

/** Runs `program`. Throws where memory is left behind, or a tensor that it only reads has changed. */
export async function runProgram(device: Device, program: Program, values: Values): Promise<Outcome> {
  const before = tensorStatistics(device).tensors;
  const held = hold(device, program, values);
  let losses: Tensor[] = [];
  for (let pass = 0; pass < program.passes; pass++) {
    for (const loss of losses) loss.dispose();
    losses = scope(device, () => runPass(device, program, held));
  }
  const gradients = held.leaves.map((leaf, i) => (program.leaves[i]!.frozen ? undefined : gradOf(leaf)));
  const outcome = {
    losses: (await readAll(losses)) as NdArray[],
    gradients: await readAll(gradients),
    running: await readAll(held.running.flatMap((pair) => pair ?? [])),
  };
  await checkUnchanged(held, values);
  release(program, held, losses);
  const left = tensorStatistics(device).tensors - before;
  if (left !== 0) throw new Error(`${left} tensors are left behind`);
  return outcome;
}

function hold(device: Device, { leaves, ops }: Program, values: Values): Held {
  const constant = ({ data, shape }: NdArray) => tensor(device, Float32Array.from(data), shape);
  const parameters: Parameter[] = [];
  const made = leaves.map(({ shape, layout, frozen, inArena }, i) => {
    const data = Float32Array.from(values.leaves[i]!.data);
    if (!inArena) {
      const leaf = tensor(device, data, shape, { layout });
      return frozen ? leaf : requiresGrad(leaf);
    }
    const parameter = new Parameter(device, data, shape, { layout });
    parameter.name = `leaf ${i}`;
    parameters.push(parameter);
    return parameter.tensor;
  });
  return {
    leaves: made,
    given: values.given.map((array) => array && constant(array)),
    labels: values.labels.map((array) => array && constant(array)),
    images: values.images.map((bytes, i) => {
      if (!bytes) return undefined;
      const [batch, channels, height, width] = ops[i]!.shape as [number, number, number, number];
      return tensor(device, bytes, [batch, height, width, channels], { layout: 'row-major' });
    }),
    running: values.running.map((pair) => pair && ([constant(pair[0]), constant(pair[1])] as const)),
    optimizer: parameters.length > 0 ? new Momentum({ parameters, learningRate: 0.1 }) : undefined,
  };
}

function runPass(device: Device, program: Program, held: Held): Tensor[] {
  const all = [...held.leaves];
  program.ops.forEach((op, i) => {
    const work = () =>
      apply(
        device,
        op,
        op.inputs.map((input) => all[input]!),
        i,
        held,
      );
    all.push(within(device, op.mode, work));
  });
  program.losses.forEach(({ value }, i) => {
    const retainGraph = i < program.losses.length - 1;
    const loss = all[value]!;
    const given = held.given[i];
    backward(loss, given && fovea.toLayout(given, loss.layout), { retainGraph });
  });
  return program.losses.map(({ value }) => all[value]!.alias());
}

function within(device: Device, mode: Op['mode'], work: () => Tensor): Tensor {
  switch (mode) {
    case 'plain':
      return work();
    case 'noGrad':
      return noGrad(device, work);
    case 'scope':
      return scope(device, work);
    case 'module':
      return new OneOp(device)(work);
  }
}

function apply(device: Device, op: Op, inputs: readonly Tensor[], index: number, held: Held): Tensor {
  const [x, y, z, residual] = inputs as [Tensor, Tensor, Tensor, Tensor | undefined];
  const statistics = () => {
    const [runningMean, runningVariance] = held.running[index]!;
    return { runningMean, runningVariance };
  };
  if (isUnary(op.op)) return UNARY[op.op].run(x);
  if (isBinary(op.op)) return BINARY[op.op].run(x, y);
  switch (op.op) {
    case 'where':
      return fovea.where(x, y, z);
    case 'add':
      return fovea.add(x, y);
    case 'subtract':
      return fovea.subtract(x, y);
    case 'multiply':
      return fovea.multiply(x, y);
    case 'addNumber':
      return fovea.add(x, op.number);
    case 'subtractNumber':
      return fovea.subtract(x, op.number);
    case 'multiplyNumber':
      return fovea.multiply(x, op.number);
    case 'relu':
      return fovea.relu(x);
    case 'sigmoid':
      return fovea.sigmoid(x);
    case 'abs':
    case 'exp':
    case 'tanh':
    case 'silu':
    case 'softplus':
    case 'hardSigmoid':
    case 'hardSwish':
    case 'gelu':
      return ACTIVATIONS[op.op](x);
    case 'cast':
      return fovea.cast(x, 'f32');
    case 'sum':
    case 'mean':
    case 'max':
    case 'min':
    case 'logSumExp':
      return REDUCTIONS[op.op](x, { axes: op.axes, keepDims: op.keepDims });
    case 'variance':
      return fovea.variance(x, { axes: op.axes, keepDims: op.keepDims, unbiased: false });
    case 'softmax':
      return fovea.softmax(x, { axis: op.axis });
    case 'logSoftmax':
      return fovea.logSoftmax(x, { axis: op.axis });
    case 'argMax':
      return fovea.cast(fovea.argMax(x, { axis: op.axis, keepDims: op.keepDims }), 'f32');
    case 'reshape':
      return fovea.reshape(x, op.shape);
    case 'concat':
      return fovea.concat(inputs, op.axis);
    case 'stack':
      return fovea.stack(inputs, op.axis);
    case 'flatten':
      return fovea.flatten(x, op.axis);
    case 'permute':
      return fovea.permute(x, op.axes);
    case 'slice':
      return fovea.slice(x, {
        starts: op.ranges.map(({ start }) => start),
        ends: op.ranges.map(({ end }) => end),
        steps: op.ranges.map(({ step }) => step),
      });
    case 'pad':
      return fovea.pad(x, op.pads, { mode: op.padMode });
    case 'gather':
      return fovea.gather(x, tensor(device, Int32Array.from(op.indexes)));
    case 'toLayout':
      return fovea.toLayout(x, op.layout);
    case 'matmul':
      return fovea.matmul(x, y);
    case 'linear':
      return fovea.linear(x, y, z);
    case 'conv2d':
      return fovea.conv2d(x, y, { ...windowOf(op.window), bias: z });
    case 'convTranspose2d':
      return fovea.convTranspose2d(x, y, { ...windowOf(op.window), bias: z });
    case 'convBatchNorm': {
      const [, , weight, bias] = inputs as [Tensor, Tensor, Tensor, Tensor];
      return fovea.convBatchNorm(x, y, { weight, bias, ...statistics() }, windowOf(op.window));
    }
    case 'batchNorm': {
      const { training, relu } = op;
      return fovea.batchNorm(x, { weight: y, bias: z, ...statistics() }, { training, relu, residual });
    }
    case 'dropout':
    case 'dropPath':
      return DROPS[op.op](x, { probability: op.probability, random: new Random(op.seed) });
    case 'layerNorm': {
      const [weight, bias] = op.weighted ? [y, z] : [undefined, y];
      return fovea.layerNorm(x, { axes: op.axes, weight, bias });
    }
    case 'groupNorm': {
      const [weight, bias] = op.weighted ? [y, z] : [undefined, y];
      return fovea.groupNorm(x, op.groups, { weight, bias });
    }
    case 'upsample':
      return fovea.upsample(x, { size: op.size, mode: op.bilinear ? 'bilinear' : 'nearest' });
    case 'adaptiveAvgPool2d':
      return fovea.adaptiveAvgPool2d(x, op.size);
    case 'maxPool2d':
      return fovea.maxPool2d(x, maxWindowOf(op.window));
    case 'avgPool2d':
      return fovea.avgPool2d(x, op.window);
    case 'mse':
      return fovea.mse(x, y);
    case 'l1':
      return fovea.l1(x, y);
    case 'smoothL1':
      return fovea.smoothL1(x, y);
    case 'dice':
      return fovea.dice(fovea.sigmoid(x), fovea.sigmoid(y));
    case 'crossEntropy': {
      const target = fovea.cast(held.labels[index]!, 'i32');
      return fovea.crossEntropy(x, target, { labelSmoothing: 0.1 });
    }
    case 'sigmoidCrossEntropyWithLogits':
      return fovea.sigmoidCrossEntropyWithLogits(x, held.labels[index]!, { normalize: op.normalize });
    case 'accuracy':
      return fovea.accuracy(x, tensor(device, new Int32Array(x.shape[0]!)));
    case 'augmentImages': {
      const [batch] = op.shape as [number, ...number[]];
      const parameters = tensor(device, augmentationOf(batch), [batch, AUGMENTATION_LENGTH]);
      return fovea.augmentImages(held.images[index]!, parameters);
    }
    case 'normalizeImages':
      return fovea.normalizeImages(held.images[index]!);
  }
}

const maxWindowOf = ({ exclusive: _, ...window }: PoolWindow) => window;

const windowOf = <T extends { readonly kernel: unknown }>({ kernel: _, ...window }: T) => window;

async function readAll(tensors: readonly (Tensor | undefined)[]): Promise<(NdArray | undefined)[]> {
  const there = tensors.filter((x) => x !== undefined);
  const values = await readTensors(there);
  return tensors.map((x) => x && fromArray(x.shape, values[there.indexOf(x)]!));
}

/** Throws where a tensor that the program only reads is not what it was. */
async function checkUnchanged({ leaves, given, labels }: Held, values: Values): Promise<void> {
  const before = [...values.leaves, ...values.given, ...values.labels];
  const after = await readAll([...leaves, ...given, ...labels]);
  after.forEach((array, i) => {
    const same = array?.data.every((x, element) => x === before[i]!.data[element]);
    if (same === false) throw new Error(`constant ${i} was overwritten`);
  });
}

function release({ leaves }: Program, held: Held, losses: readonly Tensor[]): void {
  held.optimizer?.dispose();
  held.leaves.forEach((leaf, i) => {
    if (!leaves[i]!.frozen) clearGrad(leaf);
    leaf.dispose();
  });
  const rest = [...losses, ...held.given, ...held.labels, ...held.images, ...held.running.flat()];
  for (const x of rest) x?.dispose();
}
