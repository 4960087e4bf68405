/**
 * @file The data that was given: as the engine keeps it, and what it tells the page.
 */

import type { PlacedFile, RowProblem, Sample } from 'fovea';

/** Where the classes of photographs come from. */
export const LAYOUTS = ['original', 'table', 'folders'] as const;

/** `original`: names of files and a table, as iChallenge-PM has them. `table`: a table of all. `folders`: one for each class. */
export type Layout = (typeof LAYOUTS)[number];

/** What is to be read, and how. */
export interface DataInput {
  readonly files: readonly PlacedFile[];
  /** By default found out. */
  readonly layout?: Layout | undefined;
  /** The table's column of files, 'file' by default. */
  readonly nameColumn?: string | undefined;
  /** The table's column of classes, 'class' by default. */
  readonly classColumn?: string | undefined;
}

/** Whether a file is a table by its name. */
export const isTable = ({ path }: Pick<PlacedFile, 'path'>): boolean => /\.(csv|xlsx)$/i.test(path);

/** Photographs to train on and to validate on. */
export interface DataSet {
  readonly layout: Layout;
  /** The names of the classes, by label. */
  readonly classes: readonly string[];
  readonly training: readonly Sample[];
  readonly validation: readonly Sample[];
}

/** Which of the two sets. */
export type SetName = 'training' | 'validation';

/** A photograph, as the page knows it. */
export interface Photograph {
  readonly set: SetName;
  /** Its place in the set. */
  readonly index: number;
  readonly name: string;
  readonly label: number;
}

/** What a layout makes of the files, whatever knows of the photographs. */
export interface Reading {
  readonly layout: Layout;
  readonly classes: readonly string[];
  /** Why photographs to validate on were set aside of those to train on, if they were. */
  readonly setAside?: string | undefined;
  /** Files that are no photographs of the data. */
  readonly passedOver: readonly string[];
  /** Photographs that nothing gives a class. */
  readonly unlabelled: readonly string[];
  /** What is wrong with rows of the table; where there is any, there is no data. */
  readonly problems: readonly RowProblem[];
}

/** What was found in the files, as the page knows it. */
export interface DataSummary extends Reading {
  readonly photographs: readonly Photograph[];
  /** Photographs whose files are the same, byte by byte. */
  readonly duplicates: readonly (readonly Photograph[])[];
}

/** The photographs of a set, as the page knows them. */
export function photographsOf(set: SetName, samples: readonly Sample[]): Photograph[] {
  return samples.map(({ name, label }, index) => ({ set, index, name, label }));
}
