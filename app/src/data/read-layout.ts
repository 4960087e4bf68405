/**
 * @file Reads photographs and their classes from files, by each of the layouts that data sets have.
 */

import {
  type ClassSet,
  examineClassTable,
  type Folder,
  FoveaError,
  readClassFolders,
  readClassTable,
  readTrainingFolder,
  readValidationFolder,
  type Sample,
  splitSamples,
  treeOfFiles,
} from 'fovea';
import { Failed, failingAs } from '../engine/failure.ts';
import { type DataInput, isTable, type Reading } from './data-set.ts';

/** What a layout made of the files. */
export interface ReadData extends Reading {
  readonly training: readonly Sample[];
  readonly validation: readonly Sample[];
}

/** The share of each class that is set aside where there are no photographs to validate on. */
const SHARE = 0.2;

/** The original's photographs to validate on. */
const VALIDATION_NAME = /(^|\/)V\d+\.(jpe?g|png)$/i;

/** What the original tells apart. */
const ORIGINAL_CLASSES = ['not pathologic', 'pathologic'];

/** Reads `files` by the layout given, else by the first that fits. */
export async function readLayout(input: DataInput): Promise<ReadData> {
  const { layout, files } = input;
  const named = layout === undefined ? await trainingOf(input).catch(unlessBadData) : undefined;
  const isOriginal = named && (files.some(isTable) || areInOneFolder(named.samples));
  switch (layout ?? (isOriginal ? 'original' : files.some(isTable) ? 'table' : 'folders')) {
    case 'original':
      return failingAs('classNames', ['bad-data'], () => readOriginal(input));
    case 'table':
      return failingAs('classTable', ['bad-data'], () => readTable(input));
    case 'folders':
      return failingAs('classFolders', ['bad-data'], () => readFolders(input));
  }
}

/** The classes are in the names; those of validation photographs are in a table. */
async function readOriginal(input: DataInput): Promise<ReadData> {
  const tree = treeOfFiles(input.files);
  const training = await trainingOf(input);
  const common = { layout: 'original', classes: ORIGINAL_CLASSES, unlabelled: [], problems: [] } as const;
  try {
    const validation = await readValidationFolder(tree, tree);
    const samples = [...training.samples, ...validation.samples];
    const passedOver = new Set([...training.passedOver, ...validation.passedOver]);
    return {
      ...common,
      training: training.samples,
      validation: validation.samples,
      // What one set passes over may be the other's.
      passedOver: [...passedOver].filter((path) => !isTable({ path }) && !holds(path, samples)),
    };
  } catch (error) {
    const reason = messageOfBadData(error);
    // Where there are photographs to validate on, what is wrong with their table must be mended.
    if (training.passedOver.some((path) => VALIDATION_NAME.test(path))) throw error;
    return { ...common, ...(await divided(training, ORIGINAL_CLASSES)), setAside: reason };
  }
}

/** Those whose names tell their class. */
const trainingOf = ({ files }: DataInput): Promise<Folder> => readTrainingFolder(treeOfFiles(files));

/** A table has the classes of all. */
async function readTable({ files, nameColumn, classColumn }: DataInput): Promise<ReadData> {
  const table = files.find(isTable);
  if (!table) throw new Failed('classTable', 'There is no table (.csv or .xlsx) among the files.');
  const tree = treeOfFiles(files.filter((file) => file !== table));
  const columns = {
    ...(nameColumn ? { nameColumn } : {}),
    ...(classColumn ? { classColumn } : {}),
  };
  const { problems, unlabelled, passedOver } = await examineClassTable(tree, table.file, columns);
  if (problems.length > 0) {
    const nothing = { classes: [], training: [], validation: [] };
    return { layout: 'table', ...nothing, unlabelled, passedOver, problems };
  }
  return { layout: 'table', ...(await withSplit(await readClassTable(tree, table.file, columns))) };
}

/** Each class is a folder; there may be folders of both sets above. */
async function readFolders({ files }: DataInput): Promise<ReadData> {
  const part = (pattern: RegExp) => files.filter(({ path }) => pattern.test(path));
  const [training, validation] = [part(/(^|\/)train(ing)?\//i), part(/(^|\/)(val(id(ation)?)?|test)\//i)];
  if (training.length === 0 || validation.length === 0)
    return { layout: 'folders', ...(await withSplit(await readClassFolders(treeOfFiles(files)))) };
  const first = await readClassFolders(treeOfFiles(training));
  const { classes } = first;
  const second = await readClassFolders(treeOfFiles(validation), { classes });
  return {
    layout: 'folders',
    classes,
    training: first.samples,
    validation: second.samples,
    passedOver: [...first.passedOver, ...second.passedOver],
    unlabelled: [...first.unlabelled, ...second.unlabelled],
    problems: [],
  };
}

async function withSplit(set: ClassSet): Promise<Omit<ReadData, 'layout'>> {
  const { classes, unlabelled } = set;
  return { classes, unlabelled, problems: [], ...(await divided(set, classes)), setAside: '' };
}

async function divided({ samples, passedOver }: Folder, classes: readonly string[]) {
  return { ...(await splitSamples(samples, { share: SHARE, classes })), passedOver };
}

/** The original's photographs to train on are; those in several folders have classes by these, whatever their own names. */
const areInOneFolder = (samples: readonly Sample[]): boolean =>
  new Set(samples.map(({ path }) => path.replace(/[^/]*$/, ''))).size === 1;

/** Whether `path` is, or leads to, one of `samples`. */
const holds = (path: string, samples: readonly Sample[]): boolean =>
  samples.some((sample) => sample.path === path || sample.path.startsWith(`${path}/`));

function unlessBadData(error: unknown): undefined {
  messageOfBadData(error);
}

/** The message of an error that speaks of the data; throws any other. */
function messageOfBadData(error: unknown): string {
  if (error instanceof FoveaError && error.code === 'bad-data') return error.message;
  throw error;
}
