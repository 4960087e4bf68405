import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';
import { THOROUGH } from './test/support/thorough.ts';

export default defineConfig({
  // examples/ is written as a user would write it
  resolve: { alias: { fovea: fileURLToPath(new URL('src/index.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/built-package.ts',
    // By default one fewer than there are cores, which is one on two.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    // Compiling takes lavapipe most of a test's time: its optimizer is for the thorough run.
    env: THOROUGH ? {} : { GALLIVM_PERF: 'nopt' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
