/**
 * @file A part of the build: in the package the decoding worker of pages is a file beside the library.
 */

import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import { markComputedConstants } from './smaller-bundles.ts';

/** The entry of that file, and its name without ending. */
export const BROWSER_WORKER = { 'browser-decode-worker': 'src/data/browser/decode-worker.ts' };

/** Names the file instead of the source, in words that bundlers know. */
export const browserWorkerApart: Plugin = {
  name: 'browser-worker-apart',
  setup({ onLoad }) {
    onLoad({ filter: /browser[\\/]worker-pool\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const named = text.replace("new URL('./decode-worker.ts'", "new URL('./browser-decode-worker.js'");
      if (named === text) throw new Error(`${path} starts no worker from ./decode-worker.ts`);
      return { contents: markComputedConstants(named), loader: 'ts' };
    });
  },
};
