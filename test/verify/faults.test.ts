/**
 * @file `verify` finds faulty kernels: some of them, or all where tests are thorough. `npm run mutants:verify` does the same, with more to read.
 */

import { expect, test } from 'vitest';
import { thoroughly } from '../support/thorough.ts';
import { VERIFY_FAULTS } from './faults.ts';
import { judge } from './judge.ts';

/** Tiles take long to compile without a GPU. */
const quick = VERIFY_FAULTS.filter(({ kernel }) => !kernel.endsWith('.tiled'));
const tried = thoroughly(1, 0) ? VERIFY_FAULTS : quick.filter((_, i) => i % 12 === 0);

test('there are more than thirty faults, in all kinds of kernels', () => {
  expect(VERIFY_FAULTS.length).toBeGreaterThan(60);
  expect(new Set(VERIFY_FAULTS.map(({ kernel }) => kernel)).size).toBeGreaterThan(30);
});

test.each(tried)('$name', { timeout: 600_000 }, async (faulty) => {
  expect(await judge(faulty)).toMatchObject({ verdict: 'found' });
});
