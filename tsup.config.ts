import { defineConfig, type Options } from 'tsup';

const common: Options = {
  sourcemap: true,
  splitting: false,
  removeNodeProtocol: false,
  target: ['node20', 'es2022'],
  // Found at run time if they are installed; never bundled.
  external: ['webgpu', '@sparticuz/chromium', '@resvg/resvg-js'],
  // ES modules only: `require` takes them from Node 20.19 on, and a page without a bundler cannot find them.
  noExternal: [/^d3-/],
};

const node: Options = {
  ...common,
  platform: 'node',
  // `import.meta.url` in the CommonJS build.
  shims: true,
};

export default defineConfig([
  { ...node, entry: { index: 'src/index.ts' }, format: ['esm', 'cjs'], dts: true },
  { ...node, entry: { cli: 'src/cli/main.ts' }, format: 'esm' },
  // A file of its own, since a worker is started from one.
  { ...node, entry: { 'decode-worker': 'src/data/decode-worker.ts' }, format: 'esm' },
  {
    ...common,
    entry: { browser: 'src/browser.ts' },
    format: 'esm',
    dts: true,
    platform: 'browser',
    noExternal: [/^d3-/, 'valibot'],
    target: 'es2022',
  },
]);
