import { expect, test } from 'vitest';
import { printable } from '../../src/cli/printable.ts';
import fc from '../support/fast-check.ts';

test('shows as escapes what moves the cursor, breaks the line, hides, or reverses the direction', () => {
  const name = 'a\u001b[2J\u009b1m\r\n\tb\u202e\u2066\u200b\u2028\u{e0041}\ud800.jpg';
  expect(printable(name)).toBe(
    'a\\u001b[2J\\u009b1m\\r\\n\\tb\\u202e\\u2066\\u200b\\u2028\\udb40\\udc41\\ud800.jpg',
  );
});

test('leaves names of all languages as they are', () => {
  for (const name of ['C:\\Augen\\Fuß.jpg', '眼底 1.jpg', 'עין.jpg', 'œil, n° 2 (é).jpg', '👁️.jpg']) {
    expect(printable(name)).toBe(name);
  }
});

test('any text becomes one line, and JSON stays the same JSON', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(JSON.parse(printable(JSON.stringify({ text })))).toEqual({ text });
    }),
  );
});
