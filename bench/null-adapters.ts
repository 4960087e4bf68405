/**
 * @file Dawn's null backend: it takes every command and computes nothing.
 */

import { create } from 'webgpu';
import type { AdapterSource } from '../src/device/adapter-source.ts';
import type { DeviceInfo } from '../src/device/info.ts';

/** Kept for good: Dawn crashes where an instance is collected. */
const gpu = create(['backend=null']);

/** Adapters that say of themselves what `info` says, so that they are given the same kernels. */
export function nullAdapters(
  info: Pick<DeviceInfo, 'name' | 'vendor' | 'architecture' | 'software' | 'subgroupSizes'>,
): AdapterSource {
  const [subgroupMinSize, subgroupMaxSize] = info.subgroupSizes;
  const { vendor, architecture, name: description, software: isFallbackAdapter } = info;
  const identity = { vendor, architecture, description, device: '', isFallbackAdapter };
  const described = { ...identity, subgroupMinSize, subgroupMaxSize };
  return {
    requestAdapter: async () => {
      const adapter = (await gpu.requestAdapter())!;
      return {
        features: adapter.features,
        limits: adapter.limits,
        info: described as GPUAdapterInfo,
        requestDevice: (descriptor?: GPUDeviceDescriptor) => adapter.requestDevice(descriptor),
      } as GPUAdapter;
    },
    languageFeatures: async () => gpu.wgslLanguageFeatures,
  };
}
