/**
 * @file `npm run check:package`: builds the package and holds it as its users will meet it: packed, installed,
 * imported, required, type-checked and bundled, in Node, Bun and Deno (both fetched, see `test/runtimes/`). Prints one line a
 * check; exits with 1 if any failed.
 */

import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { FETCHED, type FetchedRuntime, fetchRuntime } from '../test/runtimes/fetch.ts';
import { OF_PAGES, programsIn } from '../test/support/user-programs.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** All other documents; a program in one begins with an import. */
const DOCUMENTS = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
].filter((document) => !OF_PAGES.includes(document));

/** Compiler options of a user's page. */
const PAGE = {
  lib: ['ES2023', 'DOM', 'DOM.Iterable'],
  module: 'esnext',
  moduleResolution: 'bundler',
  target: 'ES2022',
  types: [],
};

/** A program that uses the package, in either module system. */
const PROGRAM = `
  const random = new fovea.Random(7);
  if (!(random.uniform() < 1)) throw new fovea.FoveaError('invalid-argument', 'not a number in [0, 1)');
`;

/** A program that computes on whatever adapter there is. */
const COMPUTING_PROGRAM = `
  const device = await fovea.createDevice();
  const [sum] = await fovea.add(fovea.tensor(device, [1]), fovea.tensor(device, [2])).data();
  if (sum !== 3) throw new fovea.FoveaError('bad-data', '1 + 2 is ' + sum);
  device.destroy();
`;

/** A program that decodes photographs in worker threads. */
const LOADING_PROGRAM = `
  await fovea.writeSyntheticDataset('photographs', { training: 2, validation: 0, size: 32 });
  const { samples } = await fovea.readTrainingFolder('photographs/PALM-Training400');
  const loader = new fovea.DataLoader(new fovea.ImageDataset(samples, { size: 16 }), { batchSize: 2 });
  for await (const { images } of loader.epoch(0))
    if (images.length !== 2 * 16 * 16 * 3) throw new fovea.FoveaError('bad-data', images.length + ' bytes');
`;

/** A program that may lack what is optional, and is told so where it asks for it. */
const PROGRAM_WITHOUT_OPTIONAL = `
  for (const [ask, code] of [[() => fovea.svgToPng('<svg/>', 1), 'unsupported'], [fovea.createDevice, 'no-adapter']]) {
    const error = await ask().catch((error) => error);
    if (error?.code !== code || !error.message.includes('npm install')) throw error;
  }
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

/** Type-checks the programs that stand in documents against the package's declarations. */
async function typeCheckDocuments(
  folder: string,
  documents: readonly string[],
  compilerOptions: object,
): Promise<void> {
  const programs = documents.flatMap((document) => programsIn(document));
  if (programs.length < 2) throw new Error('no programs found in the documents');
  const files = programs.map((text, i) => [`program-${i}.ts`, text] as const);
  await write(join(folder, 'documents'), {
    'package.json': '{ "type": "module" }',
    ...Object.fromEntries(files),
    'tsconfig.json': JSON.stringify({ compilerOptions: { ...compilerOptions, strict: true, noEmit: true } }),
  });
  await tool('tsc', ['--project', join(folder, 'documents')]);
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

/**
 * Bundles a program for Node, as a service would be, and runs it beside the packages that stay outside. What is written as an
 * ES module may be bundled into CommonJS.
 */
async function bundleForNode(
  folder: string,
  format: 'esm' | 'cjs',
  written: 'esm' | 'cjs' = format,
): Promise<void> {
  const load = written === 'esm' ? `import * as fovea from 'fovea'` : `const fovea = require('fovea')`;
  const program = `${load}; (async () => {${COMPUTING_PROGRAM}${LOADING_PROGRAM}})();`;
  const outfile = join(folder, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs');
  await write(folder, { 'program.js': program });
  await build({
    entryPoints: [join(folder, 'program.js')],
    outfile,
    bundle: true,
    minify: true,
    format,
    platform: 'node',
    logLevel: 'silent',
    // CommonJS in the bundle still calls it.
    ...(format === 'esm' && {
      banner: {
        js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`,
      },
    }),
  });
  await run('node', [outfile], folder);
}

/** Fails if a page that loads dist/browser.js as a module would have to load anything that does not lie beside it. */
async function checkPage(): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['dist/browser.js'],
    bundle: true,
    packages: 'external',
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const { inputs } = metafile;
  // esbuild's own helpers are listed as an import.
  const imports = Object.values(inputs).flatMap((input) =>
    input.imports.filter(({ path }) => path !== '<runtime>'),
  );
  const elsewhere = imports.filter(({ path, external }) => external || dirname(path) !== 'dist');
  if (elsewhere.length > 0)
    throw new Error(`dist/browser.js imports ${elsewhere.map(({ path }) => path).join(', ')}`);
}

/** Computes, and decodes in workers, in a runtime that is fetched; gives the reason where it cannot be had. */
async function runElsewhere(
  name: FetchedRuntime['name'],
  args: readonly string[],
  folder: string,
): Promise<string | undefined> {
  let program: string;
  try {
    program = await fetchRuntime(FETCHED.find((runtime) => runtime.name === name)!);
  } catch (error) {
    if (process.env.CI) throw error;
    return (error as Error).message;
  }
  await write(folder, {
    'package.json': '{ "type": "module" }',
    'program.js': `import * as fovea from 'fovea';${COMPUTING_PROGRAM}${LOADING_PROGRAM}`,
  });
  await run(program, [...args, join(folder, 'program.js')], folder);
  return undefined;
}

/** Installs the package into `folder`. */
async function install(tarball: string, folder: string, ...options: readonly string[]): Promise<void> {
  await write(folder, { 'package.json': '{ "private": true }' });
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--silent'];
  await run('npm', ['install', ...quietly, ...options, tarball], folder);
}

/** Fails if a published declaration asks for @webgpu/types, which clash with TypeScript 6's own. */
async function checkDeclarations(): Promise<void> {
  for (const name of ['index.d.ts', 'index.d.cts', 'browser.d.ts']) {
    const text = await readFile(join(ROOT, 'dist', name), 'utf8');
    if (/(reference types=|from |import\()["']@webgpu\/types/.test(text))
      throw new Error(`dist/${name} refers to @webgpu/types`);
  }
}

/** The checks, in order; each may use what those before it made in `folder`, and gives the reason where it cannot be made. */
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
        await tool('vite', ['build', 'app', '--logLevel', 'error']);
      },
    ],
    ['declarations free of @webgpu/types', checkDeclarations],
    ['pack', () => run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], ROOT)],
    ['publint', () => tool('publint', [tarball, '--strict'])],
    [
      'are the types wrong',
      async () => {
        await tool('attw', [tarball, '--profile', 'node16', '--exclude-entrypoints', './browser']);
        await tool('attw', [tarball, '--profile', 'esm-only', '--entrypoints', './browser']);
      },
    ],
    [
      'without optional dependencies',
      async () => {
        await install(tarball, folder, '--omit=optional');
        const source = `import * as fovea from 'fovea';${PROGRAM}${PROGRAM_WITHOUT_OPTIONAL}`;
        await write(folder, { 'bare.mjs': source });
        await run('node', [join(folder, 'bare.mjs')], folder);
      },
    ],
    ['install', () => install(tarball, folder)],
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
    ['web application', () => access(join(folder, 'node_modules/fovea/dist/app/index.html'))],
    ['types in an ES module', () => typeCheck(join(folder, 'esm'), 'fovea', { ...node, typeRoots })],
    ['types in CommonJS', () => typeCheck(join(folder, 'cjs'), 'fovea', { ...node, typeRoots })],
    ['types in a browser', () => typeCheck(join(folder, 'browser'), 'fovea/browser', PAGE)],
    [
      'programs of the documents',
      () => typeCheckDocuments(join(folder, 'esm'), DOCUMENTS, { ...node, typeRoots }),
    ],
    [
      'programs of the documents for pages',
      // As a bundler's user sees the package: by the condition that gives a page its entry.
      () => typeCheckDocuments(join(folder, 'browser'), OF_PAGES, { ...PAGE, customConditions: ['browser'] }),
    ],
    [
      'types of neither Node nor a browser',
      () => {
        const options = {
          lib: ['ES2022'],
          module: 'esnext',
          moduleResolution: 'bundler',
          target: 'ES2022',
          types: [],
        };
        return typeCheck(join(folder, 'bare'), 'fovea', options);
      },
    ],
    ['browser bundle', () => bundleForBrowser(join(folder, 'bundle'))],
    ['page without a bundler', checkPage],
    ['bundle for Node', () => bundleForNode(join(folder, 'node-esm'), 'esm')],
    ['bundle for Node in CommonJS', () => bundleForNode(join(folder, 'node-cjs'), 'cjs')],
    ['bundle of an ES module in CommonJS', () => bundleForNode(join(folder, 'node-both'), 'cjs', 'esm')],
    ['Bun', () => runElsewhere('bun', [], join(folder, 'bun'))],
    ['Deno', () => runElsewhere('deno', ['run', '--allow-all'], join(folder, 'deno'))],
  ];
}

const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
const folder = await mkdtemp(join(tmpdir(), 'fovea-package-'));
try {
  for (const [name, check] of checks(folder, version)) {
    try {
      const missing = name === 'Bun' || name === 'Deno' ? await check() : void (await check());
      console.log(missing === undefined ? `ok      ${name}` : `skipped ${name}: ${missing}`);
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
