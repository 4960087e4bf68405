/**
 * @file The data sets to be inspected: rows of tables that are wrong are told, and the others read.
 */

import { orderedClasses } from '../../data/class-names.ts';
import type { ExaminedTable, RowProblem } from '../../data/class-table.ts';
import { LABEL_COLUMN, LABELS, NAME_COLUMN } from '../../data/ichallenge-pm.ts';
import type { NamedSet } from '../../data/inspect/inspect.ts';
import { examineClassTable } from '../../data/node/read-folders.ts';
import { sampleOf } from '../../data/tree/tree.ts';
import { FoveaError } from '../../errors.ts';
import { columnsOf, type DataOptions, needed, readTrainingSet, readValidationSet } from '../data-sets.ts';
import { PALM_CLASSES } from '../load-classifier.ts';

/** A problem of a table, or of a row of it. */
export interface TableProblem {
  readonly table: string;
  readonly row?: number;
  readonly problem: string;
}

/** What is to be inspected. */
export interface Inspected {
  readonly sets: readonly NamedSet[];
  readonly classes: readonly string[];
  readonly problems: readonly TableProblem[];
}

/** Reads the sets that the command line names. Throws what their readers throw, but for what is wrong with rows of a table. */
export async function setsToInspect(options: DataOptions): Promise<Inspected> {
  const { layout = 'palm', train, val, labels, table } = options;
  const problems: TableProblem[] = [];
  if (layout === 'table' && train !== undefined && table !== undefined) {
    const training = await examineClassTable(train, table, columnsOf(options));
    const classes = classesOf(training, table, problems);
    const sets = [setOf('training', training, table, classes, problems)];
    if (val !== undefined) {
      const rows = needed('--labels', labels);
      const validation = await examineClassTable(val, rows, columnsOf(options));
      sets.push(setOf('validation', validation, rows, classes, problems));
    }
    return { sets, classes, problems };
  }
  const { classes, ...training } = await readTrainingSet(options);
  const sets: NamedSet[] = [{ ...training, name: 'training' }];
  if (val !== undefined) sets.push(await validationSet(options, classes, problems));
  return { sets, classes, problems };
}

async function validationSet(
  options: DataOptions,
  classes: readonly string[],
  problems: TableProblem[],
): Promise<NamedSet> {
  const name = 'validation';
  const { layout = 'palm', val, labels } = options;
  try {
    return { ...(await readValidationSet(options, classes)), name };
  } catch (error) {
    const isTable = error instanceof FoveaError && error.code === 'bad-data' && layout === 'palm';
    if (!isTable || val === undefined || labels === undefined) throw error;
    const columns = { nameColumn: NAME_COLUMN, classColumn: LABEL_COLUMN };
    const examined = await examineClassTable(val, labels, columns);
    const rows = examined.rows.map((row) => ({ ...row, name: palmClass(row.name) }));
    return setOf(name, { ...examined, rows }, labels, PALM_CLASSES, problems);
  }
}

/** The class that a label of iChallenge-PM's tables stands for. */
function palmClass(label: string): string {
  const known = LABELS.get(label);
  return known === undefined ? label : PALM_CLASSES[known]!;
}

function classesOf({ rows }: ExaminedTable, table: string, problems: TableProblem[]): string[] {
  const names = rows.map(({ name }) => name);
  try {
    return orderedClasses(names, table);
  } catch (error) {
    if (!(error instanceof FoveaError)) throw error;
    problems.push({ table, problem: error.message });
    return [...new Set(names)].sort();
  }
}

function setOf(
  name: string,
  { rows, problems: found, unlabelled, passedOver }: ExaminedTable,
  table: string,
  classes: readonly string[],
  problems: TableProblem[],
): NamedSet {
  const told = ({ row, problem }: Pick<RowProblem, 'row' | 'problem'>) =>
    problems.push({ table, row, problem });
  found.forEach(told);
  const samples = rows.flatMap((row) => {
    const label = classes.indexOf(row.name);
    if (label < 0)
      told({
        row: row.row,
        problem: `${row.path} is of class "${row.name}", which is none of ${classes.join(', ')}`,
      });
    return label < 0 ? [] : [sampleOf(row.file, row.path, label)];
  });
  return { name, samples, passedOver, unlabelled };
}
