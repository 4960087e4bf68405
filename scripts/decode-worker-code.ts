/**
 * @file A part of the build: the decoding worker as a text.
 */

import { build, type Plugin } from 'esbuild';

/** Puts the decoding worker, with all that it imports, into the module that holds its code. */
export const decodeWorkerCode: Plugin = {
  name: 'decode-worker-code',
  setup({ onLoad }) {
    onLoad({ filter: /decode-worker-code\.ts$/ }, async () => {
      const { outputFiles } = await build({
        entryPoints: ['src/data/node/decode-worker.ts'],
        bundle: true,
        minify: true,
        write: false,
        platform: 'node',
        format: 'cjs', // as a worker runs a text
        target: 'node20',
      });
      return { contents: `export const DECODE_WORKER_CODE = ${JSON.stringify(outputFiles[0]!.text)};` };
    });
  },
};
