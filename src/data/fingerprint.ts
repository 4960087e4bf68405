/**
 * @file Tells two sets of photographs apart without reading them.
 */

import { check } from '../errors.ts';
import type { Sample } from './sample.ts';
import { type SampleFiles, sha256 } from './sample-files.ts';

const DIGITS = 16;

/**
 * How many samples there are, and a digest of their names, labels and files' sizes, in their order. It sees what is added,
 * removed, renamed, labelled otherwise or saved anew; not a file changed into one of the same size, since no file is read.
 * Neither the folders nor the times of the files count.
 *
 * Throws 'bad-file' where a file is gone.
 */
export async function fingerprintOf(samples: readonly Sample[], files: SampleFiles): Promise<string> {
  const lines: string[] = [];
  for (const { name, label, path, source } of samples) {
    const bytes = source ? source.bytes : await files.sizeOf(path);
    check(
      bytes !== undefined,
      'bad-file',
      () => `Cannot read the photograph ${path}: there is no such file.`,
    );
    lines.push(`${JSON.stringify([name, label, bytes])}\n`);
  }
  const digest = await sha256(new TextEncoder().encode(lines.join('')));
  return `${samples.length} of digest ${digest.slice(0, DIGITS)}`;
}
