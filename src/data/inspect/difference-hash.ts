/**
 * @file A perceptual hash of a photograph: whether it gets brighter from one field of a grid to the next.
 *
 * The difference hash (dHash) of N. Krawetz, on a grid of 24 × 24 and in both directions. The usual 8 × 8 tells fundus photographs
 * too little apart: hundreds of pairs of iChallenge-PM have the same 64 bits. Of its 800 photographs of 224², two of different eyes
 * differ in 99 or more of these 1152 bits (319,595 pairs). Copies of 100 of them differ less: saved anew at quality 60 by 39 bits (median;
 * 95 % of them by no more than 63, one by 87), halved by 27 (at most 56), brightened by 15 % by 16 (42), turned by a degree by 38
 * (73); the originals of 1444² and 2124×2056 from their scaled copies by 23 at most.
 */

import { CHANNELS } from '../image.ts';

/** Fields of the grid along a side; each is compared with its right and its lower neighbour. */
const FIELDS = 24;
/** How much brighter, of 255, a field must be: what differs by less is noise, as in the black around an eye. */
const MARGIN = 1;

/** How many bits a hash has. */
export const HASH_BITS = 2 * FIELDS * FIELDS;
/** Photographs are near-identical whose hashes differ in at most so many bits: see above. */
export const SIMILAR_BITS = 80;
/** The side that photographs are scaled to for it: 8 pixels per field. */
export const HASHED_SIZE = 8 * (FIELDS + 1);

/** The bits of a photograph's hash. */
export type DifferenceHash = Uint32Array;

/** The hash of `pixels`, `[size, size, 3]`; `size` is at least 25. */
export function differenceHash(pixels: Uint8Array, size: number): DifferenceHash {
  const grid = brightnessGrid(pixels, size);
  const hash = new Uint32Array(HASH_BITS / 32);
  let bit = 0;
  for (const step of [1, FIELDS + 1])
    for (let y = 0; y < FIELDS; y++)
      for (let x = 0; x < FIELDS; x++, bit++) {
        const at = y * (FIELDS + 1) + x;
        if (grid[at + step]! - grid[at]! > MARGIN) hash[bit >> 5]! |= 1 << (bit & 31);
      }
  return hash;
}

/** In how many bits two hashes differ; Infinity where those are more than `most`. */
export function hashDistance(a: DifferenceHash, b: DifferenceHash, most = HASH_BITS): number {
  let distance = 0;
  for (let i = 0; i < a.length; i++) {
    distance += bitsIn(a[i]! ^ b[i]!);
    if (distance > most) return Number.POSITIVE_INFINITY;
  }
  return distance;
}

/** The mean brightness of 25 × 25 fields. */
function brightnessGrid(pixels: Uint8Array, size: number): Float64Array {
  const side = FIELDS + 1;
  const grid = new Float64Array(side * side);
  const edge = Array.from({ length: side + 1 }, (_, i) => Math.floor((i * size) / side));
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const [top, bottom, left, right] = [edge[y]!, edge[y + 1]!, edge[x]!, edge[x + 1]!];
      let sum = 0;
      for (let row = top; row < bottom; row++) {
        const end = (row * size + right) * CHANNELS;
        for (let i = (row * size + left) * CHANNELS; i < end; i += CHANNELS)
          sum += pixels[i]! + 2 * pixels[i + 1]! + pixels[i + 2]!; // the same in BGR and RGB
      }
      grid[y * side + x] = sum / (4 * (bottom - top) * (right - left));
    }
  return grid;
}

/** How many bits of a word are set (H. Warren, Hacker's Delight, 5-1). */
function bitsIn(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
