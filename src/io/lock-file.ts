/**
 * @file A lock on a folder: a file in it that names the process at work there (Node).
 *
 * Nothing has to be renewed while the lock is held, so a process that compiles kernels for a minute keeps it; and a
 * process that was killed holds nothing, since the next one sees that it is gone.
 */

import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { FoveaError } from '../errors.ts';
import { writeError } from './write-file.ts';

/** Gives the lock back. */
export type ReleaseLock = () => Promise<void>;

/** What a lock's file holds. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process began, where the system tells: process numbers are used again. */
  readonly began: string | undefined;
  /** Unlike any other lock's. */
  readonly id: string;
}

/** How long a lock may be empty between being made and being filled. */
const FILLED_AFTER_MS = 1000;
const POLL_MS = 50;
/** A takeover lasts a few milliseconds; one that is older was killed. */
const TAKEOVER_ENDED_MS = 5000;

/**
 * Makes the lock `path`, taking over one whose process has ended.
 *
 * Throws 'in-use', naming the process, where it is held by one that runs or that lives on another
 * machine; 'bad-file' where it cannot be written.
 */
export async function acquireLock(path: string): Promise<ReleaseLock> {
  const began = (await inspectProcess(process.pid))?.began;
  const owner: Owner = { pid: process.pid, host: hostname(), began, id: randomUUID() };
  const text = JSON.stringify(owner);
  while (!(await create(path, text))) {
    const found = await readLock(path);
    if (found === undefined) continue; // given back in the meantime
    const holder = parseOwner(found);
    if (holder) await checkEnded(path, holder);
    await removeAbandoned(path, found);
  }
  // One that was killed may have left it. Whoever has it now finds this lock, which is not the one that it is to remove.
  await rm(guardOf(path), { force: true });
  return () => removeLock(path, text);
}

/** Whether the lock could be made; false where there is one. */
async function create(path: string, text: string): Promise<boolean> {
  const file = await open(path, 'wx').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EEXIST') return undefined;
    throw writeError(path, cause);
  });
  if (!file) return false;
  try {
    await file.writeFile(text).finally(() => file.close());
    return true;
  } catch (cause) {
    await rm(path, { force: true }).catch(() => {});
    throw writeError(path, cause);
  }
}

/** The lock's text; undefined where there is no lock. An empty one is given time to be filled. */
async function readLock(path: string): Promise<string | undefined> {
  for (let waited = 0; ; waited += POLL_MS) {
    const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined;
      throw new FoveaError('bad-file', `Cannot read "${path}": ${cause.message}.`, { cause });
    });
    if (text !== '' || waited >= FILLED_AFTER_MS) return text;
    await setTimeout(POLL_MS);
  }
}

/** Who holds a lock; undefined where its process was killed before it had written that. */
function parseOwner(text: string): Owner | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function checkEnded(path: string, { pid, host, began }: Owner): Promise<void> {
  const here = hostname();
  if (host !== here) {
    throw new FoveaError(
      'in-use',
      `"${path}" is the lock of process ${pid} on ${host}, and this is ${here}: name another folder, or remove ` +
        'that file if the process has ended.',
    );
  }
  const running = await inspectProcess(pid);
  if (!running || (began !== undefined && running.began !== undefined && began !== running.began)) return;
  throw new FoveaError(
    'in-use',
    `"${path}" is the lock of process ${pid}, which is running: wait for its end, or name another folder. ` +
      'If that process is not fovea, remove the file.',
  );
}

/**
 * Removes an abandoned lock, one process at a time: of two that find it so, one might else remove what the other has just
 * made in its place.
 */
async function removeAbandoned(path: string, text: string): Promise<void> {
  const guard = guardOf(path);
  if (!(await create(guard, String(process.pid)))) {
    const made = await stat(guard).catch(() => undefined);
    if (made && Date.now() - made.mtimeMs > TAKEOVER_ENDED_MS) await rm(guard, { force: true });
    else await setTimeout(POLL_MS);
    return;
  }
  try {
    await removeLock(path, text);
  } finally {
    await rm(guard, { force: true });
  }
}

/** The file that one process has at a time while it removes an abandoned lock. */
const guardOf = (path: string): string => `${path}.takeover`;

/** Removes the lock if it holds `text`. Only its holder may call this, or one that has the guard. */
async function removeLock(path: string, text: string): Promise<void> {
  try {
    if ((await readFile(path, 'utf8')) === text) await rm(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw writeError(path, cause);
  }
}

/** A running process; undefined where there is none of that number. Linux tells when it began. */
async function inspectProcess(pid: number): Promise<{ began: string | undefined } | undefined> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, and is another user's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // proc(5): "pid (name) state ppid …"; the name may hold anything, the beginning is field 22.
  const [state, ...fields] = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : { began: fields[18] };
}
