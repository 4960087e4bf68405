/**
 * @file Reads a data set of one folder per class: `cat/1.jpg`, `dog/1.jpg`.
 */

import { checkOptions, listOf, type OptionRules, type Rule, STRING } from '../arguments.ts';
import { counted } from '../counted.ts';
import { check } from '../errors.ts';
import { labelOf, orderedClasses } from './class-names.ts';
import type { Folder } from './ichallenge-pm.ts';
import { listed } from './listed.ts';
import type { Sample } from './sample.ts';
import { findFiles, isOfSystem } from './tree/find-files.ts';
import { placeOf, sampleOf, type Tree, type TreeContents } from './tree/tree.ts';

/** A data set whose classes have names. */
export interface ClassSet extends Folder {
  /** The names of the classes, by label. */
  readonly classes: readonly string[];
  /** Images, by their path in the data set, that nothing gives a class. */
  readonly unlabelled: readonly string[];
}

/** What `readClassFolders` takes beside the folder. */
export interface ClassOptions {
  /** The names of the classes by label, those of the training set for a validation set; by default those that are found, sorted. */
  readonly classes?: readonly string[];
}

/** Names of classes, if any. */
export const CLASSES: Rule = listOf(STRING, 'an array of names');
const OPTIONS: OptionRules<ClassOptions> = { classes: CLASSES };

const IMAGE = /\.(jpe?g|png)$/i;
/** Folders around the folders of classes, as archives have them: `flowers/flowers/rose/1.jpg`. */
const MAX_WRAPPERS = 4;

/** Whether a file is an image by its name. */
export const isImage = (name: string): boolean => IMAGE.test(name);

/** The images in a folder or archive, whose class is the folder that they lie in, see `readClassFolders`. */
export async function classFoldersIn(tree: Tree, options: ClassOptions): Promise<ClassSet> {
  const dir = placeOf(tree);
  checkOptions('readClassFolders', options, OPTIONS);
  const { folders, files } = await classFolders(tree);
  const unlabelled = files.filter(({ name }) => isImage(name)).map(({ name }) => name);
  const passedOver = files.filter(({ name }) => !isImage(name)).map(({ name }) => name);
  check(folders.length > 0 || unlabelled.length > 0, 'bad-data', () => {
    const found = passedOver.length > 0 ? `only ${listed(passedOver.toSorted())}` : 'nothing at all';
    return `${dir} holds no image (.jpg, .png), but ${found}: give JPEGs or PNGs, those of each class in a folder of its name.`;
  });
  check(folders.length > 0, 'bad-data', () => {
    return `${dir} holds ${counted(unlabelled.length, 'image')} and no folder: put those of each class into a folder of its name, or give a table of their classes.`;
  });
  const found = await Promise.all(folders.map((folder) => imagesIn(folder)));
  for (const { folder, images } of found)
    check(images.length > 0 || options.classes !== undefined, 'bad-data', () => {
      return `The folder ${folder.path} of class ${folder.name} holds no image (.jpg, .png): add some, or remove it.`;
    });
  const classes =
    options.classes ??
    orderedClasses(
      folders.map(({ name }) => name),
      dir,
    );
  const samples = found.flatMap(({ folder, images }): Sample[] => {
    if (images.length === 0) return [];
    const label = labelOf(folder.name, classes, `The folder ${folder.path}`);
    return images.map((file) => sampleOf(file, `${folder.name}/${file.within}`, label));
  });
  check(samples.length > 0, 'bad-data', () => `${dir} holds no image in any of its folders.`);
  return {
    samples: samples.sort((a, b) => (a.name < b.name ? -1 : 1)),
    passedOver: [...passedOver, ...found.flatMap((each) => each.passedOver)].sort(),
    unlabelled: unlabelled.sort(),
    classes,
  };
}

/** The folders of the classes, and what lies beside them. */
async function classFolders(tree: Tree): Promise<TreeContents> {
  let current = tree;
  for (let depth = 0; ; depth++) {
    const listed = await current.list();
    const folders = listed.folders.filter(({ name }) => !isOfSystem(name));
    const isWrapper = folders.length === 1 && !listed.files.some(({ name }) => isImage(name));
    if (!isWrapper || depth === MAX_WRAPPERS) return { folders, files: listed.files };
    const [inner] = folders as [Tree];
    const inside = await inner.list();
    if (inside.folders.filter(({ name }) => !isOfSystem(name)).length === 0)
      return { folders, files: listed.files };
    current = inner;
  }
}

async function imagesIn(folder: Tree) {
  const { files, passedOver } = await findFiles(folder, { isWanted: isImage });
  return { folder, images: files, passedOver: passedOver.map((path) => `${folder.name}/${path}`) };
}
