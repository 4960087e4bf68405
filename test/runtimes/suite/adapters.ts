/**
 * @file Adapters that offer what they have, or pass for what they are not, so that each kernel meets each compiler.
 */

import type { AdapterSource } from '../../../src/device/adapter-source.ts';

const SUBGROUPS = 'subgroups';
const DIRECTIVE = 'enable subgroups;';

const sourceOf = (
  gpu: GPU,
  adapterOf: (adapter: GPUAdapter) => GPUAdapter | Promise<GPUAdapter>,
): AdapterSource => ({
  requestAdapter: async () => adapterOf(await request(gpu)),
  languageFeatures: async () => gpu.wgslLanguageFeatures,
});

async function request(gpu: GPU): Promise<GPUAdapter> {
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('there is no adapter');
  return adapter;
}

/**
 * The adapters of `gpu`, with subgroups wherever there are any. Deno's do not name that feature, but their devices grant it, and
 * naga does not know the directive, but the functions (https://github.com/gfx-rs/wgpu/issues/5555): fovea takes its kernels
 * without subgroups there.
 */
export const withSubgroups = (gpu: GPU): AdapterSource =>
  sourceOf(gpu, async (adapter) => {
    if (adapter.features.has(SUBGROUPS) || !adapter.info.subgroupMaxSize) return adapter;
    const granted = await (await request(gpu))
      .requestDevice({ requiredFeatures: [SUBGROUPS] })
      .catch(() => undefined);
    granted?.destroy();
    return granted ? grantSubgroups(adapter) : adapter;
  });

/** The adapters of `gpu`, which pass for GPUs: a device on one chooses among the algorithms for them. */
export const asHardware = (gpu: GPU): AdapterSource => sourceOf(gpu, disguise);

function grantSubgroups(adapter: GPUAdapter): GPUAdapter {
  const { features, limits, info } = adapter;
  const requestDevice: GPUAdapter['requestDevice'] = async (descriptor) => {
    const device = await adapter.requestDevice(descriptor);
    const create = device.createShaderModule.bind(device);
    device.createShaderModule = (module) => create({ ...module, code: module.code.replace(DIRECTIVE, '') });
    return device;
  };
  return {
    features: new Set([...features, SUBGROUPS]),
    limits,
    info,
    requestDevice,
  } as unknown as GPUAdapter;
}

function disguise(adapter: GPUAdapter): GPUAdapter {
  const { features, limits } = adapter;
  const info = { vendor: '', architecture: '', device: '', description: 'passes for a GPU' };
  const requestDevice: GPUAdapter['requestDevice'] = (descriptor) => adapter.requestDevice(descriptor);
  return { features, limits, info, requestDevice } as unknown as GPUAdapter;
}
