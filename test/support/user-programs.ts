/**
 * @file Programs of a user's that stand in a document: compiled under `strict` as they stand there, and run.
 */

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import ts from 'typescript';
import { inject } from 'vitest';
import { writeSyntheticDataset } from '../../src/data/synth.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCE = join(ROOT, 'src/index.ts');
const BROWSER_SOURCE = join(ROOT, 'src/browser.ts');

/** Documents whose programs are of pages: there, `fovea` is what a bundler takes for it. */
export const OF_PAGES: readonly string[] = ['docs/browser.md'];

/** A program of a page as {@link compile} takes it. */
export const ofPage = (program: string): string => program.replaceAll(`from 'fovea'`, `from 'fovea/browser'`);

/** The blocks of a document, by its path from the root, that are whole programs; others are a line out of one. */
export function programsIn(document: string): string[] {
  return [...readFileSync(join(ROOT, document), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)]
    .map(([, text]) => text!)
    .filter((text) => text.startsWith('import '));
}

/** A folder in which `import 'fovea'` works; remove it with {@link removeWorkshop}. */
export function makeWorkshop(): string {
  return mkdtempSync(join(inject('workshop'), 'programs-'));
}

/** Undoes {@link makeWorkshop}. */
export function removeWorkshop(folder: string): void {
  rmSync(folder, { recursive: true });
}

/** Draws the data that the programs of documents take, small: `train`, `val` and `labels.csv`. */
export async function drawData(folder: string): Promise<void> {
  const drawn = join(folder, 'drawn');
  await writeSyntheticDataset(drawn, { training: 4, validation: 4, size: 48 });
  renameSync(join(drawn, 'PALM-Training400'), join(folder, 'train'));
  renameSync(join(drawn, 'PALM-Validation400'), join(folder, 'val'));
  renameSync(join(drawn, 'labels.csv'), join(folder, 'labels.csv'));
}

/** The text of `examples/NAME.ts`. */
export function exampleText(name: string): string {
  return readFileSync(join(ROOT, 'examples', `${name}.ts`), 'utf8');
}

/** Runs an example in the folder; resolves to what it printed. `text` is it with changes, if any. */
export function runExample(folder: string, name: string, text: string = exampleText(name)): Promise<string> {
  return runProgram(folder, writeProgram(folder, `${name}.mts`, text));
}

/** Writes a program into the folder; returns its path. */
export function writeProgram(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** What TypeScript says of programs of a user's, by the names of their files. */
export function compile(paths: readonly string[]): Record<string, string[]> {
  const program = ts.createProgram(paths, {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    types: ['node', '@webgpu/types'],
    typeRoots: [join(ROOT, 'node_modules/@types'), join(ROOT, 'node_modules')],
    paths: { fovea: [SOURCE], 'fovea/browser': [BROWSER_SOURCE] },
  });
  const messages = (path: string) => {
    const file = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  };
  return Object.fromEntries(paths.map((path) => [basename(path), messages(path)]));
}

/** Runs a program in the folder to its end; resolves to what it printed. */
export async function runProgram(folder: string, path: string): Promise<string> {
  const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'ts', target: 'node20' });
  const script = `${path}.mjs`;
  writeFileSync(script, code);
  return (await promisify(execFile)(process.execPath, [script], { cwd: folder, timeout: 110_000 })).stdout;
}
