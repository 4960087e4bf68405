/**
 * @file The driver that compiles for GPUs that are not there: `wrapper.c` around Mesa's RADV.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vulkanManifests } from '../../src/device/node/vulkan-system.ts';
import { FoveaError } from '../../src/errors.ts';

const SOURCE = fileURLToPath(new URL('wrapper.c', import.meta.url));

const HOW_TO_INSTALL =
  'bench:isa needs Linux, a C compiler, the headers of Vulkan and Mesa 23 or newer ' +
  '(Debian: apt-get install gcc libc6-dev libvulkan-dev mesa-vulkan-drivers)';

/** Builds the wrapper in `folder`; returns the environment of a process that compiles for `gpu`. */
export function buildDriver(folder: string): (gpu: string) => NodeJS.ProcessEnv {
  const radv = findRadv();
  const library = join(folder, 'wrapper.so');
  const manifest = join(folder, 'wrapper.json');
  buildLibrary(library);
  writeFileSync(
    manifest,
    JSON.stringify({
      file_format_version: '1.0.0',
      ICD: { library_path: library, api_version: '1.3.0' },
    }),
  );
  return (gpu) => ({
    ...process.env,
    VK_DRIVER_FILES: manifest,
    VK_ICD_FILENAMES: manifest, // its older name
    RADV_FORCE_FAMILY: gpu,
    MESA_SHADER_CACHE_DISABLE: 'true',
    ISA_DRIVER: radv,
    ISA_FOLDER: folder,
  });
}

function buildLibrary(library: string): void {
  const arguments_ = ['-O1', '-Wall', '-shared', '-fPIC', SOURCE, '-o', library, '-ldl'];
  const compiler = spawnSync(process.env.CC || 'cc', arguments_, { encoding: 'utf8' });
  if (compiler.status === 0) return;
  const why = compiler.error?.message ?? compiler.stderr.trim();
  throw new FoveaError('unsupported', `the driver does not build: ${why}\n${HOW_TO_INSTALL}`);
}

/** The library of RADV, out of its manifest. */
function findRadv(): string {
  const manifest = vulkanManifests().find((path) => /radeon_icd(?!.*i[36]86).*\.json$/.test(path));
  if (manifest === undefined) {
    throw new FoveaError('unsupported', `no manifest radeon_icd*.json of Mesa's RADV: ${HOW_TO_INSTALL}`);
  }
  const { ICD } = JSON.parse(readFileSync(manifest, 'utf8')) as { ICD: { library_path: string } };
  const library = ICD.library_path;
  return library.includes('/') ? resolve(dirname(manifest), library) : library;
}
