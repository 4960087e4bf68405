/**
 * @file The task `validatedPhotograph`: a photograph of the training's validation set, to look at.
 */

import { Failed } from '../engine/failure.ts';
import type { Task } from '../engine/protocol.ts';

/** Which one, by its place in the set, and how high in pixels. */
export interface ValidatedPhotograph {
  readonly place: number;
  readonly height: number;
}

/** Decodes it by the browser's decoder. */
export const run: Task<ValidatedPhotograph, ImageBitmap> = async ({ place, height }, { engine }) => {
  const sample = engine.trainingNow().data.validation[place];
  if (!sample?.source) throw new Failed('noPhotograph', 'There is no such photograph.');
  const bytes = await sample.source.read();
  return createImageBitmap(new Blob([new Uint8Array(bytes)]), {
    resizeHeight: height,
    resizeQuality: 'medium',
  });
};
