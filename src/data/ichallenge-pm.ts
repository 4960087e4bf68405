/**
 * @file Readers of iChallenge-PM (PALM): fundus photographs with and without pathologic myopia.
 *
 * Training photographs carry their label in the name: P0001.jpg is pathologic, H0001.jpg (high myopia) and
 * N0001.jpg (normal) are not. Those for validation, V0001.jpg, have it in a table. Folders are read as well as the archives that
 * are downloaded.
 */

import { counted } from '../counted.ts';
import { check } from '../errors.ts';
import { listed, shortened } from './listed.ts';
import type { Sample } from './sample.ts';
import { columnOf } from './table/columns.ts';
import { readTable, type Table } from './table/read-table.ts';
import { findFiles } from './tree/find-files.ts';
import { placeOf, sampleOf, type Tree, type TreeFile } from './tree/tree.ts';

/** What a folder or archive holds. */
export interface Folder {
  /** Sorted by name. Those of an archive have a `source`. */
  readonly samples: readonly Sample[];
  /** Paths within it of what is no photograph of the data, such as `.DS_Store` or a folder of masks; sorted. */
  readonly passedOver: readonly string[];
}

const TRAINING_NAME = /^[HNP]\d+\.(jpe?g|png)$/i;
const VALIDATION_NAME = /^V\d+\.(jpe?g|png)$/i;
export const NAME_COLUMN = 'imgName';
export const LABEL_COLUMN = 'Label';
/** As a spreadsheet or pandas may write them. */
export const LABELS = new Map([
  ['0', 0],
  ['1', 1],
  ['0.0', 0],
  ['1.0', 1],
]);
/** What the archives hold beside the photographs. */
const ANNOTATIONS = /annotation|masks?([^a-z]|$)|le(s|ss)ions?([^a-z]|$)/i;

/** The training photographs in a folder or archive, see `readTrainingFolder`. */
export async function trainingFolder(tree: Tree): Promise<Folder> {
  const { photographs, passedOver } = await findPhotographs(
    tree,
    TRAINING_NAME,
    'training photographs (H…, N…, P….jpg)',
  );
  return {
    samples: photographs.map((file) => sampleOf(file, file.name, /^P/i.test(file.name) ? 1 : 0)),
    passedOver,
  };
}

/** The validation photographs in a folder or archive, see `readValidationFolder`. */
export async function validationFolder(tree: Tree, labels: Tree | TreeFile): Promise<Folder> {
  const { photographs, passedOver } = await findPhotographs(
    tree,
    VALIDATION_NAME,
    'validation photographs (V….jpg)',
  );
  const table = await readTable(labels, [NAME_COLUMN, LABEL_COLUMN]);
  const labelOf = labelsIn(table);
  const names = photographs.map(({ name }) => name);
  const unlabelled = names.filter((name) => !labelOf.has(name));
  check(unlabelled.length === 0, 'bad-data', () => {
    const missing = `${unlabelled.length} of ${counted(names.length, 'photograph')} in ${placeOf(tree)} are not in ${table.path}`;
    return `${missing} (${listed(unlabelled)}): add a row for each, or remove them.`;
  });
  const present = new Set(names);
  const absent = [...labelOf.keys()].filter((name) => !present.has(name));
  check(absent.length === 0, 'bad-data', () => {
    const missing = `${absent.length} of ${counted(labelOf.size, 'photograph')} in ${table.path} are not in ${placeOf(tree)}`;
    return `${missing} (${listed(absent)}): is it complete?`;
  });
  return {
    samples: photographs.map((file) => sampleOf(file, file.name, labelOf.get(file.name)!)),
    passedOver,
  };
}

async function findPhotographs(
  tree: Tree,
  pattern: RegExp,
  wanted: string,
): Promise<{ photographs: TreeFile[]; passedOver: string[] }> {
  const { files, passedOver } = await findFiles(tree, {
    isWanted: (name) => pattern.test(name),
    isPassedOver: (name) => ANNOTATIONS.test(name),
  });
  check(files.length > 0, 'bad-data', () => {
    const found = passedOver.length > 0 ? `only ${listed(passedOver.toSorted())}` : 'nothing at all';
    return `${placeOf(tree)} holds no ${wanted}, but ${found}: give the folder or archive that holds them.`;
  });
  const photographs = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  photographs.forEach(({ name, path: place }, i) => {
    const before = photographs[i - 1];
    check(before?.name !== name, 'bad-data', () => {
      return `There are two photographs ${name}: ${before?.path} and ${place}. Give a folder or archive that holds one of them.`;
    });
  });
  return { photographs, passedOver: passedOver.toSorted() };
}

/** The labels of a table by photograph. */
function labelsIn({ path, rows: [header = [], ...rows] }: Table): Map<string, number> {
  const nameColumn = columnOf(NAME_COLUMN, header, path);
  const labelColumn = columnOf(LABEL_COLUMN, header, path);
  const labels = new Map<string, number>();
  for (const row of rows) {
    const [name = '', written = ''] = [row[nameColumn], row[labelColumn]];
    const label = LABELS.get(written);
    check(name !== '', 'bad-data', () => `${path} has a row without "${NAME_COLUMN}": ${listed(row)}.`);
    check(label !== undefined, 'bad-data', () => {
      return `${path} gives ${shortened(name)} the label "${shortened(written)}": a label is 0 or 1.`;
    });
    check(!labels.has(name), 'bad-data', () => {
      return `${path} lists ${shortened(name)} twice: remove one of the rows.`;
    });
    labels.set(name, label);
  }
  return labels;
}
