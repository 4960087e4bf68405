import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { conv2dGeometry } from '../../src/shape/conv2d.ts';
import { decodeChoices, encodeChoices, MeasuredChoices, passKey } from '../../src/tune/measured-choices.ts';
import { VERSION } from '../../src/version.ts';

const here = { version: '1.0.0', adapter: 'a card' };
const geometry = conv2dGeometry([2, 8, 9, 9], [4, 8, 3, 3], { padding: 1 });

function someChoices(): MeasuredChoices {
  const choices = new MeasuredChoices();
  choices.choose({ pass: 'forward', geometry }, 'plain');
  choices.choose({ pass: 'backwardInput', geometry }, 'subgroup');
  return choices;
}

test('what is kept comes back, for the very same pass only', () => {
  const kept = decodeChoices(encodeChoices(someChoices(), here), here)!;
  expect(kept.size).toBe(2);
  expect(kept.familyOf('forward', geometry)).toBe('plain');
  expect(kept.familyOf('backwardInput', { ...geometry })).toBe('subgroup');
  expect(kept.familyOf('backwardWeight', geometry)).toBeUndefined();
  expect(kept.familyOf('forward', { ...geometry, batch: 3 })).toBeUndefined();
});

test('what was measured elsewhere is not trusted', () => {
  const text = encodeChoices(someChoices(), here);
  expect(decodeChoices(text, { ...here, version: '1.0.1' })).toBeUndefined();
  expect(decodeChoices(text, { ...here, adapter: 'another card' })).toBeUndefined();
});

test.each(['', 'no JSON', '[]', 'null', '{"version":"1.0.0","adapter":"a card"}', '{"choices":{}}'])(
  'nor is anything else: %s',
  (text) => {
    expect(decodeChoices(text, here)).toBeUndefined();
  },
);

test('nor is a family that does not exist', () => {
  const key = passKey({ pass: 'forward', geometry });
  const choices = { [key]: 'no such family', [`${key} `]: 7, [key.replace('forward', 'sideways')]: 'plain' };
  expect(decodeChoices(JSON.stringify({ ...here, choices }), here)!.size).toBe(0);
});

test('the version is that of the package', () => {
  expect(VERSION).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
});
