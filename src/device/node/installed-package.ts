/**
 * @file npm packages that may be missing, or cannot be bundled: found and imported where they lie, at run time.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** `require` relative to this module; where that was bundled into CommonJS and has no URL, relative to the running program. */
export function requireFromHere(): NodeJS.Require {
  return createRequire(import.meta.url ?? process.argv[1] ?? join(process.cwd(), 'index.js'));
}

/** An installed npm package. */
export interface InstalledPackage {
  readonly folder: string;
  readonly version: string;
}

/**
 * The package `name` that Node would find from here, or undefined. It walks the node_modules folders itself,
 * since a package's `exports` may hide its package.json and every file but its entry.
 */
export function findInstalledPackage(name: string): InstalledPackage | undefined {
  for (const modules of requireFromHere().resolve.paths(name) ?? []) {
    const folder = join(modules, name);
    try {
      const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      return { folder, version };
    } catch {
      // Not in this folder: try the next one up.
    }
  }
  return undefined;
}

/**
 * Imports the package `name`. Its name is no literal here, so that a bundler leaves the package where it lies: it could not
 * bundle the machine code in it.
 */
export function importInstalled<Module>(name: string): Promise<Module> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ name);
}
