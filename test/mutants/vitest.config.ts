import { defineConfig } from 'vitest/config';

/** Runs tests on a mutant: `npm run mutants`. */
export default defineConfig({
  root: `${import.meta.dirname}/../..`,
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/setup.ts', 'test/mutants/one-failure.ts', 'test/mutants/setup.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 1,
  },
});
