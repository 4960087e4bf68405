import * as v from 'valibot';
import { expect, test } from 'vitest';
import { exactRecord, oneOf, record, validated, wholeNumber } from '../../src/io/validate.ts';

const schema = record({
  count: wholeNumber(0, 9),
  kind: oneOf(['a', 'b']),
  list: v.array(record({ step: wholeNumber(1) }), 'a list'),
});

const good = { list: [{ step: 1, note: 'kept' }], count: 9, kind: 'a', extra: [] };

test('gives back what is right as it stands', () => {
  expect(validated(schema, good, 'x')).toBe(good);
});

test.each([
  [null, 'it is null, not an object'],
  [{ ...good, count: 10 }, '"count" is 10, not a whole number from 0 to 9'],
  [{ ...good, count: 1.5 }, '"count" is 1.5, not a whole number from 0 to 9'],
  [{ ...good, count: '1' }, '"count" is "1", not a whole number from 0 to 9'],
  [{ ...good, count: undefined }, '"count" is missing'],
  [{ ...good, kind: 'c' }, '"kind" is "c", not a or b'],
  [{ ...good, list: {} }, '"list" is Object, not a list'],
  [{ ...good, list: [{ step: 1 }, null] }, '"list.1" is null, not an object'],
  [{ ...good, list: [{ step: 0 }] }, '"list.0.step" is 0, not a whole number of at least 1'],
])('%j: %s', (value, message) => {
  expect(() => validated(schema, value, 'x.json')).toThrow(
    expect.objectContaining({ code: 'bad-file', message: `x.json: ${message}.` }),
  );
});

test('an exact record has no other keys', () => {
  const exact = exactRecord({ a: wholeNumber(0) });
  expect(() => validated(exact, { a: 1, b: 2 }, 'x')).toThrow('"b" is no key that is known here');
});
