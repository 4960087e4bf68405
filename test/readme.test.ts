/**
 * @file README's programs: compiled under `strict` as they stand there, and run on drawn photographs, the first one with
 * smaller numbers.
 */

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSyntheticDataset } from '../src/data/synth.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = join(ROOT, 'src/index.ts');

/** The blocks that are whole programs; others are a line out of one. */
const programs = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)]
  .map(([, text]) => text!)
  .filter((text) => text.startsWith('import '));

/** What is written smaller so that a ResNet-50 trains in seconds. */
const SMALLER = [
  ['size: 224', 'size: 32'],
  ['batchSize: 10', 'batchSize: 4'],
  ['epochs: 10', 'epochs: 1'],
] as const;

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-readme-'));
  await writeSyntheticDataset(folder, { training: 4, validation: 4, size: 48 });
  renameSync(join(folder, 'PALM-Training400'), join(folder, 'train'));
  renameSync(join(folder, 'PALM-Validation400'), join(folder, 'val'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules')); // for tsx, in workers too
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { paths: { fovea: [SOURCE] } } }),
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What TypeScript says of programs of a user's, by the names of their files. */
function compile(paths: readonly string[]): Record<string, string[]> {
  const program = ts.createProgram(paths, {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    types: ['node', '@webgpu/types'],
    typeRoots: [join(ROOT, 'node_modules/@types'), join(ROOT, 'node_modules')],
    paths: { fovea: [SOURCE] },
  });
  const messages = (path: string) => {
    const file = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  };
  return Object.fromEntries(paths.map((path) => [basename(path), messages(path)]));
}

/** Runs a program in the folder to its end; resolves to what it printed. */
async function run(path: string): Promise<string> {
  const env = { ...process.env, TSX_TSCONFIG_PATH: join(folder, 'tsconfig.json') };
  const args = ['--import', 'tsx', path];
  return (await promisify(execFile)(process.execPath, args, { cwd: folder, env, timeout: 110_000 })).stdout;
}

test('there are two programs', () => {
  expect(programs.length).toBe(2);
});

test('they compile under strict, which sees what is wrong', () => {
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const asTheyStand = programs.map((text, i) => write(`program-${i}.ts`, text));
  const wrong = write('wrong.ts', `${programs[1]}const wrong: string = device;\n`);
  expect(compile([...asTheyStand, wrong])).toEqual({
    'program-0.ts': [],
    'program-1.ts': [],
    'wrong.ts': ["Type 'Device' is not assignable to type 'string'."],
  });
});

test('the first program trains and evaluates', async () => {
  const small = SMALLER.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  }, programs[0]!);
  const path = join(folder, 'train.mts');
  writeFileSync(path, small);
  const [loss, ...evaluation] = (await run(path)).split('\n');
  expect(Number(loss)).toBeGreaterThan(0);
  for (const figure of ['loss', 'accuracy', 'auc', 'confusion'])
    expect(evaluation.join('\n')).toMatch(new RegExp(`\\b${figure}: `));
});

test('the second program checks its gradients', async () => {
  const path = join(folder, 'own.mts');
  writeFileSync(path, programs[1]!);
  const printed = await run(path);
  expect(printed).toMatch(/Float32Array\(216\)/);
  expect(printed).toMatch(/ok: true/);
});
