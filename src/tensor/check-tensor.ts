/**
 * @file Whether what a caller gave as a tensor is one.
 */

import { checkArgument, describe, instanceOf, type Rule } from '../arguments.ts';
import { check, FoveaError } from '../errors.ts';
import { Tensor } from './tensor.ts';

/** A tensor. */
export const TENSOR: Rule = instanceOf(Tensor, 'a Tensor');

/** Throws 'invalid-argument', naming the op and its operand, unless `value` is a tensor. */
export function checkTensor(op: string, operand: string, value: Tensor): void {
  if (!(value instanceof Tensor)) refuse(`${operand} of ${op}`, value);
}

/** As {@link checkTensor}, for a list of tensors. */
export function checkTensors(op: string, values: readonly Tensor[]): void {
  check(
    Array.isArray(values),
    'invalid-argument',
    () => `${op} takes an array of tensors, got ${describe(values)}`,
  );
  for (let i = 0; i < values.length; i++)
    if (!(values[i] instanceof Tensor)) refuse(`operand ${i} of ${op}`, values[i]);
}

function refuse(what: string, value: unknown): never {
  const holder = value as { tensor?: unknown } | undefined | null;
  if (holder?.tensor instanceof Tensor) {
    const words = `${what} is ${describe(value)}: give its tensor, as in weight.tensor`;
    throw new FoveaError('invalid-argument', words);
  }
  checkArgument(what, value, TENSOR);
  throw new Error('unreachable');
}
