import { defineConfig, type Options } from 'tsup';
import { BROWSER_WORKER, browserWorkerApart } from './scripts/browser-worker.ts';
import { decodeWorkerCode } from './scripts/decode-worker-code.ts';
import { smallerBundles, verificationApart } from './scripts/smaller-bundles.ts';

/** ES modules are split: what is imported on demand, and what they share, lies in chunks beside the entries. */
const common: Options = {
  sourcemap: true,
  removeNodeProtocol: false,
  target: ['node20', 'es2022'],
  // Found at run time if they are installed; never bundled.
  external: ['webgpu', '@sparticuz/chromium', '@resvg/resvg-js'],
  esbuildPlugins: [smallerBundles],
};

const node: Options = {
  ...common,
  platform: 'node',
  // `import.meta.url` in the CommonJS build.
  shims: true,
  esbuildPlugins: [decodeWorkerCode, smallerBundles],
};

const browser: Options = {
  ...common,
  platform: 'browser',
  format: 'esm',
  noExternal: [
    ...['valibot', '@bufbuild/protobuf', '@zip.js/zip.js', 'jpeg-js', 'pngjs', 'sax', /^csv-parse/],
    ...['@observablehq/plot', 'linkedom'],
  ],
  target: 'es2022',
};

/** What declarations name beyond ES2022: `Symbol.dispose`, which a user's `lib` need not have. */
const dts = { banner: '/// <reference lib="esnext.disposable" />' };

export default defineConfig([
  { ...node, entry: { index: 'src/index.ts' }, format: ['esm', 'cjs'], dts },
  { ...node, entry: { cli: 'src/cli/main.ts' }, format: 'esm' },
  {
    ...browser,
    entry: { browser: 'src/browser.ts' },
    dts,
    esbuildPlugins: [browserWorkerApart, verificationApart, smallerBundles],
  },
  { ...browser, entry: { 'browser-verification': 'src/verify/certify.ts' }, splitting: false },
  { ...browser, entry: BROWSER_WORKER, splitting: false, minify: true },
]);
