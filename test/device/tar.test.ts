import { expect, test } from 'vitest';
import { readTar } from '../../src/device/node/tar.ts';

/** One entry of an archive: a header block, then the content in whole blocks. */
function entry(name: string, type: string, content: string, size = content.length): Uint8Array {
  const bytes = new Uint8Array(512 + Math.ceil(content.length / 512) * 512);
  const write = (text: string, offset: number) => bytes.set(new TextEncoder().encode(text), offset);
  write(name, 0);
  write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  write(type, 156);
  write(content, 512);
  return bytes;
}

function archive(...entries: Uint8Array[]): Uint8Array {
  return Buffer.concat([...entries, new Uint8Array(1024)]);
}

test('reads regular files of any length and skips folders', () => {
  const long = 'x'.repeat(513);
  const files = readTar(
    archive(entry('a', '0', 'one'), entry('b/', '5', ''), entry('b/c', '0', long), entry('d', '0', '')),
  );
  const texts = [...files].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]);
  expect(texts).toEqual([
    ['a', 'one'],
    ['b/c', long],
    ['d', ''],
  ]);
});

test('refuses an archive that was cut off', () => {
  expect(() => readTar(entry('a', '0', 'one', 2000))).toThrow(/'a' ends at byte 2512, the archive at 1024/);
});

test.each(['', '-1000', '0x10', '8'])('refuses a size that is no octal number: "%s"', (size) => {
  const damaged = archive(entry('a', '0', 'one'), entry('b', '0', 'two'));
  damaged.fill(0, 1024 + 124, 1024 + 136);
  damaged.set(new TextEncoder().encode(size), 1024 + 124);
  expect(() => readTar(damaged)).toThrow(`tar: 'b' has size '${size}'`);
});
