/**
 * @file Runs a program in float64 on a tape, with the reference implementations.
 *
 * How far float32 may be off depends on the program. It is found by running the tape again with noise of float32's size
 * on what every op computes, forward and backward: where that moves a gradient much, as next to a kink of ReLU or where
 * differences of equal numbers are divided by, nothing can be said of it.
 */

import { accuracy } from '../reference/accuracy.ts';
import { type Activation, activations } from '../reference/activations.ts';
import { fromArray, full, map, type NdArray, reshape, zeros } from '../reference/array.ts';
import { augmentImages } from '../reference/augment-images.ts';
import {
  batchNormEval,
  batchNormEvalBackward,
  batchNormTrain,
  batchNormTrainBackward,
} from '../reference/batch-norm.ts';
import { concat, concatBackward } from '../reference/concat.ts';
import { convTranspose2d, convTranspose2dBackward } from '../reference/conv-transpose2d.ts';
import { conv2d, conv2dGradBias, conv2dGradInput, conv2dGradWeight } from '../reference/conv2d.ts';
import { crossEntropy, crossEntropyBackward } from '../reference/cross-entropy.ts';
import { maskOf } from '../reference/dropout.ts';
import * as elementwise from '../reference/elementwise.ts';
import { linear, linearBackward } from '../reference/linear.ts';
import { sigmoidCrossEntropy, sigmoidCrossEntropyBackward } from '../reference/loss.ts';
import { matmul, matmulBackward } from '../reference/matmul.ts';
import * as move from '../reference/move.ts';
import { groupNorm, layerNorm, norm, normBackward } from '../reference/norm.ts';
import { normalizeImage } from '../reference/normalize-image.ts';
import {
  dice,
  diceBackward,
  l1,
  mse,
  pointwiseLoss,
  pointwiseLossBackward,
  smoothL1,
} from '../reference/pointwise-loss.ts';
import { pool, poolBackward } from '../reference/pool.ts';
import * as reduce from '../reference/reduce.ts';
import { averageTaps, bilinearTaps, nearestTaps, resample, resampleBackward } from '../reference/resample.ts';
import { logSoftmax, logSoftmaxBackward, softmax, softmaxBackward } from '../reference/softmax.ts';
import { BINARY, type BinaryName, COMPARISONS, isBinary, isUnary, UNARY } from './element-ops.ts';
import type { Op, Program } from './program.ts';
import { augmentationOf, type Values } from './values.ts';

/** What a program comes to; gradients by leaf, undefined where none reached it. */
export interface Outcome {
  /** The values that the losses begin at, in the last pass. */
  readonly losses: readonly NdArray[];
  readonly gradients: readonly (NdArray | undefined)[];
  /** Means and variances of the ops that are batch norms. */
  readonly running: readonly (NdArray | undefined)[];
}

interface Computed {
  readonly value: NdArray;
  readonly backward?: (dy: NdArray) => readonly (NdArray | undefined)[];
  /** The terms that cancel in the value: its noise is as large as they are. */
  readonly valueTerms?: NdArray;
  /** The terms that cancel in the gradient of the first input. */
  readonly terms?: (dy: NdArray) => NdArray;
}

/** An array with noise of the size of its elements, or of `terms`. */
type Perturb = (array: NdArray, terms?: NdArray) => NdArray;

/** Ops that only move elements are exact in float32 too. */
const EXACT = new Set<string>([
  ...['relu', 'reshape', 'concat', 'stack', 'flatten', 'permute', 'slice', 'pad', 'gather', 'toLayout'],
  ...['maxPool2d', 'cast', 'accuracy', 'neg', 'where', 'maximum', 'minimum', ...COMPARISONS],
]);

/**
 * Ops that subtract a mean from their first input. float32 rounds the mean, by up to as much as noise of the input's size would
 * move it, also where the input itself is exact.
 */
const CENTRED = new Set<string>(['layerNorm', 'groupNorm', 'variance']);

/** Runs `program`; `noise` gives relative errors, none by default. */
export function runTape(program: Program, values: Values, noise?: () => number): Outcome {
  const perturb: Perturb = (array, terms = array) =>
    noise ? map(array, (x, i) => x + noise() * Math.max(Math.abs(x), Math.abs(terms.data[i]!))) : array;
  const running = values.running.map((pair) => pair && ([...pair] as [NdArray, NdArray]));
  const gradients: (NdArray | undefined)[] = program.leaves.map(() => undefined);
  let losses: NdArray[] = [];
  for (let pass = 0; pass < program.passes; pass++) {
    const all = values.leaves.map((leaf) => perturb(leaf));
    const nodes = program.ops.map((op, i) => {
      const inputs = op.inputs.map((input, place) =>
        place === 0 && CENTRED.has(op.op) ? perturb(all[input]!) : all[input]!,
      );
      const { value, valueTerms, ...node } = compute(op, inputs, i, values, running);
      all.push(EXACT.has(op.op) ? value : perturb(value, valueTerms));
      return op.mode === 'noGrad' ? {} : node;
    });
    losses = program.losses.map(({ value }) => all[value]!);
    program.losses.forEach(({ value }, i) => {
      walk(program, nodes, value, values.given[i] ?? full(all[value]!.shape, 1), perturb, gradients);
    });
  }
  return { losses, gradients, running: running.flatMap((pair) => pair ?? []) };
}

function walk(
  { leaves, ops }: Program,
  nodes: readonly Omit<Computed, 'value'>[],
  from: number,
  start: NdArray,
  perturb: Perturb,
  gradients: (NdArray | undefined)[],
): void {
  // Noise on where it starts: what several losses add to a leaf may cancel.
  const reached = new Map<number, NdArray>([[from, perturb(start)]]);
  const accumulate = (to: number, dx: NdArray) => {
    const before = reached.get(to);
    reached.set(to, before ? elementwise.add(before, dx) : dx);
  };
  for (let id = from; id >= leaves.length; id--) {
    const dy = reached.get(id);
    const { backward, terms } = nodes[id - leaves.length]!;
    if (!dy || !backward) continue;
    backward(perturb(dy)).forEach((dx, i) => {
      if (dx) accumulate(ops[id - leaves.length]!.inputs[i]!, perturb(dx, i === 0 ? terms?.(dy) : dx));
    });
  }
  leaves.forEach(({ frozen }, i) => {
    const gradient = reached.get(i);
    if (!gradient || frozen) return;
    const before = gradients[i];
    gradients[i] = before ? elementwise.add(before, gradient) : gradient;
  });
}

const unary = ({ value, derivative }: Activation, x: NdArray): Computed => ({
  value: map(x, value),
  backward: (dy) => [map(dy, (a, i) => a * derivative(x.data[i]!))],
});

function binary({ value, derivatives }: (typeof BINARY)[BinaryName], a: NdArray, b: NdArray): Computed {
  const y = elementwise.binary(a, b, value);
  if (!derivatives) return { value: y };
  const gradient = (dy: NdArray, operand: NdArray, derivative: (a: number, b: number) => number) =>
    elementwise.sumToShape(elementwise.multiply(dy, elementwise.binary(a, b, derivative)), operand.shape);
  return { value: y, backward: (dy) => [gradient(dy, a, derivatives.a), gradient(dy, b, derivatives.b)] };
}

function where(condition: NdArray, a: NdArray, b: NdArray): Computed {
  const chosen = map(condition, (value) => Number(value !== 0));
  const other = map(chosen, (value) => 1 - value);
  const { add, multiply, sumToShape } = elementwise;
  return {
    value: add(multiply(chosen, a), multiply(other, b)),
    backward: (dy) => [
      undefined,
      sumToShape(multiply(dy, chosen), a.shape),
      sumToShape(multiply(dy, other), b.shape),
    ],
  };
}

function compute(
  op: Op,
  inputs: readonly NdArray[],
  index: number,
  values: Values,
  running: ([NdArray, NdArray] | undefined)[],
): Computed {
  const [x, y, z, residual] = inputs as [NdArray, NdArray, NdArray, NdArray | undefined];
  if (isUnary(op.op)) return unary(UNARY[op.op], x);
  if (isBinary(op.op)) return binary(BINARY[op.op], x, y);
  switch (op.op) {
    case 'where':
      return where(x, y, z);
    case 'add':
      return {
        value: elementwise.add(x, y),
        backward: (dy) => {
          const { da, db } = elementwise.addBackward(x, y, dy);
          return [da, db];
        },
      };
    case 'subtract': {
      const negative = map(y, (b) => -b);
      return {
        value: elementwise.add(x, negative),
        backward: (dy) => {
          const { da, db } = elementwise.addBackward(x, negative, dy);
          return [da, map(db, (b) => -b)];
        },
      };
    }
    case 'multiply':
      return {
        value: elementwise.multiply(x, y),
        backward: (dy) => {
          const { da, db } = elementwise.multiplyBackward(x, y, dy);
          return [da, db];
        },
      };
    case 'addNumber':
      return { value: map(x, (a) => a + op.number), backward: (dy) => [dy] };
    case 'subtractNumber':
      return { value: map(x, (a) => a - op.number), backward: (dy) => [dy] };
    case 'multiplyNumber':
      return { value: map(x, (a) => a * op.number), backward: (dy) => [map(dy, (a) => a * op.number)] };
    case 'relu':
      return { value: elementwise.relu(x), backward: (dy) => [elementwise.reluBackward(x, dy)] };
    case 'sigmoid':
      return { value: elementwise.sigmoid(x), backward: (dy) => [elementwise.sigmoidBackward(x, dy)] };
    case 'abs':
    case 'exp':
    case 'tanh':
    case 'silu':
    case 'softplus':
    case 'hardSigmoid':
    case 'hardSwish':
    case 'gelu':
      return unary(activations[op.op], x);
    case 'sum':
      return { value: reduce.sum(x, op), backward: (dy) => [reduce.sumBackward(x.shape, dy, op)] };
    case 'mean':
      return { value: reduce.mean(x, op), backward: (dy) => [reduce.meanBackward(x.shape, dy, op)] };
    case 'max':
      return { value: reduce.max(x, op), backward: (dy) => [reduce.maxBackward(x, dy, op)] };
    case 'min':
      return { value: reduce.min(x, op), backward: (dy) => [reduce.minBackward(x, dy, op)] };
    case 'logSumExp':
      return { value: reduce.logSumExp(x, op), backward: (dy) => [reduce.logSumExpBackward(x, dy, op)] };
    case 'variance': {
      const options = { axes: op.axes, keepDims: op.keepDims, unbiased: false };
      return {
        value: reduce.variance(x, options),
        backward: (dy) => [reduce.varianceBackward(x, dy, options)],
      };
    }
    case 'softmax':
      return { value: softmax(x, op.axis), backward: (dy) => [softmaxBackward(x, dy, op.axis)] };
    case 'logSoftmax':
      return { value: logSoftmax(x, op.axis), backward: (dy) => [logSoftmaxBackward(x, dy, op.axis)] };
    case 'argMax':
      return { value: reduce.argMax(x, { axes: [op.axis], keepDims: op.keepDims }) };
    case 'reshape':
      return { value: reshape(x, op.shape), backward: (dy) => [reshape(dy, x.shape)] };
    case 'concat':
      return {
        value: concat(inputs, op.axis),
        backward: (dy) =>
          concatBackward(
            inputs.map(({ shape }) => shape),
            dy,
            op.axis,
          ),
      };
    case 'stack':
      return {
        value: move.stack(inputs, op.axis),
        backward: (dy) => move.stackBackward(x.shape, inputs.length, dy, op.axis),
      };
    case 'flatten':
      return { value: reshape(x, op.shape), backward: (dy) => [reshape(dy, x.shape)] };
    case 'permute':
      return { value: move.permute(x, op.axes), backward: (dy) => [move.permuteBackward(dy, op.axes)] };
    case 'slice':
      return {
        value: move.slice(x, op.ranges),
        backward: (dy) => [move.sliceBackward(x.shape, dy, op.ranges)],
      };
    case 'pad':
      return {
        value: move.pad(x, op.pads, op.padMode),
        backward: (dy) => [move.padBackward(x.shape, dy, op.pads, op.padMode)],
      };
    case 'gather':
      return {
        value: move.gather(x, op.indexes, [op.indexes.length]),
        backward: (dy) => [move.gatherBackward(x.shape, dy, op.indexes)],
      };
    case 'toLayout':
      return { value: x, backward: (dy) => [dy] };
    case 'matmul':
      return {
        value: matmul(x, y),
        backward: (dy) => {
          const { da, db } = matmulBackward(x, y, dy);
          return [da, db];
        },
      };
    case 'linear':
      return {
        value: linear(x, y, z),
        backward: (dy) => {
          const { dx, dweight, dbias } = linearBackward(x, y, dy);
          return [dx, dweight, dbias];
        },
      };
    case 'conv2d': {
      const options = { ...op.window, dilation: [1, 1] } as const;
      return {
        value: conv2d(x, y, options, z),
        backward: (dy) => [
          conv2dGradInput(dy, y, x.shape, options),
          conv2dGradWeight(dy, x, y.shape, options),
          z && conv2dGradBias(dy),
        ],
      };
    }
    case 'convTranspose2d': {
      const options = { ...op.window, dilation: [1, 1], outputPadding: [0, 0] } as const;
      return {
        value: convTranspose2d(x, y, options, z),
        backward: (dy) => {
          const { dx, dw } = convTranspose2dBackward(x, y, dy, options);
          return [dx, dw, z && conv2dGradBias(dy)];
        },
      };
    }
    case 'batchNorm': {
      const [runningMean, runningVariance] = running[index]!;
      const parts = { x, gamma: y, beta: z, runningMean, runningVariance, residual };
      // Kernels compute x·scale + shift: where x is near its mean the two cancel.
      const scaled = (variance: NdArray) =>
        batchNormEval({ x, gamma: y, beta: z, runningMean: full(z!.shape, 0), runningVariance: variance });
      const gradients = (g: ReturnType<typeof batchNormEvalBackward>) => [
        g.dx,
        g.dgamma,
        g.dbeta,
        residual && g.dresidual,
      ];
      if (!op.training)
        return {
          value: batchNormEval(parts, op),
          valueTerms: scaled(runningVariance),
          backward: (dy) => gradients(batchNormEvalBackward(parts, dy, op)),
        };
      const trained = batchNormTrain(parts, op);
      running[index] = [trained.runningMean, trained.runningVariance];
      const { mean: batchMean, variance } = trained;
      const asConstants = { ...parts, runningMean: batchMean, runningVariance: variance };
      return {
        value: trained.y,
        valueTerms: scaled(variance),
        backward: (dy) => gradients(batchNormTrainBackward(parts, dy, op)),
        terms: (dy) => batchNormEvalBackward(asConstants, dy).dx,
      };
    }
    case 'convBatchNorm': {
      const [runningMean, runningVariance] = running[index]!;
      const convolved = conv2d(x, y, { ...op.window, dilation: [1, 1] });
      const [gamma, beta] = inputs.slice(2) as [NdArray, NdArray];
      return { value: batchNormEval({ x: convolved, gamma, beta, runningMean, runningVariance }) };
    }
    case 'dropout':
    case 'dropPath': {
      const unit = op.op === 'dropout' ? 'element' : 'sample';
      const factors = maskOf(x.shape, { ...op, unit });
      return {
        value: elementwise.multiply(x, factors),
        backward: (dy) => [elementwise.multiply(dy, factors)],
      };
    }
    case 'layerNorm':
    case 'groupNorm': {
      const [weight, bias] = op.weighted ? [y, z] : [undefined, y];
      const rest = { weight, bias, epsilon: 1e-5 };
      const given = op.op === 'layerNorm' ? layerNorm(x, op.axes, rest) : groupNorm(x, op.groups, rest);
      const { shape } = bias;
      return {
        value: norm(given),
        backward: (dy) => {
          const { dx, dweight, dbias } = normBackward(given, dy, shape);
          return op.weighted ? [dx, dweight, dbias] : [dx, dbias];
        },
        terms: (dy) => normBackward(given, dy, shape).terms,
      };
    }
    case 'upsample':
    case 'adaptiveAvgPool2d': {
      const tapsOf = (axis: 0 | 1) => {
        const [from, to] = [x.shape[2 + axis]!, op.size[axis]];
        if (op.op === 'adaptiveAvgPool2d') return averageTaps(from, to);
        return op.bilinear ? bilinearTaps(from, to, false) : nearestTaps(from, to);
      };
      const [rows, columns] = [tapsOf(0), tapsOf(1)];
      return {
        value: resample(x, rows, columns),
        backward: (dy) => [resampleBackward(x.shape, dy, rows, columns)],
      };
    }
    case 'maxPool2d':
    case 'avgPool2d': {
      const options = { type: op.op === 'maxPool2d' ? 'max' : 'avg', ...op.window } as const;
      return { value: pool(x, options), backward: (dy) => [poolBackward(x, dy, options)] };
    }
    case 'mse':
    case 'l1':
    case 'smoothL1': {
      const loss = { mse, l1, smoothL1: smoothL1(1) }[op.op];
      return {
        value: reduce.mean(pointwiseLoss(loss, x, y)),
        backward: (dy) => {
          const { dx, dz } = pointwiseLossBackward(loss, x, y, reduce.meanBackward(x.shape, dy));
          return [dx, dz];
        },
      };
    }
    case 'dice': {
      const [p, t] = [elementwise.sigmoid(x), elementwise.sigmoid(y)];
      const losses = dice(p, t);
      return {
        value: reduce.mean(losses),
        backward: (dy) => {
          const each = reduce.meanBackward(losses.shape, dy);
          return [
            elementwise.sigmoidBackward(x, diceBackward(p, t, each)),
            elementwise.sigmoidBackward(y, diceBackward(t, p, each)),
          ];
        },
      };
    }
    case 'crossEntropy': {
      const [target, options] = [values.labels[index]!, { labelSmoothing: 0.1 }];
      return {
        value: crossEntropy(x, target, options),
        backward: (dy) => [crossEntropyBackward(x, target, dy, options)],
      };
    }
    case 'sigmoidCrossEntropyWithLogits': {
      const labels = values.labels[index]!;
      return {
        value: sigmoidCrossEntropy(x, labels, op),
        backward: (dy) => [sigmoidCrossEntropyBackward(x, labels, dy, op)],
      };
    }
    case 'cast':
      return { value: x };
    case 'accuracy':
      return { value: fromArray([1], [accuracy(x, zeros([x.shape[0]!]))]) };
    case 'augmentImages': {
      const [batch, , height, width] = op.shape as [number, number, number, number];
      const augmentation = augmentationOf(batch);
      return { value: augmentImages(values.images[index]!, [batch, height, width], augmentation) };
    }
    case 'normalizeImages':
      return { value: normalizeImage(values.images[index]!, [op.shape[0]!, op.shape[2]!, op.shape[3]!]) };
  }
}
