/** @file Reads a table, wherever it lies: a file in CSV or Excel's format, or one in a folder or archive (Node). */

import { stat } from 'node:fs/promises';
import { check } from '../../errors.ts';
import { readRegularFile } from '../../io/read-file.ts';
import { type ByteSource, sourceOfBytes } from '../../io/zip/byte-source.ts';
import { sourceOfFile } from '../../io/zip/file-source.ts';
import { openZip, type ZipArchive } from '../../io/zip/open-zip.ts';
import { listed } from '../listed.ts';
import { findFiles } from '../tree/find-files.ts';
import { folderTree } from '../tree/folder-tree.ts';
import type { Tree, TreeFile } from '../tree/tree.ts';
import { zipTree } from '../tree/zip-tree.ts';
import { readCsv } from './csv.ts';
import { isXlsx, readXlsx } from './xlsx.ts';

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
 * The table at `path`: a file in CSV or xlsx, told apart by content, or the one table with all of `columns` in a folder or zip
 * archive. Where that holds a single table, it is taken whatever columns it has.
 *
 * Throws 'bad-file' where it cannot be read; 'bad-data' where it is malformed, or there is none or more than one of them.
 */
export async function readTable(path: string, columns: readonly string[]): Promise<Table> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return tableIn(folderTree(path), columns);
  if (found?.isFile()) {
    const source = await sourceOfFile(path);
    if (await isZip(source)) {
      const zip = await openZip(source, path);
      return isXlsx(zip) ? tableOf(zip) : tableIn(zipTree(zip), columns);
    }
  }
  return { path, rows: readCsv(await readRegularFile('table', path, MAX_BYTES), path) };
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

async function readTableFile(file: TreeFile): Promise<Table> {
  const bytes = await bytesOf(file);
  const source = sourceOfBytes(bytes);
  if (await isZip(source)) return tableOf(await openZip(source, file.path));
  return { path: file.path, rows: readCsv(bytes, file.path) };
}

async function bytesOf({ path, source }: TreeFile): Promise<Uint8Array> {
  if (!source) return readRegularFile('table', path, MAX_BYTES);
  check(source.bytes <= MAX_BYTES, 'bad-file', () => {
    return `The table ${path} has ${source.bytes} bytes, and at most ${MAX_BYTES} are read.`;
  });
  return source.read();
}

async function tableOf(zip: ZipArchive): Promise<Table> {
  return { path: zip.name, rows: await readXlsx(zip) };
}

/** Whether bytes begin as an archive does. */
async function isZip(source: ByteSource): Promise<boolean> {
  const [p, k, three, four] = await source.read(0, Math.min(4, source.size));
  return p === 0x50 && k === 0x4b && three === 3 && four === 4;
}
