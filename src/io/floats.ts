/**
 * @file Tensors of files as weights: f32, and finite.
 */

import { check } from '../errors.ts';
import type { HostTensor } from './element-types.ts';

/**
 * The values of `tensor` as f32. Throws 'bad-file', naming it, where they are whole numbers, NaN or infinite: weights that are would
 * make all that is computed of them so.
 */
export function floatsOf(name: string, { dtype, data }: HostTensor): Float32Array {
  check(
    dtype === 'F32' || dtype === 'F64',
    'bad-file',
    () => `${name} is of type ${dtype}: weights are floats.`,
  );
  const floats = data instanceof Float32Array ? data : Float32Array.from(data as Float64Array);
  for (let i = 0; i < floats.length; i++) {
    check(Number.isFinite(floats[i]), 'bad-file', () => {
      return `${name} holds ${floats[i]}: a training that overflowed leaves such weights. Take an earlier checkpoint.`;
    });
  }
  return floats;
}
