/** @file How samples that have no source are read: from disk in Node, not at all in browsers. */

/** Files by their paths. */
export interface SampleFiles {
  /** How many bytes the regular file at `path` has; undefined where there is none. */
  sizeOf(path: string): Promise<number | undefined>;
  /** The bytes of the file at `path`, which are at most `maxBytes`. Throws 'bad-file', naming it, where it cannot be read. */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
}

/** The SHA-256 of `bytes` in hexadecimal digits. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  // Types know buffers that threads share, which no caller has.
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
