/** @file Reads the cells of a table in CSV. */

import { parse } from '#csv-parse';
import { check, FoveaError, messageOf } from '../../errors.ts';

const MAX_ROW_BYTES = 2 ** 16;

/**
 * The rows of a table in CSV: cells without spaces around them. Empty lines are left out. Where the header has no comma, semicolons
 * separate cells, as spreadsheets write them where the comma is the decimal point, or tabs.
 *
 * Throws 'bad-data', naming `path`, where it is no text in UTF-8, or malformed.
 */
export function readCsv(bytes: Uint8Array, path: string): string[][] {
  const text = textOf(bytes, path);
  try {
    return parse(text, {
      delimiter: separatorOf(text),
      bom: true,
      trim: true,
      skip_empty_lines: true,
      max_record_size: MAX_ROW_BYTES,
    });
  } catch (cause) {
    throw new FoveaError('bad-data', `${path} is not well-formed CSV: ${messageOf(cause)}`, { cause });
  }
}

/** What stands between the cells of the first line. */
function separatorOf(text: string): string {
  const header = /[^\r\n]+/.exec(text.slice(0, MAX_ROW_BYTES))?.[0] ?? '';
  return [',', ';', '\t'].find((separator) => header.includes(separator)) ?? ',';
}

/** The table's text. Spreadsheets also save UTF-16, half of whose bytes are zeros. */
function textOf(bytes: Uint8Array, path: string): string {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  check(!isUtf16, 'bad-data', () => `${path} is in UTF-16: save it as CSV in UTF-8.`);
  const zero = bytes.indexOf(0);
  check(zero < 0, 'bad-data', () => {
    return `${path} has a zero at byte ${zero}, so it is no text in UTF-8: save the table as CSV in UTF-8.`;
  });
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
