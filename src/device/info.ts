/**
 * @file What a device is: its adapter, and the limits and features that matter to fovea.
 */

import type { KernelTarget } from '../kernels/plan.ts';
import { type AdapterDescription, adapterName, isSoftwareAdapter } from './adapter-source.ts';
import { sumsPerThread } from './registers.ts';
import { MOST_TEXEL_BYTES } from './texel-copies.ts';

/** An adapter, and the limits and features of the device that it gave. */
export interface DeviceInfo {
  /** The adapter's name, for humans. */
  readonly name: string;
  /** The adapter's vendor as WebGPU has it, such as `nvidia`; may be empty. */
  readonly vendor: string;
  /** The family of the GPU as WebGPU has it, such as `ampere`; may be empty. */
  readonly architecture: string;
  /** Whether the adapter computes on the CPU. */
  readonly software: boolean;
  /** The WebGPU features that the device has, of those fovea uses. */
  readonly features: readonly string[];
  /** Whether WGSL has storage textures that can be read (`readonly_and_readwrite_storage_textures`). */
  readonly readableTextures: boolean;
  /** The subgroup sizes the adapter may run kernels with; both 0 where it has no subgroups. */
  readonly subgroupSizes: readonly [least: number, most: number];
  /** The limits of the device, which may exceed the guaranteed ones. */
  readonly limits: DeviceLimits;
}

/** The limits that matter to fovea; as high as the adapter offers. */
export interface DeviceLimits {
  /** Bytes. */
  readonly maxBufferSize: number;
  /** Bytes of a buffer that a kernel can see. */
  readonly maxStorageBufferBindingSize: number;
  /** Storage buffers of one kernel. */
  readonly maxStorageBuffersPerShaderStage: number;
  /** Bytes. */
  readonly maxComputeWorkgroupStorageSize: number;
  /** Threads of one workgroup. */
  readonly maxComputeInvocationsPerWorkgroup: number;
  /** Workgroups of a dispatch along x, y and z each. */
  readonly maxComputeWorkgroupsPerDimension: number;
}

/** Asked for as high as the adapter has them. */
export const RAISED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies readonly (keyof DeviceLimits)[];

/** Asked for where the adapter has them. */
export const USED_FEATURES = ['subgroups', 'timestamp-query'] as const;

/** The facts of a device that its adapter does not report. */
export interface DeviceFacts {
  /** Those of {@link USED_FEATURES} that the device has, and that work. */
  readonly features: readonly string[];
  /** See {@link AdapterSource.languageFeatures}. */
  readonly languageFeatures: ReadonlySet<string>;
  /** See {@link DeviceOptions.bindingLimit}. */
  readonly bindingLimit: number | undefined;
}

/** Describes a device and the adapter that it was opened on. */
export function describeDevice(
  gpu: GPUDevice,
  adapter: AdapterDescription,
  { features, languageFeatures, bindingLimit = Number.POSITIVE_INFINITY }: DeviceFacts,
): DeviceInfo {
  const limits = Object.fromEntries(
    RAISED_LIMITS.map((limit) => [limit, gpu.limits[limit]]),
  ) as unknown as DeviceLimits;
  const software = isSoftwareAdapter(adapter);
  const readableTextures = languageFeatures.has('readonly_and_readwrite_storage_textures');
  // The kernels for software adapters see buffers through textures, which hold less than some adapters can bind.
  const texelLimit = software && readableTextures ? MOST_TEXEL_BYTES : Number.POSITIVE_INFINITY;
  return {
    name: adapterName(adapter),
    vendor: adapter.vendor,
    architecture: adapter.architecture,
    software,
    features,
    readableTextures,
    subgroupSizes: features.includes('subgroups')
      ? [adapter.subgroupMinSize ?? 0, adapter.subgroupMaxSize ?? 0]
      : [0, 0],
    limits: {
      ...limits,
      maxStorageBufferBindingSize: Math.min(limits.maxStorageBufferBindingSize, bindingLimit, texelLimit),
    },
  };
}

/** What the choice among kernels depends on, of what a device is. */
export function kernelTarget(info: DeviceInfo): KernelTarget {
  const [least, most] = info.subgroupSizes;
  return {
    software: info.software,
    subgroupLanes: least === most ? least : 0,
    readableTextures: info.readableTextures,
    sumsPerThread: sumsPerThread(info),
  };
}
