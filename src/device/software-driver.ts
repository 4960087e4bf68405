/**
 * @file The embedded software driver: SwiftShader, for Linux systems that have no Vulkan at all.
 *
 * The npm package `@sparticuz/chromium` carries SwiftShader (a Vulkan driver on the CPU) and a Vulkan loader in
 * a 1.6 MB archive. It is unpacked once into the user's cache; Dawn then finds the loader because it is in the
 * process already, and the loader finds the driver because an environment variable names it.
 */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { check } from '../errors.ts';
import { cacheFolder } from './cache-folder.ts';
import { findInstalledPackage } from './installed-package.ts';
import { readTar } from './tar.ts';
import { hasVulkanLoader, VULKAN_LOADER } from './vulkan-system.ts';

/** The optional dependency that carries the driver. */
export const SOFTWARE_DRIVER_PACKAGE = '@sparticuz/chromium';

const MANIFEST = 'vk_swiftshader_icd.json';
const FILES = [VULKAN_LOADER, 'libvk_swiftshader.so', MANIFEST];

/** dlopen's RTLD_NODELETE, which Node does not name: the library outlives Node's closing of it. */
const RTLD_NODELETE = 0x1000;

/**
 * Makes SwiftShader the Vulkan driver that is found during `action`, and only then: the environment is what it
 * was before when this returns. On a system without a Vulkan loader the embedded one stays in the process.
 *
 * @param folder what {@link unpackSoftwareDriver} returned
 * @param action must ask Dawn for its first adapter before it returns a promise; an instance of Dawn looks for
 * drivers once, during that call
 */
export function withSoftwareDriver<T>(folder: string, action: () => T): T {
  if (!hasVulkanLoader()) loadVulkanLoader(join(folder, VULKAN_LOADER));
  const manifest = join(folder, MANIFEST);
  // Loaders older than 1.3.207 know the second name only.
  return withEnvironment({ VK_DRIVER_FILES: manifest, VK_ICD_FILENAMES: manifest }, action);
}

/**
 * Unpacks the driver into the user's cache (`$XDG_CACHE_HOME` or `~/.cache`, some 7 MB) unless it is there.
 *
 * @returns the folder that holds it
 * @throws FoveaError `no-adapter` when the package is not installed or has no driver for this machine
 */
export async function unpackSoftwareDriver(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  check(
    platform === 'linux-x64',
    'no-adapter',
    () => `the embedded driver is for linux-x64, this is ${platform}`,
  );
  const source = findInstalledPackage(SOFTWARE_DRIVER_PACKAGE);
  check(
    source !== undefined,
    'no-adapter',
    () => `the package that carries the embedded driver is missing: npm install ${SOFTWARE_DRIVER_PACKAGE}`,
  );
  const folder = join(cacheFolder(), `swiftshader-${source.version}`);
  if (!existsSync(folder)) await unpack(join(source.folder, 'bin', 'swiftshader.tar.br'), folder);
  return folder;
}

/** Unpacks `archive` beside `folder` and renames, so that `folder` is whole as soon as it exists. */
async function unpack(archive: string, folder: string): Promise<void> {
  const files = readTar(await promisify(brotliDecompress)(await readFile(archive)));
  await mkdir(dirname(folder), { recursive: true });
  const beside = await mkdtemp(`${folder}.`);
  try {
    for (const name of FILES) {
      const bytes = files.get(name);
      check(bytes !== undefined, 'no-adapter', () => `${archive} holds ${[...files.keys()]}, no ${name}`);
      await writeFile(join(beside, name), bytes);
    }
    await rename(beside, folder);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    // Another process may have come first: its folder is as good.
    if (!existsSync(folder)) throw error;
  }
}

/** Loads a Vulkan loader into the process for good, so that Dawn's own dlopen by name finds it. */
function loadVulkanLoader(path: string): void {
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
  try {
    process.dlopen({ exports: {} }, path, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
  } catch {
    // Expected: it is no Node module ("did not self-register"). It stays loaded, which the next line checks.
  }
  check(hasVulkanLoader(), 'no-adapter', () => `the dynamic linker refuses ${path}`);
}

/** Runs `action` with `variables` in the environment, then puts back what was there. */
function withEnvironment<T>(variables: Record<string, string>, action: () => T): T {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    return action();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
