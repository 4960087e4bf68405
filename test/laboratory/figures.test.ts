/**
 * @file Figures of adapters in files: read back, refused where they do not fit, in tables.
 */

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withTable } from '../../scripts/gpu-table.ts';
import { FoveaError } from '../../src/errors.ts';
import { adapterFiguresMarkdown } from '../../src/laboratory/markdown.ts';
import { decodeAdapterFigures } from '../../src/laboratory/read-figures.ts';
import { ADAPTER_FIGURES } from '../support/adapter-figures.ts';

const FOLDER = 'docs/gpus';

test('figures are read as they were written, infinite errors too', () => {
  const wrong = { ...ADAPTER_FIGURES.gradients!.ops[0]!, ok: false, worst: Number.POSITIVE_INFINITY };
  const figures = { ...ADAPTER_FIGURES, gradients: { tolerance: 0.01, ops: [wrong] } };
  expect(decodeAdapterFigures(JSON.stringify(figures))).toEqual(figures);
  const { tuning: _, ...less } = ADAPTER_FIGURES;
  expect(decodeAdapterFigures(JSON.stringify(less))).toEqual(less);
});

test.each([
  ['no JSON', '{', /no JSON/],
  ['a list', '[]', /"format" is missing/],
  [
    'another format',
    JSON.stringify({ ...ADAPTER_FIGURES, format: 'x' }),
    /"format" is "x", not 'fovea adapter/,
  ],
  ['a key too many', JSON.stringify({ ...ADAPTER_FIGURES, script: '' }), /"script" is no key/],
  ['a negative time', JSON.stringify({ ...ADAPTER_FIGURES, seconds: -1 }), /"seconds" is -1, not/],
  ['no time', JSON.stringify({ ...ADAPTER_FIGURES, seconds: null }), /"seconds" is null, not/],
  ['too long', `"${' '.repeat(2 ** 20)}"`, /at most 1048576 characters/],
])('%s is refused', (_, text, message) => {
  expect(() => decodeAdapterFigures(text)).toThrow(message);
});

test('any text is read or refused', () => {
  const text = JSON.stringify(ADAPTER_FIGURES);
  const mutated = fc
    .tuple(fc.nat(text.length), fc.nat(40), fc.oneof(fc.string({ maxLength: 8 }), fc.json({ maxDepth: 2 })))
    .map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length));
  fc.assert(
    fc.property(mutated, (json) => {
      try {
        adapterFiguresMarkdown(decodeAdapterFigures(json));
      } catch (error) {
        expect(error).toBeInstanceOf(FoveaError);
      }
    }),
    { numRuns: 300, seed: 1 },
  );
});

test('Markdown has every part, and nobody ends a table or puts HTML into it', () => {
  const name = 'a | b <script>\n# c';
  const text = adapterFiguresMarkdown({ ...ADAPTER_FIGURES, adapter: { ...ADAPTER_FIGURES.adapter, name } });
  expect(text.split('\n')[0]).toBe('# a \\| b \\<script\\> # c');
  expect(text).toContain('| c2_3x3 | 1×64×56×56 → 64, 3×3, stride 1 | forward | tiled | 0.5 | 400 | 40 % |');
  expect(text).toContain('A step at 64 × 64, batch 4: 12 ms before, 10 ms after.');
  expect(text).toContain('Not measured: tuning: no room');
  const tables = text
    .trim()
    .split('\n\n')
    .filter((part) => part.startsWith('|'));
  expect(tables).toHaveLength(7);
  for (const table of tables) {
    const bars = table.split('\n').map((line) => line.replaceAll('\\|', '').split('|').length);
    expect(new Set(bars).size).toBe(1);
  }
});

test('the table of docs/gpus is what its files make', () => {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  expect(names.length).toBeGreaterThan(1);
  const files = new Map(
    names.map((name) => [name, decodeAdapterFigures(readFileSync(`${FOLDER}/${name}`, 'utf8'))]),
  );
  const page = readFileSync(`${FOLDER}/README.md`, 'utf8');
  expect(withTable(page, files)).toBe(page);
});
