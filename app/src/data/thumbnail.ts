/**
 * @file The task `thumbnail`: a photograph, small.
 */

import { Failed } from '../engine/failure.ts';
import type { Task } from '../engine/protocol.ts';
import type { Photograph } from './data-set.ts';

/** Which photograph. */
export interface ThumbnailInput extends Pick<Photograph, 'set' | 'index'> {
  /** Its height in pixels. */
  readonly height: number;
}

/** Decodes it by the browser's decoder: it is looked at, not learnt from. */
export const run: Task<ThumbnailInput, ImageBitmap> = async ({ set, index, height }, { engine }) => {
  const sample = engine.dataNow()[set][index];
  if (!sample?.source) throw new Failed('noPhotograph', 'There is no such photograph.');
  const bytes = await sample.source.read();
  const blob = new Blob([new Uint8Array(bytes)]);
  return createImageBitmap(blob, { resizeHeight: height, resizeQuality: 'medium' });
};
