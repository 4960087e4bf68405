/**
 * @file Sigmoid cross entropy with logits, element by element.
 *
 *     loss(x, z) = max(x, 0) − x·z + log(1 + e^−|x|),   dx = dloss · (sigmoid(x) − z)
 *
 * With a weight p of what is positive, (p − 1) · z · log(1 + e⁻ˣ) is added, as PyTorch's `pos_weight` does.
 * Elements whose label z is the ignore index have loss 0 and gradient 0. Normalized, losses and gradients are
 * divided by the number of the others, at least 1, which a count pass leaves in a buffer.
 * Source: PaddlePaddle 1.8, operators/sigmoid_cross_entropy_with_logits_op.h.
 */

import { CHANNEL_BLOCK, memorySize } from '../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../shape/shape.ts';
import { type Buffers, type BuffersOf, reads, writes } from './buffers.ts';
import { SIGMOID } from './float-functions.ts';
import { threadEntry, threadGrid } from './grid.ts';
import { defineKernel } from './kernel.ts';
import { LOG_1P } from './logarithm.ts';
import { hasPadding, IS_ELEMENT, type Operand, PADDING_UNIFORMS, paddingUniforms } from './padding.ts';
import type { KernelPlan } from './plan.ts';
import { sumSequence } from './reduce.ts';
import { type KernelSequence, renamed, sequenceOf } from './sequence.ts';

/** Which elements count, and whether they are counted. */
export interface SigmoidCrossEntropyOptions {
  /** The label of elements to leave out, −100 by default. */
  readonly ignoreIndex?: number;
  /** Divide by the number of elements not left out, false by default. */
  readonly normalize?: boolean;
  /** What the loss of a positive label counts, 1 by default: more than 1 where positive ones are rare. */
  readonly positiveWeight?: number;
}

const IGNORE_INDEX = -100;

/**
 * The passes: their inputs, what they write for an element that is not ignored, and what is added where positive ones have a
 * weight.
 */
const PASSES = {
  loss: {
    inputs: ['x', 'z'],
    value: 'select(x, vec4f(), isNegative(x)) - x * z + log1p(exp(-abs(x)))',
    positive: ' + u.surplus * z * (select(-x, vec4f(), isNegative(-x)) + log1p(exp(-abs(x))))',
  },
  gradient: {
    inputs: ['x', 'z', 'dy'],
    value: 'dy * (sigmoid(x) - z)',
    positive: ' - dy * u.surplus * z * sigmoid(-x)',
  },
  /** 1 for each element that counts. */
  mask: { inputs: ['z'], value: 'vec4f(1.0)', positive: '' },
} as const;

interface LossVariant {
  readonly pass: keyof typeof PASSES;
  readonly normalized: boolean;
  readonly positive: boolean;
  readonly padded: boolean;
}

/** The buffers of a pass: its inputs, where normalized the count of {@link labelCountSequence}, and `result`. */
type LossBuffers<Pass extends keyof typeof PASSES> = BuffersOf<
  (typeof PASSES)[Pass]['inputs'][number] | 'result',
  'counted'
>;

const kernel = defineKernel({
  name: 'sigmoidCrossEntropy',
  buffers: ({ pass, normalized }: LossVariant): Buffers => ({
    ...Object.fromEntries(PASSES[pass].inputs.map((name) => [name, reads('vec4f')])),
    ...(normalized && { counted: reads('f32') }),
    result: writes('vec4f'),
  }),
  uniforms: { size: 'u32', ignoreIndex: 'f32', surplus: 'f32', ...PADDING_UNIFORMS },
  divisible: true,
  uses: [SIGMOID, LOG_1P, IS_ELEMENT],
  body: ({ pass, normalized, positive, padded }: LossVariant) => {
    const { inputs, value, positive: term } = PASSES[pass];
    return threadEntry(`
  let i = thread;
  if (i >= u.size) { return; }
  ${inputs.map((name) => `let ${name} = ${name}[i];`).join('\n  ')}
  var value = ${value}${positive ? term : ''};
  ${normalized ? 'value /= max(counted[0], 1.0);' : ''}
  value = select(value, vec4f(), z == vec4f(u.ignoreIndex));
  result[i] = ${padded ? 'select(vec4f(), value, isElement(i))' : 'value'};`);
  },
});

/**
 * The loss of every element, of logits x and labels z. All have the shape and layout of `operand`, but the count, see
 * {@link labelCountSequence}, is one f32.
 */
export function sigmoidCrossEntropyPlan(
  operand: Operand,
  options: SigmoidCrossEntropyOptions = {},
): KernelPlan<LossBuffers<'loss'>> {
  return lossPlan('loss', operand, options);
}

/** The gradient of {@link sigmoidCrossEntropyPlan} with respect to x. */
export function sigmoidCrossEntropyBackwardPlan(
  operand: Operand,
  options: SigmoidCrossEntropyOptions = {},
): KernelPlan<LossBuffers<'gradient'>> {
  return lossPlan('gradient', operand, options);
}

/** The number of labels z that are not the ignore index, one f32, exact up to 2²⁴. */
export function labelCountSequence(
  operand: Operand,
  { ignoreIndex = IGNORE_INDEX }: Pick<SigmoidCrossEntropyOptions, 'ignoreIndex'> = {},
): KernelSequence<BuffersOf<'z' | 'count'>> {
  const mask = { plan: lossPlan('mask', operand, { ignoreIndex }), rename: { result: 'mask' } };
  const sum = sumSequence(operand, { shape: [1], layout: 'row-major' });
  const scratch = { mask: memorySize(operand.shape, operand.layout), ...sum.scratch };
  return sequenceOf(scratch, [mask, ...renamed(sum, { x: 'mask', y: 'count' })]);
}

function lossPlan<Pass extends keyof typeof PASSES>(
  pass: Pass,
  operand: Operand,
  { ignoreIndex = IGNORE_INDEX, normalize = false, positiveWeight = 1 }: SigmoidCrossEntropyOptions,
): KernelPlan<LossBuffers<Pass>> {
  const elements = memorySize(operand.shape, operand.layout);
  checkIndexable(elements, 'sigmoidCrossEntropy');
  const size = ceilDivide(elements, CHANNEL_BLOCK);
  return kernel(
    { pass, normalized: normalize, positive: positiveWeight !== 1, padded: hasPadding(operand) },
    { size, ignoreIndex, surplus: positiveWeight - 1, ...paddingUniforms(operand) },
    threadGrid(size),
  ) as KernelPlan<LossBuffers<Pass>>;
}
