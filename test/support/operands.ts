/**
 * @file Tensors for kernel tests: shapes and layouts drawn at random, and arrays as they lie in memory.
 */

import { expect } from 'vitest';
import type { Operand } from '../../src/kernels/padding.ts';
import { CHANNEL_BLOCK, type Layout, memorySize, pack, unpack } from '../../src/shape/layout.ts';
import { roundUp, type Shape } from '../../src/shape/shape.ts';
import { fromArray, type NdArray } from '../reference/array.ts';
import { broadcastShape } from '../reference/elementwise.ts';
import fc from './fast-check.ts';

/** What results hold before a kernel runs. */
const GARBAGE = 1e30;

const extent = fc.oneof(fc.constantFrom(1, 2, 3, 5, 6, 8), fc.integer({ min: 1, max: 20 }));

/** A layout that a tensor of this rank can have. */
export const layoutOfRank = (rank: number): fc.Arbitrary<Layout> =>
  rank === 4 ? fc.constantFrom<Layout>('row-major', 'channels-last', 'filter') : fc.constant('row-major');

/** Tensors of rank 1 to 4 in any layout. */
export const arbitraryOperand: fc.Arbitrary<Operand> = fc
  .array(extent, { minLength: 1, maxLength: 4 })
  .chain((shape) => fc.record({ shape: fc.constant(shape), layout: layoutOfRank(shape.length) }));

/** Two shapes that broadcast: axes taken away in front, or shrunk to 1. */
const broadcastingShapes = fc
  .array(fc.constantFrom(1, 2, 3, 5, 6, 8, 17), { minLength: 1, maxLength: 4 })
  .chain((shape) => {
    const part = fc
      .tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
      .map(([missing, shrunk]) => shape.map((extent, i) => (shrunk[i] ? 1 : extent)).slice(missing));
    return fc.tuple(part, part);
  });

const inAnyLayout = (shape: Shape): fc.Arbitrary<Operand> =>
  fc.record({ shape: fc.constant(shape), layout: layoutOfRank(shape.length) });

/** Two tensors that broadcast, and the tensor they broadcast to, each in any layout. */
export const broadcastingOperands: fc.Arbitrary<[Operand, Operand, Operand]> = broadcastingShapes.chain(
  ([a, b]) => fc.tuple(inAnyLayout(a), inAnyLayout(b), inAnyLayout(broadcastShape(a, b))),
);

/** Four axes of which no two can be taken as one, in layouts that pad them differently. */
const LEFT: Operand = { shape: [3, 5, 2, 1], layout: 'channels-last' };
const RIGHT: Operand = { shape: [1, 5, 1, 3], layout: 'row-major' };
const RESULT: Operand = { shape: [3, 5, 2, 3], layout: 'filter' };

/** What a random draw of {@link broadcastingOperands} may miss. */
export const BROADCASTING_OPERANDS: readonly [Operand, Operand, Operand][] = [
  [LEFT, RIGHT, RESULT],
  [RIGHT, LEFT, { ...RESULT, layout: 'row-major' }],
  [LEFT, RIGHT, { ...RESULT, layout: 'channels-last' }],
  [RIGHT, LEFT, RESULT],
];

/** Tensors whose padding a random draw may miss: of channels alone, and of a filter on both sides. */
export const PADDED_OPERANDS: readonly Operand[] = [
  { shape: [2, 3, 5, 7], layout: 'channels-last' },
  { shape: [5, 3, 2, 3], layout: 'filter' },
];

/** How many elements a tensor's buffer holds: its tail may be read as a vec4. */
function bufferSize({ shape, layout }: Operand): number {
  return roundUp(memorySize(shape, layout), CHANNEL_BLOCK);
}

/** The array as it lies in memory: padding zero, the tail of a row-major tensor NaN. */
export function inMemory(array: NdArray, layout: Layout): Float32Array {
  const buffer = new Float32Array(bufferSize({ shape: array.shape, layout })).fill(Number.NaN);
  buffer.set(pack(Float32Array.from(array.data), array.shape, layout));
  return buffer;
}

/** A buffer for a result. */
export function unwritten(operand: Operand): Float32Array {
  return new Float32Array(bufferSize(operand)).fill(GARBAGE);
}

/** The array that lies in `memory`, whose padding must be zero. */
export function fromMemory(memory: Float32Array, { shape, layout }: Operand): NdArray {
  const logical = unpack(memory, shape, layout);
  const size = memorySize(shape, layout);
  // −0 is zero.
  const unsigned = (values: Float32Array) => values.map((value) => value + 0);
  expect(unsigned(pack(logical, shape, layout))).toEqual(unsigned(memory.subarray(0, size)));
  return fromArray(shape, logical);
}
