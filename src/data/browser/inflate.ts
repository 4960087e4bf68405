/** @file Decompresses what zlib compressed, in browsers. */

import { Z_FINISH, Z_STREAM_END, ZStream, zlibInflate, zlibInflateInit } from 'pako';
import { check } from '../../errors.ts';

/** As `Inflate` of `decode-png.ts`, by zlib itself in JavaScript: it passes over and refuses what Node's does. */
export function inflateByPako(compressed: Uint8Array, maxBytes: number): Uint8Array {
  const stream = new ZStream();
  zlibInflateInit(stream);
  stream.input = compressed;
  stream.avail_in = compressed.length;
  stream.output = new Uint8Array(maxBytes);
  stream.avail_out = maxBytes;
  const status = zlibInflate(stream, Z_FINISH);
  check(status === Z_STREAM_END, 'bad-file', () => {
    if (stream.msg !== '') return stream.msg;
    return stream.avail_out === 0 ? `it becomes longer than ${maxBytes} bytes` : 'unexpected end of file';
  });
  return stream.output.subarray(0, stream.total_out);
}
