import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { contentSecurityPolicy } from './build/content-security-policy.ts';
import { smallerModules } from './build/smaller-modules.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  root: path('.'),
  // Any folder of any host serves it.
  base: './',
  resolve: { alias: { fovea: path('../src/browser.ts'), 'csv-parse/sync': 'csv-parse/browser/esm/sync' } },
  plugins: [smallerModules, contentSecurityPolicy],
  worker: { format: 'es', plugins: () => [smallerModules] },
  build: {
    outDir: path('../dist/app'),
    emptyOutDir: true,
    target: 'es2022',
    // The policy allows no data addresses.
    assetsInlineLimit: 0,
  },
});
