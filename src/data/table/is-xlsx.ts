/** @file Tells a spreadsheet in Excel's format from other archives. */

import type { ZipArchive } from '../../io/zip/open-zip.ts';

/** The part of a spreadsheet that lists its sheets. */
export const WORKBOOK = 'xl/workbook.xml';

/** Whether an archive is a spreadsheet. */
export function isXlsx({ entries }: ZipArchive): boolean {
  return entries.some(({ name }) => name.toLowerCase() === WORKBOOK);
}
