/**
 * @file The order of the layers: a file imports from its own folder and from folders below it, never above,
 * and no chain of imports comes back to where it began.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));

/** Lowest first. Folders of one layer do not know each other. */
const LAYERS = [
  ['counted.ts', 'errors.ts', 'html.ts', 'text-table.ts', 'version.ts'],
  ['arguments.ts'],
  ['random.ts'],
  ['shape'],
  ['kernels'],
  ['device'],
  ['tensor'],
  ['autograd'],
  ['nn'],
  ['optim'],
  ['io'],
  ['judge'],
  ['tune'],
  ['verify'],
  ['data'],
  ['train'],
  ['explain', 'interop', 'laboratory'],
  ['report'],
  ['serve'],
  ['create-device.ts'],
  ['cli'],
  ['common.ts'],
  ['index.ts', 'browser.ts'],
];

/** The folder, or the file at the top, that `path` lies in. */
const place = (path: string) => path.split('/')[0]!;
const layer = (path: string) => LAYERS.findIndex((names) => names.includes(place(path)));

/** What each file of src imports of the others, types included; paths relative to src. */
function readImports(): Map<string, string[]> {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(SOURCE, file), 'utf8'));
      const local = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'));
      return [file, local.map((name) => relative(SOURCE, join(SOURCE, dirname(file), name)))];
    }),
  );
}

/** A chain of imports that ends where it began, or undefined. */
function findCycle(imports: Map<string, string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, chain: string[]): string[] | undefined => {
    if (chain.includes(file)) return [...chain.slice(chain.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of imports.get(file) ?? []) {
      const cycle = visit(next, [...chain, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const cycle = visit(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}

const imports = readImports();

test('every file has a layer, and every import a file', () => {
  const all = [...imports];
  expect(all.length).toBeGreaterThan(0);
  expect(all.filter(([file]) => layer(file) < 0).map(([file]) => file)).toEqual([]);
  const missing = all.flatMap(([file, names]) =>
    names.filter((name) => !imports.has(name)).map((name) => `${file} → ${name}`),
  );
  expect(missing).toEqual([]);
});

test('imports run downhill only', () => {
  const uphill = [...imports].flatMap(([file, names]) =>
    names
      .filter((name) => place(name) !== place(file) && layer(name) >= layer(file))
      .map((name) => `${file} → ${name}`),
  );
  expect(uphill).toEqual([]);
});

/** What every kernel is made with, and what runs them: nothing there may depend on what any one of them computes. */
const GENERIC = [
  'kernels/buffers.ts',
  'kernels/kernel.ts',
  'kernels/plan.ts',
  'kernels/sequence.ts',
  'kernels/grid.ts',
  'kernels/uniforms.ts',
  'kernels/wgsl.ts',
];
/** Kernels that look after memory, whatever lies in it. */
const OF_THE_DEVICE = ['kernels/results.ts'];

test('what is generic knows no op', () => {
  const isSpecial = (name: string) =>
    place(name) === 'kernels' && ![...GENERIC, ...OF_THE_DEVICE].includes(name);
  const users = [...imports.keys()].filter((file) => GENERIC.includes(file) || place(file) === 'device');
  const known = users.flatMap((file) =>
    imports
      .get(file)!
      .filter(isSpecial)
      .map((name) => `${file} → ${name}`),
  );
  expect(known).toEqual([]);
});

test('tuning needs no autograd', () => {
  const above = ['autograd', 'nn', 'optim'];
  const tune = [...imports].filter(([file]) => place(file) === 'tune');
  expect(tune.flatMap(([, names]) => names.filter((name) => above.includes(place(name))))).toEqual([]);
});

test('no imports go in a circle', () => {
  expect(findCycle(imports)).toBeUndefined();
  expect(
    findCycle(
      new Map([
        ['a', ['b']],
        ['b', ['c']],
        ['c', ['b']],
      ]),
    ),
  ).toEqual(['b', 'c', 'b']);
});
