/**
 * @file Tells at the end of a long output, where one looks first, which tests failed, and why, and which other checks:
 * `tsx scripts/report-tests.ts RESULTS.json … [--check NAME …]`, the results by vitest's JSON reporter. The last line is
 * "N passed, N failed": tests, and among the failed the checks.
 */

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';

/** What is read of vitest's JSON. */
interface Results {
  /** False also where an error was thrown outside of all tests. */
  readonly success: boolean;
  readonly testResults: readonly TestFile[];
}

interface TestFile {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages?: readonly string[];
  }[];
}

/** How many tests passed, and a text for each that did not; what left no result counts as one. */
function tallyOf(path: string): { passed: number; failures: string[] } {
  try {
    const { success, testResults } = JSON.parse(readFileSync(path, 'utf8')) as Results;
    const all = testResults.flatMap(({ assertionResults }) => assertionResults);
    const failures = testResults.flatMap(failuresOf);
    if (failures.length === 0 && !success) failures.push('outside of all tests: see above');
    return { passed: all.filter(({ status }) => status === 'passed').length, failures };
  } catch (error) {
    return { passed: 0, failures: [`no results in ${path}: ${(error as Error).message}`] };
  }
}

function failuresOf({ name, status, message, assertionResults }: TestFile): string[] {
  const file = relative(process.cwd(), name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (status === 'failed' && failed.length === 0) return [`${file}\n${message}`]; // it could not even be loaded
  return failed.map(
    ({ fullName, failureMessages = [] }) => `${file}: ${fullName}\n${failureMessages.join('\n')}`,
  );
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'string', multiple: true, default: [] } },
});
const tallies = positionals.map(tallyOf);
const checks = values.check.map((name) => `${name}: see above, below "== ${name}"`);
const failures = [...tallies.flatMap((tally) => tally.failures), ...checks];
const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
for (const failure of failures) console.log(`FAILED ${failure.trimEnd().replaceAll('\n', '\n  ')}`);
console.log(`${passed} passed, ${failures.length} failed`);
