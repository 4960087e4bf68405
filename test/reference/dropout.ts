/**
 * @file Masks of dropout, by Philox 4×32-10 on integers of any length.
 *
 * Source: J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */

import { coordinatesOf, indexOf, map, type NdArray, zeros } from './array.ts';

const MASK = 0xffffffffn;

/** The four numbers of a block of the sequence that two words of a key name. */
export function philox(block: number, key: readonly [number, number]): number[] {
  let [c0, c1, c2, c3] = [BigInt(block) & MASK, BigInt(block) >> 32n, 0n, 0n];
  let [k0, k1] = [BigInt(key[0]), BigInt(key[1])];
  for (let round = 0; round < 10; round++) {
    const first = 0xd2511f53n * c0;
    const second = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(second >> 32n) ^ c1 ^ k0, second & MASK, (first >> 32n) ^ c3 ^ k1, first & MASK];
    k0 = (k0 + 0x9e3779b9n) & MASK;
    k1 = (k1 + 0xbb67ae85n) & MASK;
  }
  return [c0, c1, c2, c3].map(Number);
}

/** A mask of dropout, drawn from a fresh generator of this seed. */
export interface Mask {
  readonly unit: 'element' | 'sample';
  readonly probability: number;
  readonly seed: number;
}

/** What each element of a tensor of this shape is multiplied by: 0, or 1 / (1 − probability). */
export function maskOf(shape: readonly number[], { unit, probability, seed }: Mask): NdArray {
  // Its key is the generator's first two words, without their lowest bits.
  const [k0, k1] = philox(0, [seed, 0]) as [number, number];
  const key = [k0 >>> 1, k1 >>> 1] as const;
  return map(zeros(shape), (_, index) => {
    const i = unit === 'sample' ? coordinatesOf(index, shape)[0]! : numberOf(index, shape);
    const word = philox(Math.floor(i / 4), key)[i % 4]!;
    const isKept = word >>> 8 >= Math.round(probability * 2 ** 24);
    return isKept ? Math.fround(1 / (1 - probability)) : 0; // of probability 1 none is
  });
}

/** Elements are numbered in row-major order, those of images as they lie channels-last with channels in groups of four. */
function numberOf(index: number, shape: readonly number[]): number {
  if (shape.length !== 4) return index;
  const [n, c, h, w] = coordinatesOf(index, shape) as [number, number, number, number];
  const [batch, channels, height, width] = shape as [number, number, number, number];
  return indexOf([n, h, w, c], [batch, height, width, Math.ceil(channels / 4) * 4]);
}
