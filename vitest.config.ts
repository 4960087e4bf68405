import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { decodeWorkerModule } from './scripts/decode-worker-code.ts';
import { LongestFirst } from './test/support/longest-first.ts';
import { THOROUGH } from './test/support/thorough.ts';

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const files = readdirSync(pathOf('test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/${name.replaceAll('\\', '/')}`);

/** Whether a test file replaces modules, or changes the process; what else it replaces is put back at its end. */
const isIntrusive = (file: string) =>
  /\bvi\.(mock|doMock|hoisted)\b|\bprocess\.(env\.\w+ =|on\()/.test(readFileSync(pathOf(file), 'utf8'));

/**
 * Those in which no driver has a part, and programs that only put together what is tested for itself: CI leaves them out on its second
 * driver.
 */
const WITHOUT_DRIVER = [
  'test/{faults,fuzz,cli,data,io,shape,reference,mutants,browser,interop,judge,report,serve}/**',
  'test/{exports,document-programs,readme,recipes-doc,judging-guide,bundle-size}.test.ts',
  'test/examples/{own-data-set,fine-tune,explain,export-and-serve}.test.ts',
];
const exclude = [
  ...configDefaults.exclude,
  // Of the built application: `npm run test:app`.
  'test/app/*.test.ts',
  ...(process.env.FOVEA_TESTS === 'of-drivers' ? WITHOUT_DRIVER : []),
];

/** Decoding workers as the package has them: compiling them at each start takes half a second. */
const bundledWorkers = {
  name: 'bundled-workers',
  load: (id: string) =>
    /src\/data\/node\/decode-worker-code\.ts$/.test(id) ? decodeWorkerModule() : undefined,
};

/** Test files, each in a process of its own or not: starting one and loading all modules anew takes longer than most tests. */
const project = (isolate: boolean): TestProjectInlineConfiguration => ({
  // examples/ is written as a user would write it
  plugins: [bundledWorkers],
  resolve: { alias: { fovea: pathOf('src/index.ts') } },
  test: {
    name: isolate ? 'alone' : 'together',
    include: files.filter((file) => isIntrusive(file) === isolate),
    exclude,
    isolate,
    setupFiles: 'test/support/setup.ts',
    // Compiling takes lavapipe most of a test's time: its optimizer is for the thorough run.
    env: THOROUGH ? {} : { GALLIVM_PERF: 'nopt' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

export default defineConfig({
  test: {
    projects: [project(false), project(true)],
    globalSetup: 'test/support/built-package.ts',
    // By default one fewer than there are cores, which is one on two.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
  },
});
