/**
 * @file Stand-ins for what other platforms have: this machine's own adapter and device, with members taken away or changed.
 * Kernels run on them as ever.
 */

import { onTestFinished } from 'vitest';
import { create } from 'webgpu';
import type { AdapterSource } from '../../src/device/adapter-source.ts';
import type { Device } from '../../src/device/device.ts';
import { nodeAdapters } from '../../src/device/node/adapters.ts';
import type { DeviceOptions } from '../../src/device/options.ts';
import { openDevice } from '../../src/tensor/open-device.ts';

/** Members in place of those of `T`; one that is undefined is not there. */
type Members<T> = { [Name in keyof T]?: unknown } & Record<string, unknown>;

/** `target` with `members` in place of its own. Its methods run on `target`, which knows nothing of this. */
export function standIn<T extends object>(target: T, members: Members<T>): T {
  const has = (name: PropertyKey) => Object.hasOwn(members, name);
  // Not a proxy of `target`: one may not deny what its target has.
  return new Proxy({} as T, {
    get(_, name) {
      if (has(name)) return Reflect.get(members, name);
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    has: (_, name) => (has(name) ? Reflect.get(members, name) !== undefined : name in target),
    set: (_, name, value) => Reflect.set(has(name) ? members : target, name, value),
  });
}

/** What differs from this machine. */
export interface Platform {
  readonly adapter?: (adapter: GPUAdapter) => Members<GPUAdapter>;
  readonly device?: (device: GPUDevice) => Members<GPUDevice>;
}

/** An adapter source like `source`, but for what `platform` changes. */
export function platformSource(
  { adapter: changeAdapter, device: changeDevice }: Platform,
  source: AdapterSource = nodeAdapters,
): AdapterSource {
  const changedDevice = (device: GPUDevice) =>
    changeDevice ? standIn(device, changeDevice(device)) : device;
  return {
    ...source,
    async requestAdapter(kind) {
      const adapter = await source.requestAdapter(kind);
      const changed = changeAdapter ? standIn(adapter, changeAdapter(adapter)) : adapter;
      const requestDevice = async (descriptor?: GPUDeviceDescriptor) =>
        changedDevice(await changed.requestDevice(descriptor));
      return standIn(changed, { requestDevice });
    },
  };
}

/** An adapter that checks all that it is asked for as any does, computes nothing and has 512 MiB of memory. */
export const nullAdapters: AdapterSource = {
  async requestAdapter() {
    const adapter = await nullGpu.requestAdapter();
    if (!adapter) throw new Error('Dawn has no null backend');
    return adapter;
  },
  languageFeatures: async () => nullGpu.wgslLanguageFeatures,
};

/** Dawn crashes when an instance is collected. */
const nullGpu = create(['backend=null']);

/** A device of `platform`, until the end of the test. */
export async function openPlatform(
  platform: Platform,
  options: DeviceOptions = {},
  source: AdapterSource = nodeAdapters,
): Promise<Device> {
  const device = await openDevice(platformSource(platform, source), options);
  onTestFinished(() => device.destroy());
  return device;
}
