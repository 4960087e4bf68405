/** @file The readers of data sets, for places on disk (Node). */

import { stat } from 'node:fs/promises';
import { checkArgument, PATH, type Rule } from '../../arguments.ts';
import { type ClassOptions, type ClassSet, classFoldersIn } from '../class-folders.ts';
import { type ClassTableOptions, classesByTable, type ExaminedTable, examineTable } from '../class-table.ts';
import { type Folder, trainingFolder, validationFolder } from '../ichallenge-pm.ts';
import { diskFile, folderTree } from '../tree/folder-tree.ts';
import { openTree } from '../tree/open-tree.ts';
import { isTree, type Tree, type TreeFile } from '../tree/tree.ts';

const PLACE: Rule = {
  holds: (value) => PATH.holds(value) || isTree(value),
  words: `${PATH.words}, or a Tree`,
};

/**
 * The training photographs in a folder or zip archive, labelled 1 for P and 0 for H and N. Folders in it are searched too, and
 * archives in it where it holds none itself: `training.zip` as it was downloaded will do. Annotations are passed over.
 *
 * Throws 'bad-file' if there is no such folder or archive, or one is damaged; 'bad-data' if it holds no training photograph, or two of
 * one name.
 */
export async function readTrainingFolder(dir: string | Tree): Promise<Folder> {
  return trainingFolder(await treeAt('dir of readTrainingFolder', dir));
}

/**
 * The validation photographs in a folder or zip archive, found as {@link readTrainingFolder} does, and labelled by a table with a
 * header, in CSV or xlsx. Its columns `imgName` and `Label` are read, whatever else it has.
 *
 * @param labels the table, or a folder or zip archive that holds it, such as `valid_gt.zip`
 * Throws 'bad-file' if the folder, an archive or the table cannot be read, 'bad-data' if the table is
 * malformed, or names other photographs than the folder holds.
 */
export async function readValidationFolder(dir: string | Tree, labels: string | Tree): Promise<Folder> {
  checkArgument('labels of readValidationFolder', labels, PLACE);
  const tree = await treeAt('dir of readValidationFolder', dir);
  return validationFolder(tree, await tableAt(labels));
}

/**
 * The images in `dir`, a folder or a zip archive, whose class is the folder that they lie in, at whatever depth below it. A folder that
 * holds nothing but another one is passed through. Samples are named by their path in the data set, `rose/1.jpg`, and sorted by it;
 * names of classes are sorted, as numbers where all are.
 *
 * Throws 'bad-file' where `dir` cannot be read; 'bad-data' where it has fewer than two classes, a class without images (unless
 * `classes` are given), a class that is none of those given, or two whose names differ by case or spaces alone.
 */
export async function readClassFolders(dir: string | Tree, options: ClassOptions = {}): Promise<ClassSet> {
  return classFoldersIn(await treeAt('dir of readClassFolders', dir), options);
}

/**
 * The images in `dir`, a folder or a zip archive, whose classes stand in `table`: CSV or xlsx with a header. Its column of files has
 * their paths from `dir` on, or their names where no two files have the same, with or without `.jpg`; samples are named by their paths,
 * and sorted by them. Images without a row are told as `unlabelled`.
 *
 * Throws 'bad-file' where one of the two cannot be read; 'bad-data', naming the row, where a row has no class or no image, or an image two
 * rows, where there are fewer than two classes, one that is none of those given, or two whose names differ by case or spaces alone.
 */
export async function readClassTable(
  dir: string | Tree,
  table: string | Tree,
  options: ClassTableOptions = {},
): Promise<ClassSet> {
  checkArgument('table of readClassTable', table, PLACE);
  const tree = await treeAt('dir of readClassTable', dir);
  return classesByTable(tree, await tableAt(table), options);
}

/**
 * What the rows of `table` say of the images in `dir`, and what is wrong with them: {@link readClassTable} for who wants to show all
 * problems. Throws as that does, but for rows and classes.
 */
export async function examineClassTable(
  dir: string | Tree,
  table: string | Tree,
  options: ClassTableOptions = {},
): Promise<ExaminedTable> {
  checkArgument('table of examineClassTable', table, PLACE);
  const tree = await treeAt('dir of examineClassTable', dir);
  return examineTable(tree, await tableAt(table), options);
}

async function treeAt(what: string, place: string | Tree): Promise<Tree> {
  checkArgument(what, place, PLACE);
  return typeof place === 'string' ? openTree(place) : place;
}

async function tableAt(place: string | Tree): Promise<Tree | TreeFile> {
  if (typeof place !== 'string') return place;
  const found = await stat(place).catch(() => undefined);
  return found?.isDirectory() ? folderTree(place) : diskFile(place);
}
