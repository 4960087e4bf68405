import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/serve/refusal.ts';
import { uploadsOf } from '../../src/serve/uploads.ts';
import fc from '../support/fast-check.ts';

const BOUNDARY = 'xyz';
const FORM = `multipart/form-data; boundary=${BOUNDARY}`;
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const part = (head: string, body: string) =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
const form = (...parts: string[]) => bytesOf(`${parts.join('')}--${BOUNDARY}--\r\n`);
const MANY = form(...Array(1000).fill(part('name="a"', '')));

test('an image is the body, or several are files of a form', async () => {
  expect(await uploadsOf(bytesOf('abc'), 'image/png', 1)).toEqual([
    { name: 'image 1', bytes: bytesOf('abc') },
  ]);
  const files = form(
    part('name="images"; filename="a.png"', 'A\r\n\x00'),
    part('name="comment"', 'text'),
    part('name="other"; filename=""', 'B'),
  );
  expect(await uploadsOf(files, FORM, 2)).toEqual([
    { name: 'a.png', bytes: bytesOf('A\r\n\x00') },
    { name: 'image 2', bytes: bytesOf('B') },
  ]);
  const type = `Multipart/Form-Data; charset="a;boundary=b"; boundary="${BOUNDARY}"`;
  expect(await uploadsOf(files, type, 2)).toHaveLength(2);
});

describe('is refused with a reason', () => {
  test.each([
    ['another type', bytesOf('{}'), 'application/json', 415, /“application\/json”/],
    ['a malformed type', bytesOf('{}'), 'image', 415, /“image”/],
    ['no type', bytesOf('{}'), '', 415, /is none/],
    ['an empty body', bytesOf(''), 'image/jpeg', 400, /body is empty/],
    ['a form without files', form(part('name="a"', 'b')), FORM, 400, /has no file/],
    ['a form without a boundary', form(), 'multipart/form-data', 400, /names no boundary/],
    ['a form with another boundary', form(part('name="a"; filename="b"', 'c')), `${FORM}q`, 400, /malformed/],
    ['a form that is cut off', bytesOf(part('name="a"; filename="b"', 'c')), FORM, 400, /malformed/],
    [
      'more files than may be',
      form(...Array(3).fill(part('name="a"; filename="b"', 'c'))),
      FORM,
      413,
      /more than 2/,
    ],
    [
      'a form with a boundary beside its own',
      MANY,
      `multipart/form-data; x-boundary=a; boundary=${BOUNDARY}`,
      413,
      /more than 2/,
    ],
    ['a thousand empty parts', MANY, FORM, 413, /more than 2/],
  ])('%s', async (_, body, type, status, message) => {
    const refused = uploadsOf(body, type, 2);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ status });
  });
});

test('whatever a body holds, it is files or a refusal', async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '--xyz',
      '--xyz--',
      '\r\n',
      '\r\n\r\n',
      'Content-Disposition: form-data; name="a"; filename="b"',
      '\x00',
    ),
    fc.string({ maxLength: 8 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      try {
        expect((await uploadsOf(bytesOf(pieces.join('')), FORM, 4)).length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
      }
    }),
    { numRuns: 300 },
  );
});
