/**
 * @file Opens WebGPU's device on an adapter, finds out what it is, and makes a {@link Device} of it.
 */

import { checkArgument, checkOptions, isObject, type Rule } from '../arguments.ts';
import { FoveaError } from '../errors.ts';
import { type AdapterSource, describeAdapter } from './adapter-source.ts';
import { Device } from './device.ts';
import { type DeviceInfo, describeDevice, USED_FEATURES } from './info.ts';
import { OPENED, type OpenedDevice } from './opening.ts';
import { DEVICE_OPTIONS, type DeviceOptions } from './options.ts';
import { requestDevice } from './request-device.ts';
import { createQueries, TIMESTAMPS, unlessRefused } from './timestamps.ts';

const SOURCE: Rule = {
  holds: (value) => isObject(value) && typeof (value as AdapterSource).requestAdapter === 'function',
  words: 'an AdapterSource: call createDevice()',
};

/** Opens a device that has no kernels for convolutions yet; users call `createDevice`, or `openDevice` on a source of their own. */
export async function openBareDevice(source: AdapterSource, options: DeviceOptions = {}): Promise<Device> {
  checkArgument('the source of openDevice', source, SOURCE);
  checkOptions('createDevice', options, DEVICE_OPTIONS);
  const first = await open(source, options);
  const { info } = first; // all that is kept of the first one, which may be lost
  const again = () => openAgain(source, options, info);
  const device = new Device(OPENED, { first, options, rest: source.rest, again });
  await device.finished(); // What was lost, or refused, while it was opened is told here.
  return device;
}

/**
 * Opens a device on an adapter of `source`. Throws 'no-adapter' where there is no adapter, or where it gives no device,
 * 'unsupported' where it cannot measure kernels and `profile` asks for that.
 */
async function open(source: AdapterSource, options: DeviceOptions): Promise<OpenedDevice> {
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
  return { gpu, info, profiler: options.profile ? await profilerOf(gpu) : undefined };
}

/** Loaded by those who measure. */
async function profilerOf(gpu: GPUDevice) {
  const { Profiler } = await import('./profiler.ts');
  return new Profiler(gpu);
}

/**
 * Opens a device like that of `known`, which was lost. Throws as {@link open} does, and 'no-adapter' where it would be another one:
 * what was computed and chosen for the one is not good for the other.
 */
async function openAgain(
  source: AdapterSource,
  options: DeviceOptions,
  known: DeviceInfo,
): Promise<OpenedDevice> {
  const opened = await open(source, options);
  const { gpu, info } = opened;
  if (JSON.stringify(info) === JSON.stringify(known)) return opened;
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
  const queries = await unlessRefused(gpu, () => createQueries(gpu));
  queries?.destroy();
  return queries ? features : features.filter((feature) => feature !== TIMESTAMPS);
}
