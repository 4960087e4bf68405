/**
 * @file The order of test files: those that take longest first, so that none of them is waited for in the end.
 */

import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of five seconds and more, the longest first. */
const LONGEST = [
  'test/faults/faults.test.ts',
  'test/examples/networks.test.ts',
  'test/browser/browser.test.ts',
  'test/browser/data.test.ts',
  'test/cli/interrupted-training.test.ts',
  'test/kernels/conv2d.test.ts',
  'test/exports.test.ts',
  'test/fuzz/fuzz.test.ts',
  'test/examples/fine-tune.test.ts',
  'test/cli/not-finite.test.ts',
  'test/interop/weights.test.ts',
  'test/cli/demo.test.ts',
  'test/cli/predict-and-explain.test.ts',
  'test/examples/explain.test.ts',
  'test/nn/resnet.test.ts',
  'test/tune/tune.test.ts',
  'test/cli/serve.test.ts',
  'test/laboratory/measure-adapter.test.ts',
  'test/examples/own-data-set.test.ts',
  'test/readme.test.ts',
  'test/train/recovery.test.ts',
  'test/soak/soak.test.ts',
  'test/train/transforms.test.ts',
  'test/document-programs.test.ts',
  'test/random-graphs/random-graphs.test.ts',
  'test/recipes-doc.test.ts',
  'test/bundle-size.test.ts',
  'test/examples/digits.test.ts',
  'test/cli/cli.test.ts',
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
