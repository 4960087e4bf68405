/**
 * @file Memory of parameters that lie side by side in an arena, taken in one piece.
 */

import type { BufferSlice } from '../device/buffer-pool.ts';
import { roundUp } from '../shape/shape.ts';
import { ALIGNMENT } from './parameter-arena.ts';

/**
 * Joins neighbours. Each item is the memory of one parameter in several buffers (its value, its average); two are joined where
 * the second lies behind the first in all of them. The gaps that alignment leaves between them hold zeros.
 */
export function joinSlices(items: readonly (readonly BufferSlice[])[]): (readonly BufferSlice[])[] {
  const joined: (readonly BufferSlice[])[] = [];
  for (const item of items) {
    const last = joined.at(-1);
    if (last?.every((slice, i) => isNext(slice, item[i]!))) {
      joined[joined.length - 1] = last.map((slice, i) => {
        return { ...slice, bytes: item[i]!.offset + item[i]!.bytes - slice.offset };
      });
    } else joined.push(item);
  }
  return joined;
}

function isNext(slice: BufferSlice, next: BufferSlice): boolean {
  return slice.buffer === next.buffer && roundUp(slice.offset + slice.bytes, ALIGNMENT) === next.offset;
}
