/**
 * @file What this Linux system has of Vulkan: the loader (libvulkan.so.1) and the drivers' manifests.
 *
 * https://github.com/KhronosGroup/Vulkan-Loader/blob/main/docs/LoaderDriverInterface.md
 */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { constants, homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The library through which Dawn reaches Vulkan, by the name Dawn opens it with. */
export const VULKAN_LOADER = 'libvulkan.so.1';

/** Whether the dynamic linker finds the Vulkan loader, in the system's folders or in the process already. */
export function hasVulkanLoader(): boolean {
  return opensLibrary(VULKAN_LOADER, constants.dlopen.RTLD_LAZY);
}

/**
 * Whether the dynamic linker opens a library, by its path or its name. Opening it is the only sure way to know: the runtime
 * does so, misses the registration of a Node module in it, and says so. In Node: "Module did not self-register", in Bun:
 * "symbol 'napi_register_module_v1' not found". Deno does not take names there, but opens any library as such.
 *
 * @param flags dlopen's; Deno has its own, and keeps the library open
 */
export function opensLibrary(path: string, flags: number): boolean {
  const { Deno } = globalThis as { Deno?: { dlopen(path: string, symbols: object): unknown } };
  try {
    if (Deno) Deno.dlopen(path, {});
    else process.dlopen({ exports: {} }, path, flags);
    return true;
  } catch (error) {
    return error instanceof Error && /register/.test(error.message);
  }
}

/** The manifests (*.json) of the Vulkan drivers that the loader would look at, in its order. */
export function vulkanManifests(): string[] {
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES, VK_ADD_DRIVER_FILES } = process.env;
  // As the loader does: a choice by variable replaces the system's folders.
  const chosen = VK_DRIVER_FILES || VK_ICD_FILENAMES;
  const places = chosen ? split(chosen) : [...split(VK_ADD_DRIVER_FILES), ...manifestFolders()];
  return places.flatMap(manifestsAt);
}

/** The folders where drivers put their manifests. */
function manifestFolders(): string[] {
  const { XDG_CONFIG_HOME, XDG_CONFIG_DIRS, XDG_DATA_HOME, XDG_DATA_DIRS } = process.env;
  const roots = [
    XDG_CONFIG_HOME || join(homedir(), '.config'),
    ...split(XDG_CONFIG_DIRS || '/etc/xdg'),
    '/etc',
    XDG_DATA_HOME || join(homedir(), '.local/share'),
    ...split(XDG_DATA_DIRS || '/usr/local/share:/usr/share'),
  ];
  return roots.map((root) => join(root, 'vulkan/icd.d'));
}

/** The manifests at `place`, which is one, or a folder of them, or nothing. */
function manifestsAt(place: string): string[] {
  if (!existsSync(place)) return [];
  if (!statSync(place).isDirectory()) return [place];
  return readdirSync(place)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(place, name));
}

function split(paths: string | undefined): string[] {
  return (paths ?? '').split(delimiter).filter(Boolean);
}
