/**
 * @file The programs of all documents compile under `strict` as they stand there. All at once, since it is the library that takes
 * long.
 */

import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  compile,
  makeWorkshop,
  OF_PAGES,
  ofPage,
  programsIn,
  removeWorkshop,
  writeProgram,
} from './support/user-programs.ts';

const DOCUMENTS = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const folder = makeWorkshop();
afterAll(() => removeWorkshop(folder));

/** Programs of a document with mistakes, and what is said of them. */
function mistakes(): [name: string, text: string, said: unknown[]][] {
  const [, , rmsNorm] = programsIn('docs/write-an-op.md');
  const [, dropped] = programsIn('docs/browser.md');
  return [
    [
      'type.ts',
      `${rmsNorm}const wrong: string = device;\n`,
      ["Type 'Device' is not assignable to type 'string'."],
    ],
    [
      'misspelt.ts',
      rmsNorm!.replace('{ x, dy, dgain }', '{ x, dy, dgian: dgain }'),
      [expect.stringMatching(/'dgian' does not exist/)],
    ],
    [
      'missing.ts',
      rmsNorm!.replace('{ x: x!, gain: gain!, y }', '{ x: x!, y }'),
      [expect.stringMatching(/Property 'gain' is missing/)],
    ],
    [
      'page.ts',
      ofPage(dropped!.replaceAll('placeDropped', 'placeDrop')),
      [expect.stringMatching(/no exported member.*placeDrop/)],
    ],
  ];
}

test('all of them compile, and what is wrong is seen', () => {
  const programs = DOCUMENTS.flatMap((document) =>
    programsIn(document).map((text, i): [name: string, text: string, said: unknown[]] => [
      `${basename(document, '.md')}-${i}.ts`,
      OF_PAGES.includes(document) ? ofPage(text) : text,
      [],
    ]),
  );
  expect(programs.length).toBeGreaterThan(15);
  const all = [...programs, ...mistakes()];
  const paths = all.map(([name, text]) => writeProgram(folder, name, text));
  expect(compile(paths)).toEqual(Object.fromEntries(all.map(([name, , said]) => [name, said])));
}, 120_000);
