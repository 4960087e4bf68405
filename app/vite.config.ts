import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { contentSecurityPolicy } from './build/content-security-policy.ts';
import { precache, SERVICE_WORKER } from './build/precache.ts';
import { smallerModules } from './build/smaller-modules.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  root: path('.'),
  // Any folder of any host serves it.
  base: './',
  resolve: { alias: { fovea: path('../src/browser.ts') } },
  plugins: [smallerModules, contentSecurityPolicy, precache(path('public'))],
  worker: { format: 'es', plugins: () => [smallerModules] },
  build: {
    outDir: path('../dist/app'),
    emptyOutDir: true,
    target: 'es2022',
    // The policy allows no data addresses.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: path('index.html'), 'service-worker': path('src/service-worker.ts') },
      output: {
        // A service worker's address stays the same, so that browsers find its next version.
        entryFileNames: ({ name }) =>
          name === 'service-worker' ? SERVICE_WORKER : 'assets/[name]-[hash].js',
      },
    },
  },
});
