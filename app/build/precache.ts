/**
 * @file Tells the service worker which files there are.
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** What the service worker's code becomes. */
export const SERVICE_WORKER = 'service-worker.js';

/** Puts version and files into the service worker, last of all. */
export function precache(publicFolder: string): Plugin {
  return {
    name: 'precache',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const worker = bundle[SERVICE_WORKER];
        // Those of workers are built apart, and have none.
        if (worker?.type !== 'chunk') return;
        const hash = createHash('sha256');
        const built = Object.values(bundle).filter(({ fileName }) => fileName !== SERVICE_WORKER);
        for (const file of built) hash.update(file.type === 'chunk' ? file.code : file.source);
        const copied = readdirSync(publicFolder);
        for (const name of copied) hash.update(readFileSync(join(publicFolder, name)));
        const files = [
          './',
          ...built.map(({ fileName }) => `./${fileName}`),
          ...copied.map((name) => `./${name}`),
        ];
        const list = {
          version: hash.digest('hex').slice(0, 16),
          files: files.filter((file) => !file.endsWith('.html')),
        };
        worker.code = `const PRECACHE = ${JSON.stringify(list)};\n${worker.code}`;
      },
    },
  };
}
