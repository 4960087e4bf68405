/** @file The library as a page loads it from a folder, made of the sources as the package is. */

import { build } from 'esbuild';
import { BROWSER_WORKER, browserWorkerApart } from '../../scripts/browser-worker.ts';

/** The files of a page that has the library as `window.fovea`, by path. */
export async function pageFiles(): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    entryPoints: { fovea: 'src/browser.ts', ...BROWSER_WORKER },
    outdir: '/',
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'error',
    plugins: [browserWorkerApart],
  });
  const html = `<!doctype html><input id="files" type="file" multiple><input id="folder" type="file" webkitdirectory>
    <script type="module">import * as fovea from './fovea.js'; window.fovea = fovea;</script>`;
  return new Map([['/', html], ...outputFiles.map(({ path, text }) => [path, text] as const)]);
}
