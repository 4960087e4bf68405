/**
 * @file Runs kernels that are not fovea's own, and does not take their word for what they write.
 *
 * Sums run over the padding of a tensor, which must be zero. Fovea's own kernels write it, and go by `run.ts`.
 */

import { checkArgument, isObject, isPlain, type Rule } from '../arguments.ts';
import { counted } from '../counted.ts';
import { check, FoveaError } from '../errors.ts';
import { hasPadding } from '../kernels/padding.ts';
import { type KernelPlan, PLAN } from '../kernels/plan.ts';
import {
  clearPaddingPlan,
  type ElementKind,
  INSPECTION_BYTES,
  type Inspection,
  inspectionOf,
  inspectPlan,
} from '../kernels/results.ts';
import { formatShape } from '../shape/shape.ts';
import { checkOneDevice, checkTensor } from './check-tensor.ts';
import { givenNames, type NamedTensors, type Operands, run as runTrusted } from './run.ts';
import type { AnyTensor } from './tensor.ts';
import type { DType } from './values.ts';

const NAMED: Rule = {
  holds: (value) => isObject(value) && isPlain(value),
  words: "an object of tensors by the names of the kernel's buffers, { x, y }",
};

const KIND_OF: Record<DType, ElementKind> = { f32: 'floats', i32: 'integers', u32: 'integers', u8: 'bytes' };

/**
 * Runs `plan` on the memory of `tensors`, by the names of its storage buffers. The padding of what it writes is
 * cleared afterwards, unless the plan has `writesPadding`. On a device with `checked` the results are inspected first: the
 * next read rejects with 'validation', naming the kernel, where an element was not written or padding is not zero. A result
 * that several kernels write in parts should begin as `zeros`.
 *
 * Throws 'invalid-argument' where the tensors are of several devices, or the kernel writes to one that is read-only, shares
 * its memory with another, or has another kernel's key; see also `Device.run`.
 */
export function run<B>(plan: KernelPlan<B>, tensors: Operands<B>): void {
  checkArgument('the plan of run', plan, PLAN);
  checkArgument('the tensors of run', tensors, NAMED);
  const named = tensors as NamedTensors;
  const names = givenNames(named);
  for (const name of names) checkTensor(`kernel ${plan.name}`, name, named[name]!);
  check(names.length > 0, 'invalid-argument', () => `kernel ${plan.name} was given no tensors to run on`);
  checkOneDevice(
    `kernel ${plan.name}`,
    names.map((name) => named[name]!),
  );
  const surplus = names.find((name) => !plan.names.includes(name));
  check(surplus === undefined, 'invalid-argument', () => {
    return `kernel ${plan.name} has no buffer called ${surplus}: its buffers are ${plan.names.join(', ')}`;
  });
  runTrusted(plan, tensors);
  plan.names.forEach((name, i) => {
    if (plan.access[i] !== 'read_write') return;
    const tensor = named[name]!;
    if (tensor.device.checked) inspect(plan, name, tensor);
    if (!plan.writesPadding && hasPadding(tensor))
      tensor.device.run(clearPaddingPlan(tensor, KIND_OF[tensor.dtype]), [tensor.slice]);
  });
}

/** Inspects a result; the next read throws what is wrong with it. */
function inspect(plan: KernelPlan, name: string, tensor: AnyTensor): void {
  const { device, shape, layout, dtype, size } = tensor;
  const counts = device.allocate(INSPECTION_BYTES);
  device.clear(counts);
  device.run(inspectPlan(tensor, KIND_OF[dtype]), [tensor.slice, counts]);
  const result = `${name} ${formatShape(shape)}, ${layout}`;
  device.verify(counts, (bytes) => {
    const fault = faultOf(inspectionOf(bytes), size, plan.writesPadding ?? false);
    return fault === undefined
      ? undefined
      : new FoveaError('validation', `kernel ${plan.name} (${result}) ${fault}`);
  });
  device.free(counts);
}

/** What is wrong with a result, if anything is. */
function faultOf(found: Inspection, size: number, writesPadding: boolean): string | undefined {
  const { unwrittenElements, unwrittenPadding, wrongPadding } = found;
  if (unwrittenElements > 0)
    return `left ${unwrittenElements} of ${counted(size, 'element')} unwritten: write them all, or into a tensor that begins as zeros`;
  if (wrongPadding > 0)
    return `wrote ${counted(wrongPadding, 'value')} other than zero into padding: write none, or zeros, beyond the last channel`;
  if (unwrittenPadding > 0 && writesPadding)
    return `left ${counted(unwrittenPadding, 'value')} of padding unwritten, though its plan has writesPadding: write zeros there, or leave that out`;
  return undefined;
}
