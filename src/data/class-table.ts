/**
 * @file Reads a data set whose classes stand in a table: a column of files, a column of class names.
 */

import { checkOptions, type OptionRules, STRING } from '../arguments.ts';
import { check } from '../errors.ts';
import { CLASSES, type ClassOptions, type ClassSet, isImage } from './class-folders.ts';
import { labelOf, orderedClasses } from './class-names.ts';
import { listed, shortened } from './listed.ts';
import { columnOf } from './table/columns.ts';
import { readTable } from './table/read-table.ts';
import { findFiles } from './tree/find-files.ts';
import { placeOf, sampleOf, type Tree, type TreeFile } from './tree/tree.ts';

/** What `readClassTable` takes beside the images and the table. */
export interface ClassTableOptions extends ClassOptions {
  /** The column that names the files, 'file' by default. */
  readonly nameColumn?: string;
  /** The column that names their classes, 'class' by default. */
  readonly classColumn?: string;
}

const OPTIONS: OptionRules<ClassTableOptions> = { classes: CLASSES, nameColumn: STRING, classColumn: STRING };

/**
 * What may be wrong with a row of a table: it names no file, or gives no class; there is no such image, or several that may be meant; an
 * earlier row means the same image.
 */
export type RowProblemKind = 'no-file' | 'no-class' | 'no-image' | 'ambiguous' | 'repeated';

/** What is wrong with a row of a table. */
export interface RowProblem {
  /** Which row, counted from 1, the header; empty rows do not count. */
  readonly row: number;
  /** What is wrong, for programs. */
  readonly kind: RowProblemKind;
  /** The file that the row names, shortened where that is long. */
  readonly given: string;
  /** What is wrong, in a sentence without its stop. */
  readonly problem: string;
}

/** A row of a table with its image. */
export interface ClassRow {
  /** Which row, counted from 1, the header. */
  readonly row: number;
  /** The image's path in the data set. */
  readonly path: string;
  /** The image. */
  readonly file: TreeFile;
  /** The name of its class. */
  readonly name: string;
}

/** A table beside the images that it is about. */
export interface ExaminedTable {
  /** The rows with an image and a class, sorted by the image's path. */
  readonly rows: readonly ClassRow[];
  /** What is wrong with the others, in their order. */
  readonly problems: readonly RowProblem[];
  /** Paths of images that have no row. */
  readonly unlabelled: readonly string[];
  /** Paths of other files. */
  readonly passedOver: readonly string[];
}

/** The first row below the header. */
const FIRST_ROW = 2;
/** How many problems an error tells. */
const PROBLEMS_SHOWN = 3;

/** The images in a folder or archive, whose classes stand in a table, see `readClassTable`. */
export async function classesByTable(
  tree: Tree,
  table: Tree | TreeFile,
  options: ClassTableOptions,
): Promise<ClassSet> {
  checkOptions('readClassTable', options, OPTIONS);
  const { rows, problems, unlabelled, passedOver } = await examineTable(tree, table, options);
  const { path: place } = table;
  check(problems.length === 0, 'bad-data', () => {
    const shown = problems.slice(0, PROBLEMS_SHOWN).map(({ row, problem }) => `row ${row}: ${problem}`);
    const more = problems.length > PROBLEMS_SHOWN ? `; ${problems.length - PROBLEMS_SHOWN} more` : '';
    return `${place}, ${shown.join('; ')}${more}. \`fovea data inspect\` lists all.`;
  });
  const classes =
    options.classes ??
    orderedClasses(
      rows.map(({ name }) => name),
      place,
    );
  check(rows.length > 0, 'bad-data', () => `${place} has no row below its header.`);
  return {
    samples: rows.map(({ path, file, name }) =>
      sampleOf(file, path, labelOf(name, classes, `${place}: ${shortened(path)}`)),
    ),
    passedOver,
    unlabelled,
    classes,
  };
}

/** What the rows of a table say of the images in a folder or archive, see `examineClassTable`. */
export async function examineTable(
  tree: Tree,
  table: Tree | TreeFile,
  options: ClassTableOptions,
): Promise<ExaminedTable> {
  checkOptions('examineClassTable', options, OPTIONS);
  const { nameColumn = 'file', classColumn = 'class' } = options;
  const { files, passedOver } = await findFiles(tree, { isWanted: isImage });
  check(files.length > 0, 'bad-data', () => `${placeOf(tree)} holds no image (.jpg, .png).`);
  const images = new Map(files.map((file): [string, TreeFile] => [file.within, file]));
  const {
    rows: [header = [], ...cells],
  } = await readTable(table, [nameColumn, classColumn]);
  const [nameAt, classAt] = [
    columnOf(nameColumn, header, table.path),
    columnOf(classColumn, header, table.path),
  ];
  const problems: RowProblem[] = [];
  const rows: ClassRow[] = [];
  const rowOf = new Map<string, number>();
  const find = finderOf([...images.keys()]);
  for (const [i, cell] of cells.entries()) {
    const [given = '', name = ''] = [cell[nameAt], cell[classAt]];
    const [path, ...others] = find(given);
    const earlier = path === undefined ? undefined : rowOf.get(path);
    const problem = problemOf({ given: shortened(given), name, path, others, earlier });
    const row = i + FIRST_ROW;
    if (problem === undefined) {
      rowOf.set(path!, row);
      rows.push({ row, path: path!, file: images.get(path!)!, name });
    } else problems.push({ row, given: shortened(given), ...problem });
  }
  return {
    rows: rows.sort((a, b) => (a.path < b.path ? -1 : 1)),
    problems,
    unlabelled: [...images.keys()].filter((path) => !rowOf.has(path)).sort(),
    passedOver: [...passedOver].sort(),
  };
}

/** What is wrong with a row: with its cells, with the images that it may mean, and with an earlier row that means the same. */
function problemOf(row: {
  readonly given: string;
  readonly name: string;
  readonly path: string | undefined;
  readonly others: readonly string[];
  readonly earlier: number | undefined;
}): Pick<RowProblem, 'kind' | 'problem'> | undefined {
  const { given, name, path, others, earlier } = row;
  if (given === '') return { kind: 'no-file', problem: 'it names no file' };
  if (name === '') return { kind: 'no-class', problem: `${given} has no class` };
  if (path === undefined) return { kind: 'no-image', problem: `there is no image ${given}` };
  if (others.length > 0) {
    const paths = listed([path, ...others]);
    return { kind: 'ambiguous', problem: `${given} may be any of ${paths}, give its path` };
  }
  if (earlier === undefined) return undefined;
  return { kind: 'repeated', problem: `${given} stands in row ${earlier} already` };
}

/** Finds the paths that a cell may mean: that very path, else those of that name, else those of that name without its ending. */
function finderOf(paths: readonly string[]): (given: string) => readonly string[] {
  const exact = new Set(paths);
  const byName = groupedBy(paths, nameOf);
  const byStem = groupedBy(paths, (path) => nameOf(path).replace(/\.\w+$/, ''));
  return (given) => {
    const path = given.replaceAll('\\', '/').replace(/^(\.?\/)+/, '');
    if (exact.has(path)) return [path];
    return byName.get(path) ?? byStem.get(path) ?? [];
  };
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function groupedBy(paths: readonly string[], keyOf: (path: string) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const group = groups.get(keyOf(path));
    if (group) group.push(path);
    else groups.set(keyOf(path), [path]);
  }
  return groups;
}
