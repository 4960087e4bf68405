/** @file The readers of data sets, for what a page has: trees of files, and files that are archives. */

import { checkArgument, type Rule } from '../../arguments.ts';
import { type ClassOptions, type ClassSet, classFoldersIn } from '../class-folders.ts';
import { type ClassTableOptions, classesByTable, type ExaminedTable, examineTable } from '../class-table.ts';
import { type Folder, trainingFolder, validationFolder } from '../ichallenge-pm.ts';
import { isTree, type Tree, type TreeFile } from '../tree/tree.ts';
import { fileOfBlob } from './blob-source.ts';
import { isFile } from './placed-files.ts';
import { treeOfZip } from './trees.ts';

/** A {@link Tree}, or the file of a zip archive; of a table, also that of the table itself. */
export type Place = Tree | File;

const PLACE: Rule = {
  holds: (value) => isTree(value) || isFile(value),
  words: 'a Tree, as treeOfFiles() gives it, or a File',
};

/**
 * The training photographs in a tree or zip archive, labelled 1 for P and 0 for H and N. Folders in it are searched too, and
 * archives in it where it holds none itself: `training.zip` as it was downloaded will do. Annotations are passed over.
 *
 * Throws 'bad-file' if an archive is damaged or a folder cannot be read; 'bad-data' if it holds no training photograph, or two of
 * one name.
 */
export async function readTrainingFolder(dir: Place): Promise<Folder> {
  return trainingFolder(await treeOf('dir of readTrainingFolder', dir));
}

/**
 * The validation photographs in a tree or zip archive, found as {@link readTrainingFolder} does, and labelled by a table with a
 * header, in CSV or xlsx. Its columns `imgName` and `Label` are read, whatever else it has.
 *
 * @param labels the table, or a tree or zip archive that holds it, such as `valid_gt.zip`
 * Throws 'bad-file' if a folder, an archive or the table cannot be read, 'bad-data' if the table is
 * malformed, or names other photographs than there are.
 */
export async function readValidationFolder(dir: Place, labels: Place): Promise<Folder> {
  const table = tableIn('labels of readValidationFolder', labels);
  return validationFolder(await treeOf('dir of readValidationFolder', dir), table);
}

/**
 * The images in a tree or zip archive, whose class is the folder that they lie in, at whatever depth below it. A folder that
 * holds nothing but another one is passed through. Samples are named by their path in the data set, `rose/1.jpg`, and sorted by it;
 * names of classes are sorted, as numbers where all are.
 *
 * Throws 'bad-file' where it cannot be read; 'bad-data' where it has fewer than two classes, a class without images (unless
 * `classes` are given), a class that is none of those given, or two whose names differ by case or spaces alone.
 */
export async function readClassFolders(dir: Place, options: ClassOptions = {}): Promise<ClassSet> {
  return classFoldersIn(await treeOf('dir of readClassFolders', dir), options);
}

/**
 * The images in a tree or zip archive, whose classes stand in `table`: CSV or xlsx with a header. Its column of files has
 * their paths in the tree, or their names where no two files have the same, with or without `.jpg`; samples are named by their paths,
 * and sorted by them. Images without a row are told as `unlabelled`.
 *
 * Throws 'bad-file' where one of the two cannot be read; 'bad-data', naming the row, where a row has no class or no image, or an image two
 * rows, where there are fewer than two classes, one that is none of those given, or two whose names differ by case or spaces alone.
 */
export async function readClassTable(
  dir: Place,
  table: Place,
  options: ClassTableOptions = {},
): Promise<ClassSet> {
  const rows = tableIn('table of readClassTable', table);
  return classesByTable(await treeOf('dir of readClassTable', dir), rows, options);
}

/**
 * What the rows of `table` say of the images in `dir`, and what is wrong with them: {@link readClassTable} for who wants to show all
 * problems. Throws as that does, but for rows and classes.
 */
export async function examineClassTable(
  dir: Place,
  table: Place,
  options: ClassTableOptions = {},
): Promise<ExaminedTable> {
  const rows = tableIn('table of examineClassTable', table);
  return examineTable(await treeOf('dir of examineClassTable', dir), rows, options);
}

async function treeOf(what: string, place: Place): Promise<Tree> {
  checkArgument(what, place, PLACE);
  return isFile(place) ? treeOfZip(place) : place;
}

function tableIn(what: string, place: Place): Tree | TreeFile {
  checkArgument(what, place, PLACE);
  return isFile(place) ? fileOfBlob(place, place.name) : place;
}
