/**
 * @file The package as processes that tests start find it: its programs bundled, once before all tests, since transpiling all of
 * them at each start would take longer than most processes run.
 */

import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';
import { decodeWorkerCode } from '../../scripts/decode-worker-code.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder in which programs may `import 'fovea'`, and all that the project has installed. */
    workshop: string;
  }
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where {@link setup} puts the command, from the workshop. */
export const COMMAND = 'node_modules/fovea/dist/cli.js';

/** Vitest's global setup. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const workshop = join(ROOT, 'node_modules/.cache', `tests-${process.pid}`);
  await bundle(workshop);
  project.onTestsRerun(() => bundle(workshop));
  project.provide('workshop', workshop);
  return () => rm(workshop, { recursive: true, force: true });
}

/** Lays the package out as its users get it. */
async function bundle(workshop: string): Promise<void> {
  const folder = join(workshop, 'node_modules/fovea');
  await build({
    entryPoints: { index: join(ROOT, 'src/index.ts'), cli: join(ROOT, 'src/cli/main.ts') },
    outdir: join(folder, 'dist'),
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    plugins: [decodeWorkerCode],
  });
  await copyFile(join(ROOT, 'package.json'), join(folder, 'package.json'));
}
