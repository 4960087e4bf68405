/**
 * @file Reads the cells of a spreadsheet in Excel's format: XML in a zip (ECMA-376).
 */

import { check } from '../../errors.ts';
import type { ZipArchive } from '../../io/zip/open-zip.ts';
import { WORKBOOK } from './is-xlsx.ts';
import { walkXml, type XmlVisitor } from './xml.ts';

const RELATIONS = 'xl/_rels/workbook.xml.rels';
const STRINGS = 'xl/sharedStrings.xml';
const MAX_PART_BYTES = 2 ** 25;
const MAX_SHEETS = 64;
const MAX_COLUMNS = 1024;
/** Of all rows together, empty ones before the last in its row included. */
const MAX_CELLS = 2 ** 22;

/**
 * The rows of the first sheet that has any: cells as texts without spaces around them, empty ones as ''. Rows without a
 * filled cell are left out. Numbers are as JavaScript writes them: `1.0` is `1`.
 *
 * Throws 'bad-data', naming the file, where it is no spreadsheet, is malformed or too large, or all its sheets are empty;
 * 'bad-file' where a part of it is damaged.
 */
export async function readXlsx(zip: ZipArchive): Promise<string[][]> {
  const strings = hasPart(zip, STRINGS) ? await sharedStrings(zip) : [];
  const sheets = await sheetParts(zip);
  for (const sheet of sheets) {
    const rows = await sheetRows(zip, sheet, strings);
    if (rows.length > 0) return rows;
  }
  check(false, 'bad-data', () => `${zip.name} has no filled cell in any of its ${sheets.length} sheets.`);
}

function partOf(zip: ZipArchive, part: string) {
  return zip.entries.find(({ name }) => name.toLowerCase() === part.toLowerCase());
}

const hasPart = (zip: ZipArchive, part: string): boolean => partOf(zip, part) !== undefined;

async function walkPart(zip: ZipArchive, part: string, visitor: XmlVisitor): Promise<void> {
  const entry = partOf(zip, part);
  check(entry !== undefined, 'bad-data', () => `${zip.name} lacks ${part}, so it is no whole spreadsheet.`);
  walkXml(`${zip.name}/${part}`, await zip.read(entry, MAX_PART_BYTES), visitor);
}

/** Where the sheets lie in the archive, in the order of the workbook. */
async function sheetParts(zip: ZipArchive): Promise<string[]> {
  const ids: string[] = [];
  await walkPart(zip, WORKBOOK, {
    open(name, attributes) {
      const id = attributes.get('id');
      if (name === 'sheet' && id !== undefined) ids.push(id);
    },
    close() {},
  });
  check(
    ids.length <= MAX_SHEETS,
    'bad-data',
    () => `${zip.name} has ${ids.length} sheets, and at most ${MAX_SHEETS} are read.`,
  );
  const targets = new Map<string, string>();
  await walkPart(zip, RELATIONS, {
    open(name, attributes) {
      const [id, target] = [attributes.get('Id'), attributes.get('Target')];
      if (name === 'Relationship' && id !== undefined && target !== undefined) targets.set(id, target);
    },
    close() {},
  });
  return ids.map((id) => {
    const target = targets.get(id);
    check(target !== undefined, 'bad-data', () => `${zip.name} has no part for sheet ${id}.`);
    return target.startsWith('/') ? target.slice(1) : `xl/${target}`;
  });
}

/** Texts that cells refer to by their index. */
async function sharedStrings(zip: ZipArchive): Promise<string[]> {
  const strings: string[] = [];
  const text = new TextParts();
  await walkPart(zip, STRINGS, {
    open(name) {
      if (name === 'si') text.begin();
      else text.open(name);
    },
    close(name) {
      if (name === 'si') strings.push(text.value);
      else text.close(name);
    },
    text: (part) => text.add(part),
  });
  return strings;
}

async function sheetRows(zip: ZipArchive, part: string, strings: readonly string[]): Promise<string[][]> {
  const what = `${zip.name}/${part}`;
  const rows: string[][] = [];
  const text = new TextParts();
  let row: string[] = [];
  let type = 'n';
  let column = -1;
  let cells = 0;
  await walkPart(zip, part, {
    open(name, attributes) {
      if (name === 'row') {
        row = [];
        column = -1;
      } else if (name === 'c') {
        const place = attributes.get('r');
        column = place === undefined ? column + 1 : columnOf(what, place);
        type = attributes.get('t') ?? 'n';
        text.begin();
      } else text.open(name);
    },
    close(name) {
      if (name === 'c') {
        const value = cellValue(what, type, text.value, strings).trim();
        if (value !== '') setCell(what, row, column, value);
      } else if (name === 'row') {
        cells += row.length;
        check(cells <= MAX_CELLS, 'bad-data', () => `${what} has more than ${MAX_CELLS} cells.`);
        if (row.length > 0) rows.push(row);
      } else text.close(name);
    },
    text: (part) => text.add(part),
  });
  return rows;
}

function setCell(what: string, row: string[], column: number, value: string): void {
  check(column < MAX_COLUMNS, 'bad-data', () => `${what} has more than ${MAX_COLUMNS} columns.`);
  while (row.length < column) row.push('');
  row[column] = value;
}

/** The value of a cell (ECMA-376 part 1, 18.18.11, ST_CellType). */
function cellValue(what: string, type: string, text: string, strings: readonly string[]): string {
  if (text.trim() === '') return '';
  if (type === 's') {
    const value = strings[Number(text)];
    check(
      value !== undefined,
      'bad-data',
      () => `${what} refers to text ${JSON.stringify(text)} of ${strings.length}.`,
    );
    return value;
  }
  const isNumber = type === 'n' && Number.isFinite(Number(text));
  return isNumber ? String(Number(text)) : text;
}

/** The column of a cell's place, `A1` for instance, from 0. */
function columnOf(what: string, place: string): number {
  const letters = /^([A-Z]{1,3})[0-9]{1,7}$/.exec(place)?.[1];
  check(
    letters !== undefined,
    'bad-data',
    () => `${what} has a cell at ${JSON.stringify(place)}, which is no place.`,
  );
  return [...letters].reduce((sum, letter) => 26 * sum + letter.charCodeAt(0) - 64, 0) - 1;
}

/** Puts a text together from `v` and `t` elements; what tells how it is pronounced (`rPh`) is left out. */
class TextParts {
  value = '';
  #isText = false;
  #isPhonetic = false;

  begin(): void {
    this.value = '';
  }
  open(name: string): void {
    if (name === 'rPh') this.#isPhonetic = true;
    this.#isText = (name === 'v' || name === 't') && !this.#isPhonetic;
  }
  close(name: string): void {
    if (name === 'rPh') this.#isPhonetic = false;
    this.#isText = false;
  }
  add(part: string): void {
    if (this.#isText) this.value += part;
  }
}
