/**
 * @file Checks that ops share.
 */

import { check } from '../../errors.ts';
import { formatShape, type Shape, sameShape } from '../../shape/shape.ts';
import { checkOneDevice } from '../../tensor/check-tensor.ts';
import type { AnyTensor } from '../../tensor/tensor.ts';

/** Throws 'dtype-mismatch' unless all tensors are of type f32, 'invalid-argument' unless they are of one device. */
export function checkFloat(op: string, ...tensors: readonly AnyTensor[]): void {
  checkOneDevice(op, tensors);
  for (const { dtype } of tensors)
    check(
      dtype === 'f32',
      'dtype-mismatch',
      () => `${op} takes tensors of type f32, got ${dtype}: cast() it first`,
    );
}

/** Throws 'shape-mismatch' unless a tensor has exactly this shape. */
export function checkShapeIs(op: string, what: string, tensor: AnyTensor, shape: Shape): void {
  check(
    sameShape(tensor.shape, shape),
    'shape-mismatch',
    () => `${op}: the ${what} must be ${formatShape(shape)}, it is ${formatShape(tensor.shape)}`,
  );
}

/** Throws 'shape-mismatch' unless each tensor, by its name in messages, has shape `[channels]`. */
export function checkVectors(
  op: string,
  tensors: Readonly<Record<string, AnyTensor>>,
  channels: number,
): void {
  const shape = [channels];
  for (const name in tensors) checkShapeIs(op, name, tensors[name]!, shape);
}
