/**
 * @file Opens WebGPU's device on an adapter, and finds out what it is.
 */

import { FoveaError } from '../errors.ts';
import { type AdapterSource, describeAdapter } from './adapter-source.ts';
import { type DeviceInfo, describeDevice, USED_FEATURES } from './info.ts';
import type { DeviceOptions } from './options.ts';
import { openProfiler, TIMESTAMPS } from './profiler.ts';
import { requestDevice } from './request-device.ts';

/** A device of WebGPU's, and what it is. */
export interface OpenedDevice {
  readonly gpu: GPUDevice;
  readonly info: DeviceInfo;
}

/**
 * Opens a device on an adapter of `source`. Throws 'no-adapter' where there is no adapter, or where it gives no device,
 * 'unsupported' where it cannot measure kernels and `profile` asks for that.
 */
export async function open(source: AdapterSource, options: DeviceOptions): Promise<OpenedDevice> {
  const { gpu, adapter } = await requestDevice(source, options.adapter ?? 'auto');
  const info = describeDevice(gpu, await describeAdapter(adapter), {
    features: await workingFeatures(gpu),
    languageFeatures: await source.languageFeatures(),
    bindingLimit: options.bindingLimit,
  });
  if (options.profile && !info.features.includes(TIMESTAMPS)) {
    gpu.destroy();
    const lack = adapter.features.has(TIMESTAMPS) ? 'promises and refuses' : 'lacks';
    throw new FoveaError(
      'unsupported',
      `profiling needs the WebGPU feature '${TIMESTAMPS}', which ${info.name} ${lack}: leave out \`profile\``,
    );
  }
  return { gpu, info };
}

/**
 * Opens a device like that of `known`, which was lost. Throws as {@link open} does, and 'no-adapter' where it would be another one:
 * what was computed and chosen for the one is not good for the other.
 */
export async function openAgain(
  source: AdapterSource,
  options: DeviceOptions,
  known: DeviceInfo,
): Promise<GPUDevice> {
  const { gpu, info } = await open(source, options);
  if (JSON.stringify(info) === JSON.stringify(known)) return gpu;
  gpu.destroy();
  const found = info.name === known.name ? 'one with other limits or features' : `'${info.name}'`;
  throw new FoveaError(
    'no-adapter',
    `the device that was lost was of the adapter '${known.name}', but now there is ${found}: create a new device`,
  );
}

/** The features of a device that fovea uses, without those that are promised and not given. */
async function workingFeatures(gpu: GPUDevice): Promise<string[]> {
  const features = USED_FEATURES.filter((feature) => gpu.features.has(feature));
  if (!features.includes(TIMESTAMPS)) return features;
  const profiler = await openProfiler(gpu);
  profiler?.destroy();
  return profiler ? features : features.filter((feature) => feature !== TIMESTAMPS);
}
