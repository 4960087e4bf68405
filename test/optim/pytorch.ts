/**
 * @file What PyTorch makes of given gradients, read from the fixtures, and parameters to compare with it.
 */

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { add, multiply, sum } from '../../src/autograd/ops.ts';
import { Parameter } from '../../src/nn/parameter.ts';
import { tensor } from '../../src/tensor/create.ts';
import { scope } from '../../src/tensor/scope.ts';
import { testDevice } from '../support/device.ts';

/** Numbers by the parameters' names. */
type Values = Readonly<Record<string, readonly number[]>>;

/** What `fixtures/make-fixtures.py` writes. */
interface Fixture {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** The step in which the bias has no gradient. */
  readonly withoutBias: number;
  readonly initial: Values;
  readonly gradients: readonly Values[];
  readonly cases: readonly { optimizer: string; options: object; trace: readonly Values[] }[];
  readonly groups: readonly Values[];
  /** The weight's average after each update, its gradients being added to it. */
  readonly averaged: { decay: number; trace: readonly (readonly number[])[] };
  readonly clipped: readonly { maxNorm: number; norms: readonly number[]; trace: readonly Values[] }[];
}

export const FIXTURE: Fixture = JSON.parse(
  readFileSync(new URL('fixtures/optimizers.json', import.meta.url), 'utf8'),
);

/** The parameters as they are before the first step. */
export async function initialParameters(): Promise<Parameter[]> {
  const device = await testDevice();
  return Object.entries(FIXTURE.shapes).map(([name, shape]) => {
    const parameter = new Parameter(device, Float32Array.from(FIXTURE.initial[name]!), shape);
    parameter.name = name;
    return parameter;
  });
}

/** Gives the parameters the gradients of `step`. */
export function giveGradients(parameters: readonly Parameter[], step: number): void {
  const { device } = parameters[0]!.tensor;
  const chosen = parameters.filter(({ name }) => name !== 'bias' || step !== FIXTURE.withoutBias);
  scope(device, () => {
    const products = chosen.map((parameter) => {
      const values = Float32Array.from(FIXTURE.gradients[step]![parameter.name]!);
      return sum(multiply(parameter.tensor, tensor(device, values, parameter.shape)));
    });
    backward(products.reduce((total, product) => add(total, product)));
  });
}

/** Fails unless the parameters are `expected` within a few roundings. */
export async function expectValues(parameters: readonly Parameter[], expected: Values): Promise<void> {
  for (const { name, tensor } of parameters) {
    const values = await tensor.data();
    expected[name]!.forEach((value, i) => {
      expect(Math.abs(Number(values[i]) - value), `${name}[${i}]`).toBeLessThan(2e-6 * (1 + Math.abs(value)));
    });
  }
}
