/**
 * @file The embedded software driver: SwiftShader, for Linux systems that have no Vulkan at all.
 *
 * The npm package `@sparticuz/chromium` carries SwiftShader (a Vulkan driver on the CPU) and a Vulkan loader in
 * a 1.6 MB archive. It is unpacked once into the user's cache; Dawn then finds the loader because it is in the
 * process already, and the loader finds the driver because an environment variable names it.
 *
 * A library runs with all rights of the process: before it is loaded each file is checked against its digest (7 MB, some
 * 10 ms), and it lies where nobody else can write.
 */

import { createHash } from 'node:crypto';
import { lstat, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { check, FoveaError } from '../../errors.ts';
import { cacheFolder } from './cache-folder.ts';
import { findInstalledPackage } from './installed-package.ts';
import { isPrivate, privateFolder, removeStale } from './private-folder.ts';
import { readTar } from './tar.ts';
import { hasVulkanLoader, opensLibrary, VULKAN_LOADER } from './vulkan-system.ts';

/** The optional dependency that carries the driver. */
export const SOFTWARE_DRIVER_PACKAGE = '@sparticuz/chromium';

/** Its version, as in package.json: that of the files below. */
export const SOFTWARE_DRIVER_VERSION = '138.0.2';

const MANIFEST = 'vk_swiftshader_icd.json';

/** The SHA-256 of each file of the driver. */
export const SOFTWARE_DRIVER_DIGESTS: Readonly<Record<string, string>> = {
  [VULKAN_LOADER]: '0e6c7444c43ef671b7d3232706a8b97fb47bb1ce900460f65513b1770dbf4a5d',
  'libvk_swiftshader.so': 'fec5ccba6dffd503a71a13a65a53f150caea2f84d23d2f230eec146c541eda1d',
  [MANIFEST]: 'c9eef28b6b984fec220ef0abfecc40b502d46946706e47bfe97707027cb818bd',
};

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

/** Where the driver lies. */
export interface UnpackedDriver {
  readonly folder: string;
  /** Removes it, unless it is kept for later; to be called once it is loaded. */
  remove(): Promise<void>;
}

/**
 * Unpacks what is missing or damaged of the driver into the user's cache (`$XDG_CACHE_HOME` or `~/.cache`, some 7 MB); where
 * that cannot be written, or others can, into a folder of its own in the temporary directory.
 *
 * Throws 'no-adapter' when the package is not installed, has no driver for this machine, or can be unpacked
 * nowhere.
 */
export async function unpackSoftwareDriver(): Promise<UnpackedDriver> {
  const platform = `${process.platform}-${process.arch}`;
  check(
    platform === 'linux-x64',
    'no-adapter',
    () => `the embedded driver is for linux-x64, this is ${platform}`,
  );
  const wanted = `${SOFTWARE_DRIVER_PACKAGE}@${SOFTWARE_DRIVER_VERSION}`;
  const source = findInstalledPackage(SOFTWARE_DRIVER_PACKAGE);
  check(
    source !== undefined,
    'no-adapter',
    () => `the package that carries the embedded driver is missing: npm install ${wanted}`,
  );
  check(source.version === SOFTWARE_DRIVER_VERSION, 'no-adapter', () => {
    return `the embedded driver of ${SOFTWARE_DRIVER_PACKAGE} ${source.version} is not known: npm install ${wanted}`;
  });
  const archive = join(source.folder, 'bin', 'swiftshader.tar.br');
  try {
    return await unpackIntoCache(archive);
  } catch (inCache) {
    return unpackAside(archive).catch((cause: Error) => {
      throw new FoveaError(
        'no-adapter',
        `the embedded driver can be unpacked neither into ${cacheFolder()} (${(inCache as Error).message}) nor into ` +
          `${tmpdir()} (${cause.message}): set XDG_CACHE_HOME to a folder that you alone can write to`,
        { cause },
      );
    });
  }
}

/** The folder in the user's cache. */
const cachedFolder = (): string => join(cacheFolder(), `swiftshader-${SOFTWARE_DRIVER_VERSION}`);

/** The manifest of the driver in the cache, for `VK_DRIVER_FILES`. */
export const softwareDriverManifest = (): string => join(cachedFolder(), MANIFEST);

async function unpackIntoCache(archive: string): Promise<UnpackedDriver> {
  const folder = await privateFolder(cachedFolder());
  await removeStale(`${folder}.`);
  if (!(await isWhole(folder))) await unpack(archive, folder);
  return { folder, remove: async () => {} };
}

async function unpackAside(archive: string): Promise<UnpackedDriver> {
  const prefix = join(tmpdir(), 'fovea-swiftshader.');
  await removeStale(prefix);
  const folder = await mkdtemp(prefix);
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await unpack(archive, await privateFolder(folder));
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, remove };
}

/**
 * Unpacks `archive` beside `folder` and renames its files, so that each is whole as soon as it is there; what a process has
 * loaded of those before stays as it is.
 */
async function unpack(archive: string, folder: string): Promise<void> {
  const files = readTar(await promisify(brotliDecompress)(await readFile(archive)));
  const beside = await mkdtemp(`${folder}.`);
  try {
    for (const name of Object.keys(SOFTWARE_DRIVER_DIGESTS)) {
      const bytes = files.get(name);
      check(bytes !== undefined, 'no-adapter', () => `${archive} holds ${[...files.keys()]}, no ${name}`);
      // Not to be written to by others, whatever the process lets them by default.
      await writeFile(join(beside, name), bytes, { mode: 0o600 });
      await rename(join(beside, name), join(folder, name));
    }
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
  check(await isWhole(folder), 'no-adapter', () => {
    return `${archive} is damaged: npm install ${SOFTWARE_DRIVER_PACKAGE}@${SOFTWARE_DRIVER_VERSION} --force`;
  });
}

/** Whether all files of the driver are in a folder, as they should be. */
async function isWhole(folder: string): Promise<boolean> {
  const files = Object.entries(SOFTWARE_DRIVER_DIGESTS);
  const found = await Promise.all(files.map(([name, digest]) => isIntact(join(folder, name), digest)));
  return found.every(Boolean);
}

async function isIntact(path: string, digest: string): Promise<boolean> {
  try {
    const found = await lstat(path);
    if (!found.isFile() || !isPrivate(found)) return false;
    const hash = createHash('sha256').update(await readFile(path));
    return hash.digest('hex') === digest;
  } catch {
    return false; // missing or not to be read, and so to be unpacked
  }
}

/** Loads a Vulkan loader into the process for good, so that Dawn's own dlopen by name finds it. */
function loadVulkanLoader(path: string): void {
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
  const isOpen = opensLibrary(path, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE) && hasVulkanLoader();
  check(isOpen, 'no-adapter', () => {
    return `the dynamic linker refuses ${path}: set XDG_CACHE_HOME to a folder from which programs may be run`;
  });
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
