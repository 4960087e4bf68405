/**
 * @file An adapter that stands in for a broken one: the machine's own, which compiles other WGSL than it is given.
 */

import type { AdapterSource } from '../../src/device/adapter-source.ts';
import { nodeAdapters } from '../../src/device/node/adapters.ts';

/** How it differs from the machine's own. */
export interface StandInOptions {
  /** What is compiled in place of a kernel's WGSL; the kernel is named as in its definition. */
  readonly rewrite?: (wgsl: string, kernel: string) => string;
  /** Whether it says that it is a GPU, which decides among algorithms; false by default. */
  readonly hardware?: boolean;
}

const GPU = {
  vendor: 'test',
  architecture: 'stand-in',
  device: '',
  description: 'a stand-in',
  isFallbackAdapter: false,
};

/** Gives adapters that stand in. */
export function standInAdapters({
  rewrite = (wgsl) => wgsl,
  hardware = false,
}: StandInOptions): AdapterSource {
  return {
    ...nodeAdapters,
    requestAdapter: async (kind) => {
      const adapter = await nodeAdapters.requestAdapter(kind);
      const { subgroupMinSize, subgroupMaxSize } = adapter.info;
      return {
        ...{ features: adapter.features, limits: adapter.limits },
        info: hardware ? { ...GPU, subgroupMinSize, subgroupMaxSize } : adapter.info,
        requestDevice: async (descriptor: GPUDeviceDescriptor) => {
          const gpu = await adapter.requestDevice(descriptor);
          const create = gpu.createShaderModule.bind(gpu);
          gpu.createShaderModule = ({ label = '', code }) =>
            create({ label, code: rewrite(code, label.split(' ')[0]!) });
          return gpu;
        },
      } as GPUAdapter;
    },
  };
}
