/**
 * @file Compiles the WGSL of every kernel by the compiler of this runtime's WebGPU.
 */

import { withSubgroups } from './adapters.ts';
import { type Reporter, Skipped } from './report.ts';

/** One variant of a kernel. */
export interface KernelSource {
  readonly name: string;
  readonly key: string;
  readonly wgsl: string;
  readonly features: readonly string[];
}

/** One check for each kernel: all its variants compile, to the pipeline. */
export async function compileKernels(
  gpu: GPU,
  sources: readonly KernelSource[],
  reporter: Reporter,
): Promise<void> {
  const device = await openDevice(gpu);
  const byName = new Map<string, KernelSource[]>();
  for (const source of sources) byName.set(source.name, [...(byName.get(source.name) ?? []), source]);
  for (const [name, variants] of byName) {
    await reporter.check(`compile ${name} (${variants.length})`, async () => {
      const missing = variants[0]!.features.filter((feature) => !device.features.has(feature));
      if (missing.length > 0) throw new Skipped(`no ${missing.join(', ')} here`);
      for (const variant of variants) await compile(device, variant);
      return undefined;
    });
  }
  device.destroy();
}

/** A device with what kernels may need beyond what every adapter has. */
async function openDevice(gpu: GPU): Promise<GPUDevice> {
  const adapter = await withSubgroups(gpu).requestAdapter('auto');
  const { maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup } = adapter.limits;
  const requiredLimits = { maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup };
  const requiredFeatures: GPUFeatureName[] = adapter.features.has('subgroups') ? ['subgroups'] : [];
  return adapter.requestDevice({ requiredFeatures, requiredLimits });
}

/** Throws with the compiler's words where it does not compile. */
async function compile(device: GPUDevice, { key, wgsl }: KernelSource): Promise<void> {
  device.pushErrorScope('validation');
  device.pushErrorScope('internal');
  const module = device.createShaderModule({ label: key, code: wgsl });
  const { messages } = await module.getCompilationInfo();
  device.createComputePipeline({ label: key, layout: 'auto', compute: { module, entryPoint: 'main' } });
  const scopes = [await device.popErrorScope(), await device.popErrorScope()];
  const errors = [...messages.filter(({ type }) => type === 'error'), ...scopes.filter((error) => error)];
  if (errors.length > 0) throw new Error(`${key}: ${errors.map((error) => error?.message).join('; ')}`);
}
