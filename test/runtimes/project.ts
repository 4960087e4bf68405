/**
 * @file A project that uses the package as it is packed, with the suite in it for each kind of runtime.
 */

import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';
import type { SuiteInput } from './suite/suite.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Within the checkout, so that the package finds its dependencies in the folders above; each process has its own. */
const PROJECT = join(ROOT, 'node_modules', '.cache', 'runtimes', `project-${process.pid}`);
const SOURCES = join(ROOT, 'src');
/** What the suite takes from src/, since the package does not export it: pure functions. */
const INTERNAL = /^(kernels[\\/]|shape[\\/]|verify[\\/]hashed-values)/;

/** How a runtime imports the package. */
export type Entry = 'fovea' | 'fovea/browser';

const run = (file: string, args: readonly string[], cwd = ROOT) => promisify(execFile)(file, args, { cwd });

/** Builds and packs the package, and makes a project that has it. */
export async function makeProject(): Promise<void> {
  await run(join(ROOT, 'node_modules', '.bin', 'tsup'), ['--silent', '--no-dts']);
  const installed = join(PROJECT, 'node_modules', 'fovea');
  await mkdir(installed, { recursive: true });
  const { stdout } = await run('npm', [
    'pack',
    '--silent',
    '--ignore-scripts',
    '--pack-destination',
    PROJECT,
  ]);
  await run('tar', ['-xzf', join(PROJECT, stdout.trim()), '--strip-components=1', '-C', installed]);
  await writeFile(join(PROJECT, 'package.json'), '{ "type": "module", "private": true }');
}

/** Removes it. */
export const removeProject = (): Promise<void> => rm(PROJECT, { recursive: true, force: true });

/** Writes what a runtime is to check into a file, and gives its path. */
export async function writeInput(runtime: string, input: SuiteInput): Promise<string> {
  const file = join(PROJECT, `${runtime.replace(/\W+/g, '-')}.json`);
  await writeFile(file, JSON.stringify(input));
  return file;
}

/** Bundles the suite as a program that imports the package by `entry`; gives its path. */
export async function bundleProgram(entry: Entry): Promise<string> {
  const outfile = join(PROJECT, `${entry.replace('/', '-')}.js`);
  await build({
    entryPoints: [fileURLToPath(new URL('suite/in-process.ts', import.meta.url))],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['webgpu'],
    plugins: [packageFor(entry, 'external')],
  });
  return outfile;
}

/** Bundles the suite with the package as a script for a page. */
export async function bundleScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('suite/in-browser.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    define: { 'process.env.FOVEA_SEED': 'undefined' },
    plugins: [packageFor('fovea/browser', 'bundled')],
  });
  return outputFiles[0]!.text;
}

/** Takes what the suite imports of src/ from the installed package. */
function packageFor(entry: Entry, how: 'external' | 'bundled'): Plugin {
  return {
    name: 'package-for-sources',
    setup({ onResolve, resolve: resolvePackage }) {
      onResolve({ filter: /\/src\/.*\.ts$/ }, ({ path, resolveDir, kind }) => {
        const source = relative(SOURCES, resolve(resolveDir, path));
        if (source.startsWith('..') || INTERNAL.test(source)) return undefined;
        if (how === 'external') return { path: entry, external: true };
        return resolvePackage(entry, { resolveDir: PROJECT, kind });
      });
    },
  };
}
