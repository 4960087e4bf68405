/**
 * @file Adapters in Node, from Dawn (the npm package `webgpu`).
 *
 * How Dawn behaves, seen in version 0.6.2 and its sources. The object that `create` returns is an instance of
 * Dawn; the process crashes if it is collected while in use. An instance looks for drivers once, during its
 * first `requestAdapter`, before that returns its promise. It sorts GPUs before CPUs, ignores
 * `forceFallbackAdapter`, and takes the first device whose name contains the flag `adapter`. Two instances with
 * different drivers live side by side in one process.
 */

import { isMainThread } from 'node:worker_threads';
import { FoveaError, messageOf } from '../../errors.ts';
import { type AdapterSource, adapterName, isSoftwareAdapter } from '../adapter-source.ts';
import { cacheFolder } from './cache-folder.ts';
import { findInstalledPackage, importInstalled } from './installed-package.ts';
import { Rest } from './rest.ts';
import {
  SOFTWARE_DRIVER_PACKAGE,
  softwareDriverManifest,
  unpackSoftwareDriver,
  withSoftwareDriver,
} from './software-driver.ts';
import { hasVulkanLoader, vulkanManifests } from './vulkan-system.ts';

/** Dawn rounds timestamps to 65 µs by default, against attacks from web pages; a profiler wants them exact. */
const FLAGS = ['disable-dawn-features=timestamp_quantization'];

/** Software drivers by their device names, the faster first: Mesa's lavapipe, Google's, Microsoft's WARP. */
const SOFTWARE_DEVICES = ['llvmpipe', 'SwiftShader', 'Microsoft Basic Render Driver'];

const IS_LINUX = process.platform === 'linux';

const HOW_TO_INSTALL_DRIVERS = IS_LINUX
  ? "install the GPU's Vulkan driver (Debian: mesa-vulkan-drivers for AMD and Intel, nvidia-driver for NVIDIA)"
  : "update the GPU's driver";

/**
 * The instances of Dawn, by name. Fovea has no globals but this file's three: Dawn crashes when an instance is
 * collected, and what they hold are drivers and the process's one event loop, no state of the user's.
 */
const instances = new Map<string, Promise<GPU>>();

/** Whether the system has a Vulkan loader, looked up once: the embedded one may come into the process later. */
let hasLoader: boolean | undefined;

/** One for all devices, as there is one event loop. */
const rest = new Rest();

/** The adapters of this machine. */
export const nodeAdapters: AdapterSource = {
  async requestAdapter(kind) {
    const adapter = await requestSystemAdapter();
    const isSoftware = adapter !== null && isSoftwareAdapter(adapter.info);
    if (kind === 'hardware') {
      if (adapter !== null && !isSoftware) return adapter;
      const found = adapter === null ? 'none' : `only '${adapterName(adapter.info)}', which is software`;
      throw noAdapter(
        `no hardware WebGPU adapter: found ${found}; ${HOW_TO_INSTALL_DRIVERS}, or ask for 'auto'`,
      );
    }
    if (adapter === null) return requestEmbeddedAdapter();
    if (kind === 'auto' || isSoftware) return adapter;
    return (await requestSystemSoftwareAdapter()) ?? requestEmbeddedAdapter();
  },
  // The same in every instance: they are the compiler's.
  languageFeatures: async () => (await openGpu()).wgslLanguageFeatures,
  rest: (promise) => rest.during(promise),
};

/** Dawn's entry to WebGPU with the system's own drivers. Nothing is attached to `globalThis`. */
export function openGpu(): Promise<GPU> {
  return instance('system', async () => (await importDawn()).create(FLAGS));
}

/** What {@link inspectGpu} finds, for `fovea doctor`. */
export interface GpuInspection {
  /** Such as `linux-x64`. */
  readonly platform: string;
  /** Versions of the optional packages; null for one that is not installed. */
  readonly packages: Readonly<Record<string, string | null>>;
  /** What there is of Vulkan; null on other systems than Linux. */
  readonly vulkan: {
    /** Whether the Vulkan loader is there. */
    readonly loader: boolean;
    /** The manifests of the drivers that the loader would look at. */
    readonly manifests: readonly string[];
  } | null;
  /** What asking for each kind of adapter gave. */
  readonly attempts: readonly {
    /** The kind that was asked for. */
    readonly kind: 'hardware' | 'software';
    /** The adapter's name; null where there is none. */
    readonly adapter: string | null;
    /** The error's message; null where there is an adapter. */
    readonly error: string | null;
  }[];
}

/** Looks at everything that decides which adapters there are, and asks for one of each kind. */
export async function inspectGpu(): Promise<GpuInspection> {
  const version = (name: string) => findInstalledPackage(name)?.version ?? null;
  hasLoader ??= hasVulkanLoader();
  const vulkan = IS_LINUX ? { loader: hasLoader, manifests: vulkanManifests() } : null;
  return {
    platform: `${process.platform}-${process.arch}`,
    packages: { webgpu: version('webgpu'), [SOFTWARE_DRIVER_PACKAGE]: version(SOFTWARE_DRIVER_PACKAGE) },
    vulkan,
    attempts: [await attempt('hardware'), await attempt('software')],
  };
}

async function attempt(kind: 'hardware' | 'software'): Promise<GpuInspection['attempts'][number]> {
  try {
    const adapter = await nodeAdapters.requestAdapter(kind);
    return { kind, adapter: adapterName(adapter.info), error: null };
  } catch (error) {
    return { kind, adapter: null, error: messageOf(error) };
  }
}

/** The best adapter of the system's own drivers, or null. */
async function requestSystemAdapter(): Promise<GPUAdapter | null> {
  const gpu = await openGpu();
  hasLoader ??= hasVulkanLoader();
  // Dawn would find nothing either, and print a warning.
  if (IS_LINUX && !hasLoader) return null;
  return gpu.requestAdapter({ powerPreference: 'high-performance' });
}

/** The software adapter of a system whose best adapter is a GPU, or null. */
async function requestSystemSoftwareAdapter(): Promise<GPUAdapter | null> {
  for (const name of SOFTWARE_DEVICES) {
    const flags = [...FLAGS, `adapter=${name}`];
    const gpu = await instance(name, async () => (await importDawn()).create(flags));
    // Dawn rejects when no device has that name.
    const adapter = await gpu.requestAdapter().catch(() => null);
    if (adapter !== null) return adapter;
  }
  return null;
}

/** An adapter of the embedded SwiftShader. */
async function requestEmbeddedAdapter(): Promise<GPUAdapter> {
  let adapter: GPUAdapter | null;
  try {
    adapter = await (await instance('embedded', openEmbeddedGpu)).requestAdapter();
  } catch (error) {
    const why = messageOf(error);
    throw noAdapter(
      `no WebGPU adapter: this system offers none, and ${why}; ${HOW_TO_INSTALL_DRIVERS}`,
      error,
    );
  }
  if (adapter === null) {
    const remedy = embeddedRemedy();
    throw noAdapter(`no WebGPU adapter: Dawn does not see the embedded SwiftShader either; ${remedy}`);
  }
  return adapter;
}

/** Why Dawn may not see what was unpacked, and what helps. */
function embeddedRemedy(): string {
  // Neither a worker's own copy of the environment nor Bun's reaches the driver.
  if (!isMainThread) return 'start the worker with { env: SHARE_ENV }';
  if (process.versions.bun) return `start Bun with VK_DRIVER_FILES=${softwareDriverManifest()}`;
  return `${HOW_TO_INSTALL_DRIVERS}, or set XDG_CACHE_HOME if no programs may be run from ${cacheFolder()}`;
}

async function openEmbeddedGpu(): Promise<GPU> {
  const dawn = await importDawn();
  const driver = await unpackSoftwareDriver();
  try {
    const gpu = dawn.create(FLAGS);
    await withSoftwareDriver(driver.folder, () => gpu.requestAdapter());
    return gpu;
  } finally {
    await driver.remove();
  }
}

/** The instance of Dawn called `name`, opened once; a failure is not kept, so the next call tries again. */
async function instance(name: string, open: () => Promise<GPU>): Promise<GPU> {
  const opening = instances.get(name) ?? open();
  instances.set(name, opening);
  try {
    return await opening;
  } catch (error) {
    if (instances.get(name) === opening) instances.delete(name);
    throw error;
  }
}

async function importDawn(): Promise<typeof import('webgpu')> {
  try {
    return await importInstalled('webgpu');
  } catch (error) {
    const why = findInstalledPackage('webgpu')
      ? `the package webgpu (Dawn) does not load on ${process.platform}-${process.arch}: ${messageOf(error)}`
      : 'the package webgpu (Dawn) is missing: npm install webgpu';
    throw noAdapter(why, error);
  }
}

function noAdapter(message: string, cause?: unknown): FoveaError {
  return new FoveaError('no-adapter', message, { cause });
}
