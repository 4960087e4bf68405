/**
 * @file A reader of plain tar archives (POSIX.1-1988 ustar, as GNU tar writes it for short names).
 */

import { check } from '../../errors.ts';

const BLOCK = 512;

/**
 * The regular files of a tar archive, by name; folders, links and long names are left out.
 *
 * @param archive the archive, not compressed; the files returned are views of it
 * Throws 'bad-file' when a file reaches beyond the archive's end, or has no size.
 */
export function readTar(archive: Uint8Array): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let offset = 0;
  // A block of zeros ends the archive.
  while (offset + BLOCK <= archive.length && archive[offset] !== 0) {
    const header = archive.subarray(offset, offset + BLOCK);
    const name = field(header, 0, 100);
    const octal = field(header, 124, 12);
    check(
      /^[0-7]+$/.test(octal),
      'bad-file',
      () => `tar: '${name}' has size '${octal}', not an octal number`,
    );
    const size = Number.parseInt(octal, 8);
    const type = field(header, 156, 1);
    const start = offset + BLOCK;
    check(
      start + size <= archive.length,
      'bad-file',
      () => `tar: '${name}' ends at byte ${start + size}, the archive at ${archive.length}`,
    );
    if (type === '0' || type === '') files.set(name, archive.subarray(start, start + size));
    offset = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

/** The text of a header field, up to its first zero byte. */
function field(header: Uint8Array, offset: number, length: number): string {
  const bytes = header.subarray(offset, offset + length);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)).trim();
}
