/**
 * @file `npm run golden:resize -- FILE.json`: holds `resizeBilinear` against reference cases of `cv2.resize`.
 *
 * FILE.json is a list of `{ height, width, outHeight, outWidth, sha256, first }`: the sizes of a uint8 image
 * `[height, width, 3]` and of the result, the hash of the result's bytes and its first few. The image's value
 * at flat index i is `floor(256·u(i, fnv1a("image:{height}x{width}")))`. Exits with 1 on a mismatch.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Image } from '../src/data/image.ts';
import { resizeBilinear } from '../src/data/resize.ts';
import { fnv1a, hashedUniform } from '../src/verify/hashed-values.ts';

interface Case {
  readonly height: number;
  readonly width: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly sha256: string;
  readonly first: readonly number[];
}

function inputImage({ height, width }: Case): Image {
  const seed = fnv1a(`image:${height}x${width}`);
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => 256 * hashedUniform(i, seed));
  return { width, height, channels: 3, order: 'bgr', data };
}

/** Prints a line for the case and tells whether it was met. */
function meets(reference: Case): boolean {
  const image = inputImage(reference);
  const start = performance.now();
  const { data } = resizeBilinear(image, reference.outWidth, reference.outHeight);
  const milliseconds = (performance.now() - start).toFixed(1);
  const met = createHash('sha256').update(data).digest('hex') === reference.sha256;
  const sizes = `${image.width}×${image.height} → ${reference.outWidth}×${reference.outHeight}`;
  const first = [...data.subarray(0, reference.first.length)];
  const detail = met ? '' : `: begins with ${first.join(' ')}, expected ${reference.first.join(' ')}`;
  console.log(`${met ? 'ok      ' : 'MISMATCH'}  ${sizes}  ${milliseconds} ms${detail}`);
  return met;
}

const [file] = process.argv.slice(2);
if (!file) {
  console.error('usage: npm run golden:resize -- FILE.json');
  process.exit(2);
}
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[];
const missed = cases.filter((reference) => !meets(reference)).length;
console.log(`${cases.length - missed} of ${cases.length} cases met`);
process.exitCode = missed === 0 && cases.length > 0 ? 0 : 1;
