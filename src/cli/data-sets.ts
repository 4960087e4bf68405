/**
 * @file The data sets that the command line names, in whatever layout they lie.
 */

import type { Command } from 'commander';
import type { ClassSet } from '../data/class-folders.ts';
import type { Folder } from '../data/ichallenge-pm.ts';
import {
  readClassFolders,
  readClassTable,
  readTrainingFolder,
  readValidationFolder,
} from '../data/node/read-folders.ts';
import { check } from '../errors.ts';
import { checkFolderOrFile, choice } from './arguments.ts';
import { PALM_CLASSES } from './load-classifier.ts';

/** How a data set lies: iChallenge-PM's way, a folder per class, or a table of file and class. */
export const LAYOUTS = ['palm', 'folders', 'table'] as const;

/** One of {@link LAYOUTS}. */
export type Layout = (typeof LAYOUTS)[number];

/** What tells where data sets lie, as flags and settings have it. */
export interface DataOptions {
  readonly layout?: Layout | undefined;
  readonly train?: string | undefined;
  readonly val?: string | undefined;
  /** Of the validation set. */
  readonly labels?: string | undefined;
  /** Of the training set. */
  readonly table?: string | undefined;
  readonly nameColumn?: string | undefined;
  readonly classColumn?: string | undefined;
}

/** Adds the flags that say in which layout data lies. */
export function addLayoutOptions(command: Command): Command {
  return command
    .option(
      '--layout <kind>',
      'palm: iChallenge-PM; folders: one per class; table: files and classes in a table (default: palm)',
      choice(LAYOUTS),
    )
    .option('--name-column <name>', 'column of the files in tables, with --layout table (default: file)')
    .option('--class-column <name>', 'column of their classes, with --layout table (default: class)');
}

/** Throws 'invalid-argument', naming the flag, where a path that is given leads to nothing. */
export async function checkPaths({ train, val, labels, table }: DataOptions): Promise<void> {
  for (const [option, path] of Object.entries({ train, val, labels, table }))
    if (path !== undefined) await checkFolderOrFile(`--${option}`, path);
}

/** The training set. Throws 'invalid-argument' where a flag is missing that its layout takes, else what its reader throws. */
export async function readTrainingSet(options: DataOptions): Promise<ClassSet> {
  const { layout = 'palm', train, table } = options;
  const dir = needed('--train', train);
  if (layout === 'folders') return readClassFolders(dir);
  if (layout === 'table') return readClassTable(dir, needed('--table', table), columnsOf(options));
  return ofPalm(await readTrainingFolder(dir));
}

/** The validation set, whose classes are those of the training set. Throws as {@link readTrainingSet}. */
export async function readValidationSet(options: DataOptions, classes: readonly string[]): Promise<ClassSet> {
  const { layout = 'palm', val, labels } = options;
  const dir = needed('--val', val);
  if (layout === 'folders') return readClassFolders(dir, { classes });
  const table = needed('--labels', labels);
  if (layout === 'table') return readClassTable(dir, table, { ...columnsOf(options), classes });
  return ofPalm(await readValidationFolder(dir, table));
}

/** The columns that were named. */
export function columnsOf({ nameColumn, classColumn }: DataOptions) {
  return { ...(nameColumn ? { nameColumn } : {}), ...(classColumn ? { classColumn } : {}) };
}

const ofPalm = (folder: Folder): ClassSet => ({ ...folder, classes: PALM_CLASSES, unlabelled: [] });

/** What the paths that may be missing are for. */
const PURPOSES = {
  '--train': 'it names the training photographs. To try fovea without data of your own: fovea demo',
  '--val': 'it names the validation photographs.',
  '--labels': 'it names the table with the classes of the photographs in --val.',
  '--table': 'with --layout table, it names the table with the classes of the photographs in --train.',
} as const;

/** Throws 'invalid-argument' where the path that `option` gives is missing. */
export function needed(option: keyof typeof PURPOSES, path: string | undefined): string {
  check(path !== undefined, 'invalid-argument', () => `${option} is missing: ${PURPOSES[option]}`);
  return path;
}
