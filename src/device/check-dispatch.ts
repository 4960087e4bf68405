/**
 * @file Checks of a dispatch, before it is recorded.
 */

import { FoveaError } from '../errors.ts';
import type { KernelPlan } from '../kernels/plan.ts';
import type { BufferPool, BufferSlice } from './buffer-pool.ts';
import type { DeviceLimits } from './info.ts';

/** Throws as {@link Device.run} says, unless `slices` of `pool` are what `plan` takes and its grid is within `limits`. */
export function checkDispatch(
  plan: KernelPlan,
  slices: readonly BufferSlice[],
  pool: BufferPool,
  limits: DeviceLimits,
): void {
  if (slices.length !== plan.access.length) refuseCount(plan, slices.length);
  const { maxStorageBufferBindingSize, maxComputeWorkgroupsPerDimension } = limits;
  for (const workgroups of plan.workgroups)
    if (workgroups > maxComputeWorkgroupsPerDimension) refuseGrid(plan, maxComputeWorkgroupsPerDimension);
  for (const slice of slices) {
    pool.checkSlice(plan.name, slice);
    if (slice.bytes > maxStorageBufferBindingSize) refuseBinding(plan, slice, maxStorageBufferBindingSize);
  }
}

function refuseCount({ name, access }: KernelPlan, given: number): never {
  throw new FoveaError(
    'invalid-argument',
    `kernel ${name} has ${access.length} storage buffers, got ${given}`,
  );
}

function refuseGrid({ name, workgroups }: KernelPlan, most: number): never {
  throw new FoveaError(
    'unsupported',
    `kernel ${name}: a grid of ${workgroups.join(' × ')} workgroups, but the adapter runs ${most} along an axis: fold it as threadGrid() does`,
  );
}

function refuseBinding({ name }: KernelPlan, { bytes }: BufferSlice, limit: number): never {
  throw new FoveaError(
    'unsupported',
    `kernel ${name}: ${bytes} bytes are more than the ${limit} that the adapter can bind: use a smaller batch`,
  );
}
