/**
 * @file `npm run check:package`: builds the package and holds it as its users will meet it: packed, installed,
 * imported, required, type-checked and bundled. Prints one line a check; exits with 1 if any failed.
 */

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A program that uses the package, in either module system. */
const PROGRAM = `
  const random = new fovea.Random(7);
  if (!(random.uniform() < 1)) throw new fovea.FoveaError('invalid-argument', 'not a number in [0, 1)');
`;

const TYPED_PROGRAM = `
  const random: Random = new Random(7);
  const code: FoveaErrorCode = new FoveaError('bad-file', String(random.uniform())).code;
  export default code;
`;

/** Runs a program to its end and returns what it printed; throws, with all of that, if it fails. */
async function run(file: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await promisify(execFile)(file, args, { cwd })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${file} ${args.join(' ')}: ${(error as Error).message}\n${stdout ?? ''}${stderr ?? ''}`);
  }
}

/** Runs a tool that the project has installed. */
function tool(name: string, args: readonly string[], cwd = ROOT): Promise<string> {
  return run(join(ROOT, 'node_modules', '.bin', name), args, cwd);
}

/** Writes `files`, by their paths below `folder`. */
async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

/** Type-checks a program of a user who has neither our types nor our compiler options. */
async function typeCheck(folder: string, entry: string, compilerOptions: object): Promise<void> {
  await write(folder, {
    'program.ts': `import { FoveaError, type FoveaErrorCode, Random } from '${entry}';${TYPED_PROGRAM}`,
    // Without skipLibCheck the package's own declarations are checked too.
    'tsconfig.json': JSON.stringify({ compilerOptions: { ...compilerOptions, strict: true, noEmit: true } }),
  });
  await tool('tsc', ['--project', folder]);
}

/** Bundles what a browser gets of the package and refuses any module of Node in it. */
async function bundleForBrowser(folder: string): Promise<void> {
  await write(folder, { 'program.js': `import * as fovea from 'fovea';${PROGRAM}` });
  const { metafile } = await build({
    entryPoints: [join(folder, 'program.js')],
    outfile: join(folder, 'bundle.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    metafile: true,
    logLevel: 'silent',
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path));
  const ofNode = imports.filter(isBuiltin);
  if (ofNode.length > 0) throw new Error(`the browser bundle imports ${ofNode.join(', ')}`);
}

/** Fails if a published declaration asks for @webgpu/types, which clash with TypeScript 6's own. */
async function checkDeclarations(): Promise<void> {
  for (const name of ['index.d.ts', 'index.d.cts', 'browser.d.ts']) {
    const text = await readFile(join(ROOT, 'dist', name), 'utf8');
    if (/(reference types=|from |import\()["']@webgpu\/types/.test(text))
      throw new Error(`dist/${name} refers to @webgpu/types`);
  }
}

/** The checks, in order; each may use what those before it made in `folder`. */
function checks(folder: string, version: string): [name: string, check: () => Promise<unknown>][] {
  const tarball = join(folder, `fovea-${version}.tgz`);
  const node = { lib: ['ES2023'], module: 'node16', target: 'ES2022', types: ['node'] };
  const typeRoots = [join(ROOT, 'node_modules', '@types')];
  return [
    [
      'build',
      async () => {
        await rm(join(ROOT, 'dist'), { recursive: true, force: true });
        await tool('tsup', ['--silent']);
      },
    ],
    ['declarations free of @webgpu/types', checkDeclarations],
    ['pack', () => run('npm', ['pack', '--silent', '--pack-destination', folder], ROOT)],
    ['publint', () => tool('publint', [tarball, '--strict'])],
    [
      'are the types wrong',
      async () => {
        await tool('attw', [tarball, '--profile', 'node16', '--exclude-entrypoints', './browser']);
        await tool('attw', [tarball, '--profile', 'esm-only', '--entrypoints', './browser']);
      },
    ],
    [
      'install',
      async () => {
        await write(folder, { 'package.json': '{ "private": true }' });
        await run(
          'npm',
          ['install', '--prefer-offline', '--no-audit', '--no-fund', '--silent', tarball],
          folder,
        );
      },
    ],
    [
      'import in an ES module',
      async () => {
        const source = `import * as fovea from 'fovea';${PROGRAM}`;
        await write(folder, { 'esm/package.json': '{ "type": "module" }', 'esm/program.js': source });
        await run('node', [join(folder, 'esm/program.js')], folder);
      },
    ],
    [
      'require in CommonJS',
      async () => {
        const source = `const fovea = require('fovea');${PROGRAM}`;
        await write(folder, { 'cjs/package.json': '{ "type": "commonjs" }', 'cjs/program.js': source });
        await run('node', [join(folder, 'cjs/program.js')], folder);
      },
    ],
    ['command line', () => run('npx', ['--no-install', 'fovea', '--version'], folder)],
    ['types in an ES module', () => typeCheck(join(folder, 'esm'), 'fovea', { ...node, typeRoots })],
    ['types in CommonJS', () => typeCheck(join(folder, 'cjs'), 'fovea', { ...node, typeRoots })],
    [
      'types in a browser',
      () => {
        const lib = ['ES2023', 'DOM', 'DOM.Iterable'];
        const options = { lib, module: 'esnext', moduleResolution: 'bundler', target: 'ES2022', types: [] };
        return typeCheck(join(folder, 'browser'), 'fovea/browser', options);
      },
    ],
    ['browser bundle', () => bundleForBrowser(join(folder, 'bundle'))],
  ];
}

const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
const folder = await mkdtemp(join(tmpdir(), 'fovea-package-'));
try {
  for (const [name, check] of checks(folder, version)) {
    try {
      await check();
      console.log(`ok      ${name}`);
    } catch (error) {
      // The checks after it use what it should have made.
      console.log(`FAILED  ${name}: ${(error as Error).message}`);
      process.exitCode = 1;
      break;
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
