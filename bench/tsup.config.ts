import { defineConfig } from 'tsup';
import { decodeWorkerCode } from '../scripts/decode-worker-code.ts';

/**
 * Benchmarks are compiled as the package is. Run from source, closures would be given their names at every call, which
 * adds a quarter to a step's JavaScript.
 */
export default defineConfig({
  entry: ['bench/main.ts'],
  outDir: 'node_modules/.cache/bench',
  format: 'esm',
  platform: 'node',
  target: ['node20', 'es2022'],
  removeNodeProtocol: false,
  external: ['webgpu', '@sparticuz/chromium'],
  esbuildPlugins: [decodeWorkerCode],
  silent: true,
});
