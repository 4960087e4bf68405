/**
 * @file Tells at the end of a long output which tests failed, and why: `tsx scripts/report-tests.ts RESULTS.json …`, each by
 * vitest's JSON reporter. The last line is "N passed, N failed", over all of them.
 */

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

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

const tallies = process.argv.slice(2).map(tallyOf);
const failures = tallies.flatMap((tally) => tally.failures);
const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
for (const failure of failures) console.log(`FAILED ${failure.trimEnd().replaceAll('\n', '\n  ')}`);
console.log(`${passed} passed, ${failures.length} failed`);
