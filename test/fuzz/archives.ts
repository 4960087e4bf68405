/**
 * @file Parsers of archives and spreadsheets, with inputs that they take.
 */

import { readXlsx } from '../../src/data/table/xlsx.ts';
import { sourceOfBytes } from '../../src/io/zip/byte-source.ts';
import { openZip, type ZipArchive } from '../../src/io/zip/open-zip.ts';
import { buildXlsx } from '../data/table/build-xlsx.ts';
import { buildZip, zip64Extra } from '../io/zip/build-zip.ts';
import type { Parser } from './parsers.ts';

const wide = { size: 2 ** 32 - 1, compressedSize: 2 ** 32 - 1, extra: zip64Extra(4, 4) };
const ZIPS = [
  buildZip([
    { name: 'a/', method: 0 },
    { name: 'a/b.jpg', data: 'stored', method: 0 },
    { name: 'c', data: 'deflated'.repeat(20) },
    { name: 'd', data: 'streamed', streamed: true },
  ]),
  buildZip([{ name: 'e', data: 'wide', method: 0, local: wide, central: wide }], {
    zip64: true,
    comment: Buffer.from('a comment'),
  }),
  buildZip([{ name: 'inner.zip', method: 0, data: buildZip([{ name: 'f', data: 'g' }]) }]),
];

const TABLE = [
  ['ID', 'imgName', 'Label'],
  [1, 'V0001.jpg', 0],
];
const SHEET = 'xl/worksheets/sheet1.xml';
const STRINGS = 'xl/sharedStrings.xml';
const SHEETS = [
  '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>a&amp;b</t></is></c></row></sheetData></worksheet>',
  '<x:worksheet xmlns:x="y"><x:row><x:c><x:v>1.50</x:v></x:c><!-- --><x:c t="str"><x:f>A1</x:f><x:v><![CDATA[z]]></x:v></x:c></x:row></x:worksheet>',
];

const openBytes = (bytes: Uint8Array) => openZip(sourceOfBytes(bytes), 'a.zip');

/** The parts of a sound spreadsheet. */
async function soundParts(): Promise<{ zip: ZipArchive; parts: ReadonlyMap<string, Uint8Array> }> {
  const zip = await openBytes(buildXlsx([TABLE]));
  const parts = new Map<string, Uint8Array>();
  for (const entry of zip.entries) parts.set(entry.name, await zip.read(entry));
  return { zip, parts };
}
const SOUND = soundParts();

/** A spreadsheet that has `bytes` for a part, cut to 7 bits: damage is to come further than to invalid UTF-8. */
async function withPart(part: string, bytes: Uint8Array): Promise<ZipArchive> {
  const { zip, parts } = await SOUND;
  return {
    ...zip,
    read: async ({ name }) => (name === part ? bytes.map((byte) => byte & 0x7f) : parts.get(name)!),
  };
}

/** Parsers of what lies in archives. */
export const ARCHIVE_PARSERS: readonly Parser[] = [
  {
    name: 'zip',
    seeds: ZIPS,
    async parse(bytes) {
      const zip = await openBytes(bytes);
      for (const entry of zip.entries)
        await openZip(await zip.open(entry), entry.name).catch(() => zip.read(entry));
    },
  },
  {
    name: 'xlsx',
    seeds: [buildXlsx([TABLE]), buildXlsx([[], TABLE], { texts: 'inline', placed: false })],
    parse: async (bytes) => readXlsx(await openBytes(bytes)),
  },
  {
    name: 'sheet',
    seeds: SHEETS.map((sheet) => Buffer.from(sheet)),
    parse: async (bytes) => readXlsx(await withPart(SHEET, bytes)),
  },
  {
    name: 'shared texts',
    seeds: [
      Buffer.from(
        '<sst><si><t>ID</t></si><si><r><t>img</t></r><rPh><t>x</t></rPh></si><si><t>Label</t></si><si><t/></si></sst>',
      ),
    ],
    parse: async (bytes) => readXlsx(await withPart(STRINGS, bytes)),
  },
];
