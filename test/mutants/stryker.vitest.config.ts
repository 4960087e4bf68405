import { defineConfig } from 'vitest/config';

/** The tests that Stryker runs on its mutants: those of the folders that it changes (stryker.config.mjs). */
export default defineConfig({
  root: `${import.meta.dirname}/../..`,
  test: {
    include: (process.env.FOLDERS ?? 'shape,io,optim,data,train')
      .split(',')
      .map((folder) => `test/${folder}/**/*.test.ts`),
    setupFiles: ['test/support/setup.ts', 'test/mutants/one-failure.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
