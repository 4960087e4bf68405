/** @file The library as a page loads it from a folder, made of the sources as the package is. */

import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { BROWSER_WORKER, browserWorkerApart } from '../../scripts/browser-worker.ts';

/** The files of a page that has the library as `window.fovea`, and of the one in examples/, by path. */
export async function pageFiles(): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    entryPoints: { browser: 'src/browser.ts', ...BROWSER_WORKER },
    outdir: '/fovea',
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'error',
    plugins: [browserWorkerApart],
  });
  const html = `<!doctype html><input id="files" type="file" multiple><input id="folder" type="file" webkitdirectory>
    <script type="module">import * as fovea from './fovea/browser.js'; window.fovea = fovea;</script>`;
  const example = (name: string) => readFile(`examples/page/${name}`, 'utf8');
  return new Map([
    ['/', html],
    ['/example', await example('index.html')],
    ['/train.js', await example('train.js')],
    ...outputFiles.map(({ path, text }) => [path, text] as const),
  ]);
}
