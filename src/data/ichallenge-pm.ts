/**
 * @file Readers of iChallenge-PM (PALM): fundus photographs with and without pathologic myopia.
 *
 * Training photographs carry their label in the name: P0001.jpg is pathologic, H0001.jpg (high myopia) and
 * N0001.jpg (normal) are not. Those for validation, V0001.jpg, have it in a table.
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { checkArgument, PATH } from '../arguments.ts';
import { check, FoveaError } from '../errors.ts';
import { readRegularFile } from '../io/read-file.ts';
import type { Sample } from './sample.ts';

/** What a folder holds. */
export interface Folder {
  /** Sorted by name. */
  readonly samples: readonly Sample[];
  /** Names of entries that are no photographs of the data, such as `.DS_Store`; sorted. */
  readonly passedOver: readonly string[];
}

const TRAINING_NAME = /^[HNP]\d+\.(jpe?g|png)$/i;
const VALIDATION_NAME = /^V\d+\.(jpe?g|png)$/i;
const NAME_COLUMN = 'imgName';
const LABEL_COLUMN = 'Label';
/** As a spreadsheet or pandas may write them. */
const LABELS = new Map([
  ['0', 0],
  ['1', 1],
  ['0.0', 0],
  ['1.0', 1],
]);
/** How many names an error message gives, and how much of each. */
const NAMES_SHOWN = 5;
const CHARACTERS_SHOWN = 80;
/** How long a table may be, and a row of it: a row has some 30 bytes, so this is half a million photographs. */
const MAX_TABLE_BYTES = 2 ** 24;
const MAX_ROW_BYTES = 2 ** 16;

/**
 * The training photographs in folder `dir` itself, labelled 1 for P and 0 for H and N.
 *
 * Throws 'bad-file' if there is no such folder, 'bad-data' if it holds no training photograph.
 */
export async function readTrainingFolder(dir: string): Promise<Folder> {
  checkArgument('dir of readTrainingFolder', dir, PATH);
  const { names, passedOver } = await photographs(
    dir,
    TRAINING_NAME,
    'training photographs (H…, N…, P….jpg)',
  );
  const samples = names.map((name) => ({ name, path: join(dir, name), label: /^P/i.test(name) ? 1 : 0 }));
  return { samples, passedOver };
}

/**
 * The validation photographs in folder `dir` itself, labelled by a table in CSV with a header. Its columns
 * `imgName` and `Label` are read, whatever else it has.
 *
 * Throws 'bad-file' if the folder or the table cannot be read, 'bad-data' if the table is
 * malformed, or names other photographs than the folder holds.
 */
export async function readValidationFolder(dir: string, labelsCsv: string): Promise<Folder> {
  checkArgument('dir of readValidationFolder', dir, PATH);
  checkArgument('labelsCsv of readValidationFolder', labelsCsv, PATH);
  const { names, passedOver } = await photographs(dir, VALIDATION_NAME, 'validation photographs (V….jpg)');
  const labels = await readLabels(labelsCsv);
  const unlabelled = names.filter((name) => !labels.has(name));
  check(unlabelled.length === 0, 'bad-data', () => {
    const missing = `${unlabelled.length} of ${names.length} photographs in ${dir} are not in ${labelsCsv}`;
    return `${missing} (${listed(unlabelled)}): add a row for each, or remove them.`;
  });
  const present = new Set(names);
  const absent = [...labels.keys()].filter((name) => !present.has(name));
  check(absent.length === 0, 'bad-data', () => {
    const missing = `${absent.length} of ${labels.size} photographs in ${labelsCsv} are not in ${dir}`;
    return `${missing} (${listed(absent)}): is the folder unpacked completely?`;
  });
  const samples = names.map((name) => ({ name, path: join(dir, name), label: labels.get(name)! }));
  return { samples, passedOver };
}

async function photographs(
  dir: string,
  pattern: RegExp,
  wanted: string,
): Promise<{ names: string[]; passedOver: string[] }> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable('folder', dir, cause);
  });
  const isPhotograph = (entry: (typeof entries)[number]): boolean =>
    pattern.test(entry.name) && !entry.isDirectory();
  const names = entries.filter(isPhotograph).map(({ name }) => name);
  const passedOver = entries.filter((entry) => !isPhotograph(entry)).map(({ name }) => name);
  check(names.length > 0, 'bad-data', () => {
    const found = `0 of the ${entries.length} entries of ${dir} are ${wanted}`;
    return `${found}: give the folder that holds the photographs themselves.`;
  });
  return { names: names.sort(), passedOver: passedOver.sort() };
}

/** The labels of a table by photograph. */
async function readLabels(labelsCsv: string): Promise<Map<string, number>> {
  const bytes = await readRegularFile('table', labelsCsv, MAX_TABLE_BYTES);
  const [header = [], ...rows] = parseTable(textOf(bytes, labelsCsv), labelsCsv);
  const nameColumn = columnOf(NAME_COLUMN, header, labelsCsv);
  const labelColumn = columnOf(LABEL_COLUMN, header, labelsCsv);
  const labels = new Map<string, number>();
  for (const row of rows) {
    const name = row[nameColumn]!;
    const label = LABELS.get(row[labelColumn]!);
    check(label !== undefined, 'bad-data', () => {
      return `${labelsCsv} gives ${shortened(name)} the label "${shortened(row[labelColumn]!)}": a label is 0 or 1.`;
    });
    check(!labels.has(name), 'bad-data', () => {
      return `${labelsCsv} lists ${shortened(name)} twice: remove one of the rows.`;
    });
    labels.set(name, label);
  }
  return labels;
}

/** The table's text. Spreadsheets also save UTF-16, half of whose bytes are zeros. */
function textOf(bytes: Buffer, labelsCsv: string): string {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  check(!isUtf16, 'bad-data', () => `${labelsCsv} is in UTF-16: save it as CSV in UTF-8.`);
  const zero = bytes.indexOf(0);
  check(zero < 0, 'bad-data', () => {
    return `${labelsCsv} has a zero at byte ${zero}, so it is no text in UTF-8: save the table as CSV in UTF-8.`;
  });
  return bytes.toString('utf8');
}

function parseTable(text: string, labelsCsv: string): string[][] {
  try {
    return parse(text, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      max_record_size: MAX_ROW_BYTES,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FoveaError('bad-data', `${labelsCsv} is not well-formed CSV: ${reason}`, { cause });
  }
}

function columnOf(column: string, header: readonly string[], labelsCsv: string): number {
  const index = header.indexOf(column);
  check(index >= 0, 'bad-data', () => {
    const found = header.length > 0 ? listed(header) : 'no header at all';
    return `${labelsCsv} has no column "${column}", but ${found}: name the column so in its first line.`;
  });
  check(header.lastIndexOf(column) === index, 'bad-data', () => {
    return `${labelsCsv} has two columns "${column}": remove or rename one of them.`;
  });
  return index;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map(shortened).join(', ');
  return names.length > NAMES_SHOWN ? `${shown}, …` : shown;
}

function shortened(text: string): string {
  return text.length > CHARACTERS_SHOWN ? `${text.slice(0, CHARACTERS_SHOWN)}…` : text;
}

function unreadable(what: string, path: string, cause: unknown): FoveaError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FoveaError('bad-file', `Cannot read the ${what} ${path}: ${reason}.`, { cause });
}
