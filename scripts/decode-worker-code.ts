/**
 * @file A part of the build: the decoding worker as a text.
 */

import { build, type Plugin } from 'esbuild';

/** The module that holds the code of the decoding worker: all that it imports is in the text. */
export async function decodeWorkerModule(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['src/data/node/decode-worker.ts'],
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'cjs', // as a worker runs a text
    target: 'node20',
  });
  return `export const DECODE_WORKER_CODE = ${JSON.stringify(outputFiles[0]!.text)};`;
}

/** Puts {@link decodeWorkerModule} in the place of the one that has no code. */
export const decodeWorkerCode: Plugin = {
  name: 'decode-worker-code',
  setup({ onLoad }) {
    onLoad({ filter: /decode-worker-code\.ts$/ }, async () => ({ contents: await decodeWorkerModule() }));
  },
};
