/**
 * @file Folders and files that nobody else can have changed (Linux): a library is loaded from no others.
 */

import { lstat, mkdir, readdir, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { check } from '../../errors.ts';

/** Mode bits: writable by the group or by others; and that in a folder, only owners may rename and remove (as in /tmp). */
const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/** How old, in milliseconds, what a killed process left behind must be to be removed: a living one is done by then. */
const STALE = 60 * 60 * 1000;

/** What decides who may change a file. */
interface Rights {
  readonly uid: number;
  readonly mode: number;
}

/** Whether a file is the user's or root's own, and nobody else may write to it. */
export function isPrivate({ uid, mode }: Rights): boolean {
  return (uid === process.getuid!() || uid === 0) && (mode & WRITABLE_BY_OTHERS) === 0;
}

/**
 * Makes `folder` if it is missing, and gives its real path. Throws 'no-adapter' where others may change what lies in it: by
 * its own rights, or by those of a folder above it, since they could put another in its place.
 */
export async function privateFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const real = await realpath(folder);
  for (let path = real; ; path = dirname(path)) {
    const rights = await stat(path);
    const sticky = path !== real && (rights.mode & STICKY) !== 0;
    check(isPrivate(sticky ? { ...rights, mode: 0 } : rights), 'no-adapter', () => {
      const mode = (rights.mode & 0o7777).toString(8);
      return `others may write to ${path} (owner ${rights.uid}, mode ${mode})`;
    });
    if (path === dirname(path)) return real;
  }
}

/** Removes what killed processes left behind: the user's own folders whose paths begin with `prefix`, an hour after. */
export async function removeStale(prefix: string): Promise<void> {
  const parent = dirname(prefix);
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (path.startsWith(prefix) && (await isStale(path))) await rm(path, { recursive: true, force: true });
  }
}

/** Whether a folder is the user's own and old. Another process may remove it meanwhile. */
async function isStale(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined && found.uid === process.getuid!() && Date.now() - found.mtimeMs > STALE;
}
