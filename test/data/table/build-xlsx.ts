/** @file Small spreadsheets in Excel's format, as different programs write them. */

import { buildZip } from '../../io/zip/build-zip.ts';

/** A cell: a text, a number, or XML of its own. */
export type Cell = string | number | { readonly xml: string } | undefined;

/** How a spreadsheet is written. */
export interface XlsxStyle {
  /** Texts stand in a list that cells refer to, as Excel does it, or in the cells. */
  readonly texts?: 'shared' | 'inline';
  /** Cells say where they are. */
  readonly placed?: boolean;
  /** What stands before the names of elements. */
  readonly prefix?: string;
  /** Parts that are written otherwise, or left out. */
  readonly parts?: Readonly<Record<string, string | undefined>>;
}

const NAMESPACE = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** The bytes of a spreadsheet with some sheets. */
export function buildXlsx(sheets: readonly (readonly (readonly Cell[])[])[], style: XlsxStyle = {}): Buffer {
  const { texts = 'shared', placed = true, prefix = '', parts = {} } = style;
  const strings: string[] = [];
  const tag = (name: string, content: string, attributes = ''): string =>
    `<${prefix}${name}${attributes}>${content}</${prefix}${name}>`;
  const cell = (value: Cell, row: number, column: number): string => {
    const place = placed ? ` r="${String.fromCharCode(65 + column)}${row + 1}"` : '';
    if (value === undefined) return placed ? '' : tag('c', '');
    if (typeof value === 'object') return value.xml;
    if (typeof value === 'number') return tag('c', tag('v', String(value)), place);
    if (texts === 'inline') return tag('c', tag('is', tag('t', escaped(value))), `${place} t="inlineStr"`);
    if (!strings.includes(value)) strings.push(value);
    return tag('c', tag('v', String(strings.indexOf(value))), `${place} t="s"`);
  };
  const namespace = ` xmlns${prefix ? `:${prefix.slice(0, -1)}` : ''}="${NAMESPACE}"`;
  const sheetXml = sheets.map((rows) => {
    const cells = rows.map((row, y) =>
      tag('row', row.map((value, x) => cell(value, y, x)).join(''), ` r="${y + 1}"`),
    );
    return tag('worksheet', tag('sheetData', cells.join('')), namespace);
  });
  const list = sheets.map((_, i) => `<${prefix}sheet name="S${i}" sheetId="${i + 1}" r:id="rId${i + 7}"/>`);
  const relations = sheets.map(
    (_, i) => `<Relationship Id="rId${i + 7}" Target="worksheets/sheet${i + 1}.xml"/>`,
  );
  const written: Record<string, string | undefined> = {
    '[Content_Types].xml': '<Types/>',
    'xl/workbook.xml': tag('workbook', tag('sheets', list.join('')), `${namespace} xmlns:r="r"`),
    'xl/_rels/workbook.xml.rels': `<Relationships>${relations.join('')}</Relationships>`,
    ...Object.fromEntries(sheetXml.map((xml, i) => [`xl/worksheets/sheet${i + 1}.xml`, xml])),
    'xl/sharedStrings.xml': tag(
      'sst',
      strings.map((text) => tag('si', tag('t', escaped(text)))).join(''),
      namespace,
    ),
    ...parts,
  };
  return buildZip(
    Object.entries(written).flatMap(([name, data]) => (data === undefined ? [] : [{ name, data }])),
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
