/** @file Reads a table, wherever it lies: a file in CSV or Excel's format, or one in a folder or archive. */

import { check } from '../../errors.ts';
import type { ByteSource } from '../../io/zip/byte-source.ts';
import { openZip, type ZipArchive } from '../../io/zip/open-zip.ts';
import { listed } from '../listed.ts';
import { findFiles } from '../tree/find-files.ts';
import { isTree, type Tree, type TreeFile } from '../tree/tree.ts';
import { zipTree } from '../tree/zip-tree.ts';
import { isXlsx } from './is-xlsx.ts';

/** A table's cells as texts, its header first. */
export interface Table {
  /** What messages call it. */
  readonly path: string;
  /** Rows may be of different length. */
  readonly rows: readonly (readonly string[])[];
}

/** How long a table may be: a row has some 30 bytes, so this is half a million. */
const MAX_BYTES = 2 ** 24;
const MAX_TABLES = 16;
const TABLE = /\.(csv|xlsx)$/i;

/**
 * The table in `place`: a file in CSV or xlsx, told apart by content, or the one table with all of `columns` in a folder or zip
 * archive. Where that holds a single table, it is taken whatever columns it has.
 *
 * Throws 'bad-file' where it cannot be read; 'bad-data' where it is malformed, or there is none or more than one of them.
 */
export async function readTable(place: Tree | TreeFile, columns: readonly string[]): Promise<Table> {
  if (isTree(place)) return tableIn(place, columns);
  const opened = await openTable(place);
  return opened instanceof Uint8Array || isXlsx(opened)
    ? tableOf(opened, place.path)
    : tableIn(zipTree(opened), columns);
}

async function tableIn(tree: Tree, columns: readonly string[]): Promise<Table> {
  const { files } = await findFiles(tree, { isWanted: (name) => TABLE.test(name) });
  const paths = listed(files.map(({ path }) => path));
  check(
    files.length > 0,
    'bad-data',
    () => `${tree.path} holds no table (.csv, .xlsx): give the table itself.`,
  );
  check(files.length <= MAX_TABLES, 'bad-data', () => {
    return `${tree.path} holds ${files.length} tables (${paths}): give the one that is meant.`;
  });
  const tables = await Promise.all(files.map(readTableFile));
  const [first] = tables;
  if (tables.length === 1) return first!;
  const fitting = tables.filter(({ rows: [header = []] }) =>
    columns.every((column) => header.includes(column)),
  );
  check(fitting.length === 1, 'bad-data', () => {
    const wanted = columns.map((column) => `"${column}"`).join(' and ');
    return `${fitting.length} of the tables in ${tree.path} have columns ${wanted} (${paths}): give the one that is meant.`;
  });
  return fitting[0]!;
}

/** A file that is a table by its name. */
async function readTableFile(file: TreeFile): Promise<Table> {
  return tableOf(await openTable(file), file.path);
}

/** The bytes of a text, or an archive, which a spreadsheet is. */
async function openTable(file: TreeFile): Promise<Uint8Array | ZipArchive> {
  const source = await file.open(MAX_BYTES);
  if (await isZip(source)) return openZip(source, file.path);
  check(source.size <= MAX_BYTES, 'bad-file', () => {
    return `The table ${file.path} has ${source.size} bytes, and at most ${MAX_BYTES} are read.`;
  });
  return source.read(0, source.size);
}

/** The parsers are loaded when a table is read: a page that reads none needs neither. */
async function tableOf(opened: Uint8Array | ZipArchive, path: string): Promise<Table> {
  if (opened instanceof Uint8Array) {
    const { readCsv } = await import('./csv.ts');
    return { path, rows: readCsv(opened, path) };
  }
  const { readXlsx } = await import('./xlsx.ts');
  return { path, rows: await readXlsx(opened) };
}

/** Whether bytes begin as an archive does. */
async function isZip(source: ByteSource): Promise<boolean> {
  const [p, k, three, four] = await source.read(0, Math.min(4, source.size));
  return p === 0x50 && k === 0x4b && three === 3 && four === 4;
}
