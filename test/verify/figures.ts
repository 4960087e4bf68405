/**
 * @file Makes the figures that `verify` compares with, by the float64 references.
 */

import { OP_CASES } from '../../src/verify/cases/all.ts';
import { type AnyOpCase, nameOf, type OpCase } from '../../src/verify/cases/case.ts';
import { CONVOLUTION_CASES, type ConvolutionCase } from '../../src/verify/cases/convolutions.ts';
import { type Figure, figureOf } from '../../src/verify/figure.ts';
import type { Figures } from '../../src/verify/measure.ts';
import type { OpName } from '../../src/verify/op-runs.ts';
import { gradientOf, isLeafInput, valuesOf } from '../../src/verify/run-op-case.ts';
import {
  type ConvolutionOperand,
  convolutionName,
  operandShape,
  operandValues,
} from '../../src/verify/run-pass.ts';
import { TRAINING_NAME } from '../../src/verify/run-training.ts';
import { fromArray, type NdArray } from '../reference/array.ts';
import { batchNormEval } from '../reference/batch-norm.ts';
import { conv2d, conv2dGradInput, conv2dGradWeight } from '../reference/conv2d.ts';
import { type Computed, OP_REFERENCES } from './op-references.ts';
import { referenceTraining } from './training-reference.ts';

/** Of a figure that are kept. */
const DIGITS = 10;

const roundedFigure = ({ data }: NdArray): Figure => {
  const [norm, ...products] = figureOf(data).map((value) => Number(value.toPrecision(DIGITS)));
  return [norm!, ...products];
};

const figuresOf = (results: Readonly<Record<string, NdArray>>): Figures =>
  Object.fromEntries(Object.entries(results).map(([name, array]) => [name, roundedFigure(array)]));

function computeOp<Name extends OpName>({ op, options }: OpCase<Name>, inputs: readonly NdArray[]): Computed {
  return OP_REFERENCES[op](inputs, options);
}

/** The right results of a case, by the names that `runOpCase` gives them. */
export function opResults(found: AnyOpCase): Record<string, NdArray> {
  const inputs = found.inputs.map(({ shape }, i) => fromArray(shape, valuesOf(found, i)));
  const { y, backward, state } = computeOp(found, inputs);
  const results: Record<string, NdArray> = { y };
  const gradients = backward?.(fromArray(y.shape, gradientOf(found, y.data.length)));
  found.inputs.forEach((input, i) => {
    const gradient = gradients?.[i];
    if (isLeafInput(input) && gradient) results[`d${i}`] = gradient;
    if (state?.[i]) results[`state${i}`] = state[i];
  });
  return results;
}

/** The right results of a convolution's passes. */
export function convolutionResults(found: ConvolutionCase): Record<string, NdArray> {
  const operand = (name: ConvolutionOperand) =>
    fromArray(operandShape(found, name), operandValues(found, name));
  const [x, weight, dy, { options }] = [operand('x'), operand('weight'), operand('dy'), found];
  const norm = {
    ...{ x: conv2d(x, weight, options), gamma: operand('gamma'), beta: operand('beta') },
    ...{ runningMean: operand('mean'), runningVariance: operand('variance'), residual: operand('residual') },
  };
  return {
    y: conv2d(x, weight, options, operand('bias')),
    'y, fused': batchNormEval(norm, { relu: true }),
    dx: conv2dGradInput(dy, weight, found.input, options),
    dw: conv2dGradWeight(dy, x, found.weight, options),
  };
}

/** All figures, by name. */
export function makeFigures(): Record<string, Figures> {
  return Object.fromEntries([
    ...CONVOLUTION_CASES.map(
      (found) => [convolutionName(found), figuresOf(convolutionResults(found))] as const,
    ),
    ...OP_CASES.map((found) => [nameOf(found), figuresOf(opResults(found))] as const),
    [TRAINING_NAME, figuresOf(referenceTraining())] as const,
  ]);
}

/** The text of src/verify/figures.ts: a line for each result, so that a change shows what it is of. */
export function figuresSource(figures: Readonly<Record<string, Figures>>): string {
  const entries = Object.entries(figures).map(([name, results]) => {
    const lines = Object.entries(results).map(
      ([result, figure]) => `    ${JSON.stringify(result)}: [${figure.join(', ')}],\n`,
    );
    return `  ${JSON.stringify(name)}: {\n${lines.join('')}  },\n`;
  });
  return `/**
 * @file The figures of all right results that \`verify\` knows, by case and result. Made by \`npm run verify-figures\`.
 */

import type { Figures } from './measure.ts';

export const FIGURES: Readonly<Record<string, Figures>> = {
${entries.join('')}};
`;
}
