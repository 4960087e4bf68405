import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-report-'));
});
afterAll(() => rm(folder, { recursive: true }));

const passing = { fullName: 'adds', status: 'passed' };
const failing = { fullName: 'divides', status: 'failed', failureMessages: ['expected 1\nto be 2'] };
const skipped = { fullName: 'waits', status: 'skipped' };
const file = (name: string, status: string, assertionResults: object[], message = '') => ({
  ...{ name: resolve('test', name), status, message, assertionResults },
});

/** What is printed of results, each in a file of its own. */
async function report(...results: readonly unknown[]): Promise<string> {
  const paths = await Promise.all(
    results.map(async (result, i) => {
      const path = join(folder, `${i}.json`);
      await writeFile(path, JSON.stringify(result));
      return path;
    }),
  );
  const args = ['--import', 'tsx', 'scripts/report-tests.ts', ...paths];
  return (await promisify(execFile)(process.execPath, args)).stdout;
}

test('the tests of all runs are counted, and those that failed are named with the reason', async () => {
  const first = {
    success: false,
    testResults: [
      file('a.test.ts', 'failed', [passing, failing, skipped]),
      file('b.test.ts', 'failed', [], 'no such module'),
    ],
  };
  const second = { success: true, testResults: [file('a.test.ts', 'passed', [passing, passing])] };
  expect(await report(first, second)).toBe(
    'FAILED test/a.test.ts: divides\n  expected 1\n  to be 2\nFAILED test/b.test.ts\n  no such module\n3 passed, 2 failed\n',
  );
});

test('an error outside of all tests is a failure, and so are results that are missing', async () => {
  const thrown = { success: false, testResults: [file('a.test.ts', 'passed', [passing])] };
  expect(await report(thrown, {})).toMatch(
    /^FAILED outside of all tests: see above\nFAILED no results in .*1\.json: .*\n1 passed, 2 failed\n$/,
  );
});
