/**
 * @file The task `checkData`: decodes every photograph, to find those that are damaged before a training does.
 */

import { type CorruptImage, ImageDataset } from 'fovea';
import type { Task } from '../engine/protocol.ts';

/** Any size will do: what is damaged does not depend on it. */
const SIZE = 32;

/** Gives the damaged ones. Tells how many photographs were looked at. */
export const run: Task<void, CorruptImage[], number> = async (_, { engine, report, signal }) => {
  const { training, validation } = engine.dataNow();
  const dataset = new ImageDataset([...training, ...validation], { size: SIZE, onCorrupt: 'skip' });
  let next = 0;
  let done = 0;
  const lane = async () => {
    while (next < dataset.length) {
      signal.throwIfAborted();
      await dataset.pixels(next++);
      report(++done);
    }
  };
  try {
    await Promise.all(Array.from({ length: dataset.workers }, lane));
  } finally {
    await dataset.close();
  }
  return dataset.corrupt;
};
