import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { conv2dGeometry } from '../../src/shape/conv2d.ts';
import { decodeTuningTable, encodeTuningTable, passKey, TuningTable } from '../../src/tune/tuning-table.ts';
import { VERSION } from '../../src/version.ts';

const here = { version: '1.0.0', adapter: 'a card' };
const geometry = conv2dGeometry([2, 8, 9, 9], [4, 8, 3, 3], { padding: 1 });

function someChoices(): TuningTable {
  const table = new TuningTable();
  table.choose({ pass: 'forward', geometry }, 'plain');
  table.choose({ pass: 'backwardInput', geometry }, 'subgroup');
  return table;
}

test('what is kept comes back, for the very same pass only', () => {
  const kept = decodeTuningTable(encodeTuningTable(someChoices(), here), here)!;
  expect(kept.size).toBe(2);
  expect(kept.algorithmOf('forward', geometry)).toBe('plain');
  expect(kept.algorithmOf('backwardInput', { ...geometry })).toBe('subgroup');
  expect(kept.algorithmOf('backwardWeight', geometry)).toBeUndefined();
  expect(kept.algorithmOf('forward', { ...geometry, batch: 3 })).toBeUndefined();
});

test('what was measured elsewhere is not trusted', () => {
  const text = encodeTuningTable(someChoices(), here);
  expect(decodeTuningTable(text, { ...here, version: '1.0.1' })).toBeUndefined();
  expect(decodeTuningTable(text, { ...here, adapter: 'another card' })).toBeUndefined();
});

test.each(['', 'no JSON', '[]', 'null', '{"version":"1.0.0","adapter":"a card"}', '{"algorithms":{}}'])(
  'nor is anything else: %s',
  (text) => {
    expect(decodeTuningTable(text, here)).toBeUndefined();
  },
);

test('nor is an entry that names no pass, or no algorithm', () => {
  const key = passKey({ pass: 'forward', geometry });
  const table = {
    [`${key} `]: 7,
    [key.replace('forward', 'sideways')]: 'plain',
  };
  expect(decodeTuningTable(JSON.stringify({ ...here, algorithms: table }), here)!.size).toBe(0);
});

test('the version is that of the package', () => {
  expect(VERSION).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
});
