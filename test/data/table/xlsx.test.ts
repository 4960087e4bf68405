import { describe, expect, it } from 'vitest';
import { isXlsx } from '../../../src/data/table/is-xlsx.ts';
import { readXlsx } from '../../../src/data/table/xlsx.ts';
import { sourceOfBytes } from '../../../src/io/zip/byte-source.ts';
import { openZip } from '../../../src/io/zip/open-zip.ts';
import { buildZip } from '../../io/zip/build-zip.ts';
import { buildXlsx, type XlsxStyle } from './build-xlsx.ts';

const open = (bytes: Uint8Array) => openZip(sourceOfBytes(bytes), 'a.xlsx');
const rowsOf = async (...args: Parameters<typeof buildXlsx>) => readXlsx(await open(buildXlsx(...args)));

const TABLE = [
  ['ID', 'imgName', 'Label'],
  [1, 'V0001.jpg', 0],
  [2, 'V0002.jpg', 1],
];
const TEXTS = [
  ['ID', 'imgName', 'Label'],
  ['1', 'V0001.jpg', '0'],
  ['2', 'V0002.jpg', '1'],
];

/** A sheet with this XML in place of its rows. */
const sheet = (rows: string): XlsxStyle => ({
  parts: { 'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${rows}</sheetData></worksheet>` },
});

describe('a spreadsheet', () => {
  it.each<[string, XlsxStyle]>([
    ['shared texts', {}],
    ['texts in the cells', { texts: 'inline', parts: { 'xl/sharedStrings.xml': undefined } }],
    ['cells that do not say where they are', { placed: false }],
    ['prefixes', { prefix: 'x:' }],
  ])('is read with %s', async (_what, style) => {
    expect(await rowsOf([TABLE], style)).toEqual(TEXTS);
  });

  it('is told apart from other archives', async () => {
    expect(isXlsx(await open(buildXlsx([TABLE])))).toBe(true);
    expect(isXlsx(await open(buildZip([{ name: 'V0001.jpg' }])))).toBe(false);
  });

  it('gives numbers as JavaScript writes them, and all else as it stands, without spaces around it', async () => {
    const row = [
      1.5,
      { xml: '<c r="B1"><v>1.0</v></c>' },
      { xml: '<c r="C1"><v>1E0</v></c>' },
      ' a &<b ',
      { xml: '<c r="E1" t="b"><v>1</v></c>' },
      { xml: '<c r="F1" t="e"><v>#N/A</v></c>' },
      { xml: '<c r="G1" t="str"><f>A1&amp;"x"</f><v>1.0</v></c>' },
    ];
    expect(await rowsOf([[row]])).toEqual([['1.5', '1', '1', 'a &<b', '1', '#N/A', '1.0']]);
  });

  it('joins the parts of a text, and leaves out how it is pronounced', async () => {
    const strings =
      '<sst><si><r><t>V00</t></r><r><rPr><b/></rPr><t>01.jpg</t></r><rPh><t>vee</t></rPh></si><si><t/></si></sst>';
    const rows = await rowsOf(
      [[[{ xml: '<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1"><v>7</v></c>' }]]],
      {
        parts: { 'xl/sharedStrings.xml': strings },
      },
    );
    expect(rows).toEqual([['V0001.jpg', '', '7']]);
  });

  it('takes a cell without an index into the list of texts for empty', async () => {
    const cells =
      '<c r="A1" t="s"/><c r="B1" t="s"><v/></c><c r="C1" t="s"><v> </v></c><c r="D1"><v>7</v></c>';
    expect(await rowsOf([[['first']], [[{ xml: cells }]]], sheet(`<row>${cells}</row>`))).toEqual([
      ['', '', '', '7'],
    ]);
  });

  it('leaves out empty rows and sheets, and keeps the place of a cell after empty ones', async () => {
    expect(await rowsOf([[], [[undefined]], [[undefined, undefined, 'x'], [], ['y']], TABLE])).toEqual([
      ['', '', 'x'],
      ['y'],
    ]);
  });

  it('may have its sheets anywhere in the archive', async () => {
    const rels = (target: string) => ({
      'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="rId7" Target="${target}"/></Relationships>`,
    });
    expect(await rowsOf([TABLE], { parts: rels('/xl/worksheets/sheet1.xml') })).toEqual(TEXTS);
    await expect(rowsOf([TABLE], { parts: rels('worksheets/gone.xml') })).rejects.toThrow(
      'a.xlsx lacks xl/worksheets/gone.xml',
    );
  });
});

describe('a spreadsheet is refused', () => {
  const DEEP = 70;
  /** Numbers that cannot be compressed well. */
  const VARIED = Array.from({ length: 20_000 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 0);
  it.each<[string, XlsxStyle, RegExp]>([
    [
      'whose sheets are all empty',
      sheet('<row><c r="A1"/></row>'),
      /a\.xlsx has no filled cell in any of its 1 sheets/,
    ],
    [
      'without a list of sheets',
      { parts: { 'xl/workbook.xml': '<workbook/>' } },
      /no filled cell in any of its 0 sheets/,
    ],
    [
      'without relations',
      { parts: { 'xl/_rels/workbook.xml.rels': undefined } },
      /lacks xl\/_rels\/workbook\.xml\.rels/,
    ],
    [
      'whose sheet has no part',
      { parts: { 'xl/_rels/workbook.xml.rels': '<Relationships/>' } },
      /no part for sheet rId7/,
    ],
    [
      'with XML that breaks off',
      sheet('<row><c'),
      /a\.xlsx\/xl\/worksheets\/sheet1\.xml is no well-formed XML/,
    ],
    [
      'with a part that is empty',
      { parts: { 'xl/worksheets/sheet1.xml': '' } },
      /no filled cell|no well-formed/,
    ],
    ['with other bytes than text', { parts: { 'xl/worksheets/sheet1.xml': '\0\0' } }, /no well-formed XML/],
    [
      'with entities of its own',
      {
        parts: { 'xl/sharedStrings.xml': '<!DOCTYPE sst [<!ENTITY a "aa">]><sst><si><t>&a;</t></si></sst>' },
      },
      /sharedStrings\.xml has a document type/,
    ],
    [
      'with unknown entities',
      { parts: { 'xl/sharedStrings.xml': '<sst><si><t>&lol9;</t></si></sst>' } },
      /no well-formed XML: Invalid character entity/,
    ],
    ['with elements 70 deep', sheet('<a>'.repeat(DEEP) + '</a>'.repeat(DEEP)), /nested more than 64 deep/],
    [
      'with thousands of attributes',
      sheet(`<row ${Array.from({ length: 300 }, (_, i) => `a${i}=""`).join(' ')}/>`),
      /more than 256 attributes/,
    ],
    [
      'with a name without end',
      sheet(`<x${VARIED.join('x')}/>`),
      /no well-formed XML: Max buffer length exceeded/,
    ],
    [
      'that refers to a text that is not there',
      sheet('<row><c t="s"><v>99</v></c></row>'),
      /refers to text "99" of 5/,
    ],
    [
      'that refers to a text by something else',
      sheet('<row><c t="s"><v>length</v></c></row>'),
      /refers to text "length"/,
    ],
    ['with a cell nowhere', sheet('<row><c r="1A"><v>1</v></c></row>'), /cell at "1A"/],
    ['with a cell far to the right', sheet('<row><c r="XFD1"><v>1</v></c></row>'), /more than 1024 columns/],
    [
      'with far too many cells',
      sheet(VARIED.map((n) => `<row><c r="ALJ1"><v>${n}</v></c></row>`).join('')),
      /more than 4194304 cells/,
    ],
    [
      'with 65 sheets',
      { parts: { 'xl/workbook.xml': `<w>${'<sheet id="1"/>'.repeat(65)}</w>` } },
      /has 65 sheets/,
    ],
  ])('%s', async (_what, style, message) => {
    await expect(rowsOf([TABLE], style)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(message),
    });
  });

  it('with a part that would grow a thousandfold', async () => {
    await expect(rowsOf([TABLE], sheet(' '.repeat(1e6)))).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(
        /a\.xlsx\/xl\/worksheets\/sheet1\.xml: it would become \d+ times as long/,
      ),
    });
  });
});
