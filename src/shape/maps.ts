/**
 * @file The sizes of maps `[N, C, H, W]`, for ops that treat each channel for itself.
 */

import { check } from '../errors.ts';
import { formatShape, type Shape } from './shape.ts';

/** The sizes of the maps that such an op takes. */
export interface InputMaps {
  readonly batch: number;
  readonly channels: number;
  readonly inHeight: number;
  readonly inWidth: number;
}

/** The sizes of the maps that such an op takes and makes. */
export interface MapSizes extends InputMaps {
  readonly outHeight: number;
  readonly outWidth: number;
}

/** The sizes of maps of this shape, the input of `what`. Throws 'shape-mismatch' for another rank. */
export function inputMaps(what: string, input: Shape): InputMaps {
  check(
    input.length === 4,
    'shape-mismatch',
    () => `${what} takes an input [N, C, H, W], got ${formatShape(input)}`,
  );
  const [batch, channels, inHeight, inWidth] = input as [number, number, number, number];
  return { batch, channels, inHeight, inWidth };
}

/** `[N, C, H, W]` of the output. */
export function outputShape(g: MapSizes): Shape {
  return [g.batch, g.channels, g.outHeight, g.outWidth];
}

/** `[N, C, H, W]` of the input. */
export function inputShape(g: InputMaps): Shape {
  return [g.batch, g.channels, g.inHeight, g.inWidth];
}
