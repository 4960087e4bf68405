/**
 * @file Fetches runtimes as npm packages, each pinned to a version, into `node_modules/.cache/runtimes`: some 100 MB each, which
 * `npm ci` had better not bring.
 */

import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/runtimes', import.meta.url));

const run = promisify(execFile);

/** A runtime that npm carries: the name of the package, and of the program in it. */
export interface FetchedRuntime {
  readonly name: 'node' | 'bun' | 'deno';
  readonly version: string;
}

/** The versions that tests run in. */
export const FETCHED: readonly FetchedRuntime[] = [
  { name: 'node', version: '20.20.2' },
  { name: 'node', version: '22.23.3' },
  { name: 'node', version: '24.21.0' },
  { name: 'bun', version: '1.4.5' },
  { name: 'deno', version: '2.9.6' },
];

/** The path of a runtime's program, fetched if it is not there. Throws where it cannot be had. */
export async function fetchRuntime({ name, version }: FetchedRuntime): Promise<string> {
  const folder = join(CACHE, `${name}-${version}`);
  const program = join(folder, 'node_modules', '.bin', name);
  if (await isVersion(program, version)) return program;
  // What is left of a fetch that was cut off.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  await run('npm', ['install', '--prefix', folder, ...quietly, `${name}@${version}`]);
  if (!(await isVersion(program, version)))
    throw new Error(`npm has installed ${name}@${version}, but it does not run`);
  return program;
}

/** Whether a program runs and says that it is of this version. */
async function isVersion(program: string, version: string): Promise<boolean> {
  const words = await run(program, ['--version']).then(
    ({ stdout }) => stdout.split(/\s+/),
    () => [],
  );
  return words.some((word) => word.replace(/^v/, '') === version);
}
