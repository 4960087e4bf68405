import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type ByteSource, sourceOfBytes } from '../../../src/io/zip/byte-source.ts';
import { sourceOfFile } from '../../../src/io/zip/file-source.ts';
import { openZip, type ZipArchive } from '../../../src/io/zip/open-zip.ts';
import { temporaryFolder } from '../../data/fixtures.ts';
import { buildZip, type ZipInput, zip64Extra } from './build-zip.ts';

const open = (inputs: readonly ZipInput[], ...end: Parameters<typeof buildZip>[1][]) =>
  openZip(sourceOfBytes(buildZip(inputs, ...end)), 'a.zip');
const entryOf = ({ entries }: ZipArchive, name: string) => entries.find((entry) => entry.name === name)!;
const textOf = async (zip: ZipArchive, name: string) =>
  new TextDecoder().decode(await zip.read(entryOf(zip, name)));

describe('an archive', () => {
  it('lists its files, and reads those that are stored, deflated or streamed', async () => {
    const zip = await open([
      { name: 'folder/', method: 0 },
      { name: 'folder/a', data: 'stored', method: 0 },
      { name: 'folder/b', data: 'deflated'.repeat(20) },
      { name: 'c', data: 'streamed', streamed: true },
      { name: 'empty', method: 0 },
    ]);
    expect(zip.entries.map(({ name, size }) => [name, size])).toEqual([
      ['folder/a', 6],
      ['folder/b', 160],
      ['c', 8],
      ['empty', 0],
    ]);
    expect(zip.entries[0]!.compressedSize).toBe(6);
    expect(zip.entries[1]!.compressedSize).toBeLessThan(40);
    for (let i = 0; i < 2; i++) {
      expect(await textOf(zip, 'folder/a')).toBe('stored');
      expect(await textOf(zip, 'folder/b')).toBe('deflated'.repeat(20));
      expect(await textOf(zip, 'c')).toBe('streamed');
      expect(await textOf(zip, 'empty')).toBe('');
    }
    expect(await Promise.all(zip.entries.map((entry) => zip.read(entry)))).toHaveLength(4);
  });

  it('may be in ZIP64, have a comment, and paths with backslashes as .NET wrote them', async () => {
    const data = 'text';
    const sizes = { size: 0xffffffff, compressedSize: 0xffffffff };
    const wide = { ...sizes, extra: zip64Extra(4, 4) };
    const zip = await open(
      [
        { name: 'b', method: 0, data, local: wide, central: wide },
        { name: 'x\\y', data: 'z' },
      ],
      { zip64: true, comment: Buffer.from('hello') },
    );
    expect(await textOf(zip, 'b')).toBe('text');
    expect(await textOf(zip, 'x/y')).toBe('z');
  });

  it('is read from a file part by part, which holds nothing open', async () => {
    const path = join(await temporaryFolder(), 'a.zip');
    const data = Buffer.alloc(3_000_000, 'x');
    await writeFile(
      path,
      buildZip([
        { name: 'a', method: 0, data },
        { name: 'b', data: 'short' },
      ]),
    );
    const file = await sourceOfFile(path);
    const reads: number[] = [];
    const counted: ByteSource = {
      size: file.size,
      read: (at, length) => {
        reads.push(length);
        return file.read(at, length);
      },
    };
    const zip = await openZip(counted, path);
    expect(await textOf(zip, 'b')).toBe('short');
    expect(reads.reduce((sum, length) => sum + length)).toBeLessThan(200_000);
    expect(data.equals(await zip.read(entryOf(zip, 'a')))).toBe(true);
    expect(Math.max(...reads)).toBeLessThan(1_000_000);
    await truncate(path, 1000);
    await expect(zip.read(entryOf(zip, 'a'))).rejects.toThrow(/a\.zip: it ends at byte 1000/);
  });

  it('opens an archive in it, stored in its place or deflated in memory', async () => {
    const inner = buildZip([{ name: 'photo', data: 'pixels' }]);
    for (const method of [0, 8]) {
      const zip = await open([
        { name: 'first', data: 'x' },
        { name: 'inner.zip', data: inner, method },
      ]);
      const source = await zip.open(entryOf(zip, 'inner.zip'));
      expect(source.size).toBe(inner.length);
      expect(await textOf(await openZip(source, 'a.zip/inner.zip'), 'photo')).toBe('pixels');
    }
  });
});

const LONG = Buffer.alloc(1e6);

describe('a file in an archive is refused', () => {
  it.each<[string, ZipInput, RegExp]>([
    [
      'whose bytes are damaged',
      { name: 'f', data: 'text', method: 0, written: Buffer.from('tExt') },
      /checksum is wrong/,
    ],
    [
      'whose deflated bytes are damaged',
      { name: 'f', data: 'text', written: Buffer.from([0xff, 1]), central: {} },
      /^Cannot read a\.zip\/f: /,
    ],
    ['that is cut off', { name: 'f', data: 'text', written: deflateRawSync('te') }, /checksum is wrong/],
    [
      'that is longer than it says',
      { name: 'f', data: 'text', written: deflateRawSync('texts') },
      /another size/,
    ],
    [
      'that is longer than both headers say',
      { name: 'f', data: LONG.subarray(0, 1000), written: deflateRawSync(LONG) },
      /another size/,
    ],
    [
      'that is stored, and shorter than it says',
      { name: 'f', data: 'text', method: 0, local: { size: 9 }, central: { size: 9 } },
      /another size/,
    ],
    [
      'whose headers differ in size',
      { name: 'f', data: 'text', local: { size: 3 } },
      /more than one way.*sizes/,
    ],
    [
      'whose headers differ in name',
      { name: 'f', data: 'text', local: { name: 'g' } },
      /more than one way.*filename/,
    ],
    [
      'whose headers differ in method',
      { name: 'f', data: 'text', local: { method: 0 } },
      /more than one way.*method/,
    ],
    [
      'that lies beyond the end',
      {
        name: 'f',
        data: 'text',
        method: 0,
        local: { compressedSize: 900, size: 900 },
        central: { compressedSize: 900, size: 900 },
      },
      /beyond the end/,
    ],
    [
      'whose local header is elsewhere',
      { name: 'f', data: 'text', central: { offset: 7 } },
      /^Cannot read a\.zip\/f: /,
    ],
    [
      'that is encrypted',
      { name: 'f', data: 'text', local: { flags: 1 }, central: { flags: 1 } },
      /encrypted: unpack the archive/,
    ],
    [
      'that is compressed in another way',
      { name: 'f', data: 'text', local: { method: 14 }, central: { method: 14 } },
      /another method than deflate/,
    ],
    ['that becomes a thousand times as long', { name: 'f', data: LONG }, /10\d\d times as long.*at most 200/],
    [
      'that is said to be of petabytes',
      {
        name: 'f',
        data: 'text',
        local: { size: 2 ** 32 - 1, extra: zip64Extra(2 ** 50, 4) },
        central: { size: 2 ** 32 - 1, extra: zip64Extra(2 ** 50) },
      },
      /has 1125899906842624 bytes, and at most 1073741824/,
    ],
  ])('%s', async (_what, input, message) => {
    const zip = await open([{ name: 'sound', data: 'sound' }, input]);
    const entry = entryOf(zip, 'f');
    await expect(zip.read(entry)).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(message),
    });
    expect(await textOf(zip, 'sound')).toBe('sound');
  });

  it('that is longer than is asked for', async () => {
    const zip = await open([{ name: 'f', data: 'text' }]);
    await expect(zip.read(zip.entries[0]!, 3)).rejects.toThrow(/a\.zip\/f: it has 4 bytes, and at most 3/);
    await expect(zip.open(zip.entries[0]!, 3)).rejects.toThrow(/a\.zip\/f: it has 4 bytes, and at most 3/);
    expect(await zip.read(zip.entries[0]!, 4)).toHaveLength(4);
  });

  it('that overlaps another one', async () => {
    const zip = await open([
      { name: 'f', data: 'text' },
      { name: 'g', data: 'text', central: { offset: 0, name: 'g' }, local: { name: 'g' } },
    ]);
    await textOf(zip, 'f');
    await expect(textOf(zip, 'g')).rejects.toThrow(/a\.zip\/g/);
  });

  it('that is another archive’s', async () => {
    const [zip, other] = await Promise.all([open([{ name: 'f' }]), open([{ name: 'f' }])]);
    await expect(zip.read(other.entries[0]!)).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

describe('an archive is refused', () => {
  it.each<[string, ZipInput[], RegExp]>([
    [
      'that leads out of its folder',
      [{ name: '../../etc/passwd' }],
      /path "\.\.\/\.\.\/etc\/passwd" leads out/,
    ],
    ['that leads out in its middle', [{ name: 'a/../../b' }], /leads out/],
    ['that leads out by backslashes', [{ name: '..\\b' }], /leads out/],
    ['that has an absolute path', [{ name: '/etc/passwd' }], /leads out/],
    ['that has a drive', [{ name: 'C:\\windows' }], /leads out/],
    [
      'that lists a name twice',
      [
        { name: 'a', data: '1' },
        { name: 'a', data: '2' },
      ],
      /lists a twice/,
    ],
  ])('%s', async (_what, inputs, message) => {
    await expect(open([{ name: 'sound' }, ...inputs])).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(message),
    });
  });

  it('that is cut off anywhere, or empty, or something else', async () => {
    const bytes = buildZip([
      { name: 'a', data: 'text' },
      { name: 'b', data: 'more' },
    ]);
    for (let length = 0; length < bytes.length; length++) {
      const cut = openZip(sourceOfBytes(bytes.subarray(0, length)), 'a.zip');
      await expect(cut, `${length}`).rejects.toMatchObject({
        code: 'bad-file',
        message: expect.stringMatching(/^Cannot read a\.zip: it /),
      });
    }
    await expect(openZip(sourceOfBytes(Buffer.alloc(99_999, 'jpeg')), 'a.zip')).rejects.toThrow(
      /cut short, or no zip/,
    );
  });

  it('that says of more files than there are', async () => {
    for (const count of [3, 2 ** 16 - 2]) {
      await expect(open([{ name: 'a' }, { name: 'b' }], { count })).rejects.toThrow(
        /a\.zip: its directory is damaged/,
      );
    }
  });
});
