/**
 * @file `npx tsx scripts/gpu-row.ts [figures.json …]`: takes what `fovea laboratory --json` or the laboratory page wrote into `docs/gpus/`,
 * and makes the table there anew. Without a file it only makes the table.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { decodeAdapterFigures } from '../src/laboratory/read-figures.ts';
import { withTable } from './gpu-table.ts';

const FOLDER = new URL('../docs/gpus', import.meta.url).pathname;
const PAGE = join(FOLDER, 'README.md');

for (const path of process.argv.slice(2)) {
  const figures = decodeAdapterFigures(readFileSync(path, 'utf8'));
  if (figures.quick || figures.stopped)
    throw new Error(`${path} holds figures of a quick or stopped run, which are not to be compared.`);
  writeFileSync(join(FOLDER, basename(path)), `${JSON.stringify(figures, undefined, 1)}\n`);
}
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const files = new Map(
  names.map((name) => [name, decodeAdapterFigures(readFileSync(join(FOLDER, name), 'utf8'))]),
);
writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8'), files));
console.log(`${names.length} adapters: ${PAGE}`);
