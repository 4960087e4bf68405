/**
 * @file Opens WebGPU's device on an adapter: which features and limits are asked for, and what came of it.
 */

import { check, FoveaError } from '../errors.ts';
import { type AdapterSource, adapterName } from './adapter-source.ts';
import { type DeviceInfo, describeDevice, RAISED_LIMITS, USED_FEATURES } from './info.ts';
import type { DeviceOptions } from './options.ts';

/** A device of WebGPU's, and what it is. */
export interface OpenedGpu {
  readonly gpu: GPUDevice;
  readonly info: DeviceInfo;
}

/**
 * Opens a device on an adapter of `source`. Throws 'no-adapter' where there is no adapter, or where it gives no device,
 * 'unsupported' where it cannot measure kernels and `profile` asks for that.
 */
export async function openGpu(source: AdapterSource, options: DeviceOptions): Promise<OpenedGpu> {
  const adapter = await source.requestAdapter(options.adapter ?? 'auto');
  const features = USED_FEATURES.filter((feature) => adapter.features.has(feature));
  check(
    !options.profile || features.includes('timestamp-query'),
    'unsupported',
    () =>
      `profiling needs the WebGPU feature 'timestamp-query', which ${adapterName(adapter.info)} lacks: leave out \`profile\``,
  );
  const requiredLimits = Object.fromEntries(RAISED_LIMITS.map((limit) => [limit, adapter.limits[limit]]));
  const gpu = await adapter
    .requestDevice({ requiredFeatures: features, requiredLimits })
    .catch((cause: Error) => {
      const name = adapterName(adapter.info);
      throw new FoveaError('no-adapter', `the adapter '${name}' gives no device: ${cause.message}`, {
        cause,
      });
    });
  return { gpu, info: describeDevice(gpu, adapter.info, await source.languageFeatures(), options.bindingLimit) };
}
