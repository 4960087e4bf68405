/**
 * @file What the documents name is there: files that they link to, headings, scripts of `npm run`, flags, and what their programs import.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const within = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
const read = (path: string) => readFileSync(path, 'utf8');
/** All but the log of changes, which also names what is gone. */
const documents = ['README.md', 'ARCHITECTURE.md', ...['app', 'bench', 'docs', 'test'].flatMap(within)]
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: read(path) }));

/** What `find` finds in each document and `isThere` does not know, with where it was found. */
function missing(find: RegExp, isThere: (found: string, path: string) => boolean): string[] {
  return documents.flatMap(({ path, text }) =>
    [...text.matchAll(find)]
      .map(([, found]) => found!)
      .filter((found) => !isThere(found, path))
      .map((found) => `${path}: ${found}`),
  );
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(path: string): string[] {
  return [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('links lead to files and headings that exist', () => {
  const leads = (link: string, path: string) => {
    const [file, anchor] = link.split('#');
    const target = file ? join(dirname(path), file) : path;
    return existsSync(target) && (anchor === undefined || anchorsOf(target).includes(anchor));
  };
  expect(missing(/\]\((?!https?:)([^)]+)\)/g, leads)).toEqual([]);
});

test('scripts of package.json that are run exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  expect(missing(/npm run (?:--silent )?([a-z][\w:-]*)/g, (name) => Object.hasOwn(scripts, name))).toEqual(
    [],
  );
});

test('commands and their flags exist', () => {
  const known = ['src/cli', 'bench', 'scripts', 'test']
    .flatMap(within)
    .filter((path) => /\.(ts|py)$/.test(path))
    .map(read)
    .join('\n');
  const others = new Set([
    '--help',
    '--version',
    '--cpu-prof',
    '--splitting',
    '--data-binary',
    '--header',
    '--form',
    '--logdir',
    '--max-old-space-size',
    '--import',
    '--expose-gc',
  ]);
  const isFlag = (flag: string) =>
    others.has(flag) ||
    known.includes(flag.replace('--no-', '--')) ||
    known.includes(flag.replace('--', "'"));
  expect(missing(/(?<![\w-])(--[a-z][a-z-]+)/g, isFlag)).toEqual([]);
  const commands = read('src/cli/main.ts');
  expect(
    missing(/(?:`|npx |^ {4})fovea ([a-z]+)/gm, (name) => commands.includes(`  ${name}: async`)),
  ).toEqual([]);
});

test('files that are named by their path in the repository exist', () => {
  const named = /`((?:src|test|bench|scripts|examples|docs|app)\/[\w./-]+\.(?:tsx?|py|md|sh|json))`/g;
  expect(
    missing(named, (path, document) => existsSync(path) || existsSync(join(dirname(document), path))),
  ).toEqual([]);
});

test('what programs import is exported', () => {
  const entries = ['src/common.ts', 'src/index.ts', 'src/browser.ts', 'src/autograd/ops.ts']
    .map(read)
    .join('\n');
  const named = documents.flatMap(({ text }) =>
    [...text.matchAll(/import \{([^}]+)\} from 'fovea'/g)].flatMap(
      ([, names]) => names!.match(/\w{2,}/g) ?? [],
    ),
  );
  const names = [...new Set(named)].filter((name) => name !== 'type');
  expect(names.length).toBeGreaterThan(50);
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(entries))).toEqual([]);
});
