/**
 * @file The order of test files: those that take longest first, so that none of them is waited for in the end.
 */

import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of ten seconds and more, the longest first. */
const LONGEST = [
  'test/kernels/conv2d.test.ts',
  'test/faults/faults.test.ts',
  'test/cli/interrupted-training.test.ts',
  'test/examples/networks.test.ts',
  'test/cli/demo.test.ts',
  'test/exports.test.ts',
  'test/verify/verify.test.ts',
  'test/cli/not-finite.test.ts',
  'test/random-graphs/random-graphs.test.ts',
  'test/cli/cli.test.ts',
  'test/browser/browser.test.ts',
  'test/readme.test.ts',
];

/** Puts {@link LONGEST} before the files that vitest knows nothing of but their size. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.indexOf(relative(this.ctx.config.root, moduleId));
      return place === -1 ? LONGEST.length : place;
    };
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}
