/**
 * Mutants of the TypeScript: `npm run mutants:stryker`, or `FOLDERS=shape,io npm run mutants:stryker` for some folders.
 * Each folder's mutants meet the tests of all folders chosen, not those of the whole package.
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/mutants/stryker.vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  mutate: [
    ...(process.env.FOLDERS ?? 'shape,io,optim,data,train')
      .split(',')
      .map((folder) => `src/${folder}/**/*.ts`),
    // Drawn photographs: the numbers in there are a matter of taste, and a test of each would be its copy.
    '!src/data/synth/**',
  ],
  // Tables that are made while a module loads: each such mutant would take a reload and all tests.
  ignoreStatic: true,
  // A wrong bound may loop for ever; software adapters are slow, but not that slow.
  timeoutMS: 20_000,
  concurrency: 1,
  tempDirName: 'node_modules/.cache/stryker',
  reporters: ['progress-append-only', 'clear-text', 'json'],
  jsonReporter: { fileName: 'node_modules/.cache/stryker.json' },
  clearTextReporter: { allowColor: false, logTests: false, allowEmojis: false },
  allowEmpty: false,
};
