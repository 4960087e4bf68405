/**
 * @file The numbers that a program works on, each of them exact in float32.
 */

import { fromArray, full, map, type NdArray, randomNormal, sizeOf, xorshift } from '../reference/array.ts';
import type { Program } from './program.ts';

/** The numbers of a program. */
export interface Values {
  readonly leaves: readonly NdArray[];
  /** By loss, the gradient that is given. */
  readonly given: readonly (NdArray | undefined)[];
  /** By op, the labels of a loss. */
  readonly labels: readonly (NdArray | undefined)[];
  /** By op, the bytes of images. */
  readonly images: readonly (Uint8Array | undefined)[];
  /** By op, the running mean and variance of a batch norm. */
  readonly running: readonly (readonly [NdArray, NdArray] | undefined)[];
}

/** Draws the numbers of `program` from its seed. */
export function drawValues({ leaves, ops, losses, seed }: Program): Values {
  const next = xorshift(seed + 1);
  const normal = (shape: readonly number[]) => map(randomNormal(shape, next), Math.fround);
  const shapeOf = (value: number) => (leaves[value] ?? ops[value - leaves.length]!).shape;
  return {
    leaves: leaves.map(({ shape }) => normal(shape)),
    given: losses.map(({ value, given }) => (given ? normal(shapeOf(value)) : undefined)),
    labels: ops.map(({ op, shape, inputs }) => {
      if (op === 'crossEntropy') {
        const [batch, classes, ...rest] = shapeOf(inputs[0]!) as [number, number, ...number[]];
        const label = (i: number) => (i % 4 === 3 ? -100 : Math.floor(next() * classes));
        return map(full([batch, ...rest], 0), (_, i) => label(i));
      }
      if (op !== 'sigmoidCrossEntropyWithLogits') return undefined;
      return fromArray(
        shape,
        Array.from({ length: sizeOf(shape) }, () => [0, 1, -100, 1][Math.floor(next() * 4)]!),
      );
    }),
    images: ops.map(({ op, shape }) =>
      op === 'normalizeImages' || op === 'augmentImages'
        ? Uint8Array.from({ length: sizeOf(shape) }, () => next() * 256)
        : undefined,
    ),
    running: ops.map(({ op, shape }) => {
      if (op !== 'batchNorm' && op !== 'convBatchNorm') return undefined;
      return [normal([shape[1]!]), full([shape[1]!], 1.5)] as const;
    }),
  };
}

/** What `augmentImages` does with \`batch\` images: they are turned, recoloured, cut out and mixed. */
export function augmentationOf(batch: number): Float32Array<ArrayBuffer> {
  const image = (partner: number) => [
    ...[0.8, -0.4, 0.6, 0.75, 0.5, 0.9, -0.3, partner],
    ...[0.75, 0.25, 0, 9, 0, 0.875, 0, 12, 0.125, 0, 0.75, 6, 1, 0, 2, 1],
  ];
  return Float32Array.from(Array.from({ length: batch }, (_, i) => image((i + 1) % batch)).flat());
}
