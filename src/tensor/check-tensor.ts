/**
 * @file Whether what a caller gave as a tensor is one, and of the right device.
 */

import { checkArgument, describe, instanceOf, type Rule } from '../arguments.ts';
import { check, FoveaError } from '../errors.ts';
import { formatShape } from '../shape/shape.ts';
import { type AnyTensor, Tensor } from './tensor.ts';

/** A tensor. */
export const TENSOR: Rule = instanceOf(Tensor, 'a Tensor');

/** Throws 'invalid-argument', naming the op and its operand, unless `value` is a tensor. */
export function checkTensor(op: string, operand: string, value: AnyTensor): void {
  if (!(value instanceof Tensor)) refuse(`${operand} of ${op}`, value);
}

/** As {@link checkTensor}, for a list of tensors. */
export function checkTensors(op: string, values: readonly AnyTensor[]): void {
  check(
    Array.isArray(values),
    'invalid-argument',
    () => `${op} takes an array of tensors, got ${describe(values)}`,
  );
  for (let i = 0; i < values.length; i++)
    if (!(values[i] instanceof Tensor)) refuse(`operand ${i} of ${op}`, values[i]);
}

/** Throws 'invalid-argument' unless all tensors that `what` works on are of one device. */
export function checkOneDevice(what: string, tensors: readonly AnyTensor[]): void {
  const { device } = tensors[0]!;
  for (const tensor of tensors)
    check(
      tensor.device === device,
      'invalid-argument',
      () =>
        `${what}: a tensor of shape ${formatShape(tensor.shape)} is on another device than the first, of shape ` +
        `${formatShape(tensors[0]!.shape)}: read it with data() and make it anew there with tensor()`,
    );
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
