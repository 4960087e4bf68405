/**
 * @file The task `readData`: finds photographs and their classes in files, and keeps them for later tasks.
 */

import { findDuplicates, type Sample } from 'fovea';
import type { Task } from '../engine/protocol.ts';
import { type DataInput, type DataSummary, type Photograph, photographsOf } from './data-set.ts';
import { readLayout } from './read-layout.ts';

/** Reads the files. */
export const run: Task<DataInput, DataSummary> = async (input, { engine }) => {
  engine.data = undefined;
  const { training, validation, ...found } = await readLayout(input);
  const photographs = [...photographsOf('training', training), ...photographsOf('validation', validation)];
  const duplicates = await duplicatesAmong([...training, ...validation], photographs);
  const { layout, classes } = found;
  if (photographs.length > 0) engine.data = { layout, classes, training, validation };
  return { ...found, photographs, duplicates };
};

async function duplicatesAmong(
  samples: readonly Sample[],
  photographs: readonly Photograph[],
): Promise<Photograph[][]> {
  const groups = await findDuplicates(samples);
  return groups.map((group) => group.map((sample) => photographs[samples.indexOf(sample)]!));
}
