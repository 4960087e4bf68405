/**
 * @file Preloaded into a training (`node --import`): makes one of its operations on files go wrong.
 *
 * Operations on files below `FAULT_FOLDER` are counted from 1. `FAULT` is JSON, a {@link Fault}. At its end a process tells on
 * stdout how many operations it made.
 */

import fs from 'node:fs';
import fsPromises, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

/** What is to go wrong. */
export interface Fault {
  /** At which operation. */
  readonly at?: number;
  /** Or: at one whose name is this, such as `rename last.safetensors`; */
  readonly name?: string;
  /** at which of them, the first by default. */
  readonly occurrence?: number;
  /**
   * kill: SIGKILL before the operation. kill-halfway: after half of it, where it writes. hang: it never ends. Else the code
   * of the error that it and all like it throw from then on, half of the bytes being written first.
   */
  readonly kind: 'kill' | 'kill-halfway' | 'hang' | 'ENOSPC' | 'EACCES' | 'EROFS' | 'EIO';
}

const folder = process.env.FAULT_FOLDER ?? '';
const fault: Fault | undefined = process.env.FAULT ? JSON.parse(process.env.FAULT) : undefined;

/** What an error of the system keeps from happening. */
const CONCERNS: Readonly<Record<string, readonly string[]>> = {
  ENOSPC: ['write'],
  EACCES: ['open', 'rename', 'mkdir'],
  EROFS: ['open', 'rename', 'mkdir'],
  EIO: ['write', 'sync'],
};

let operations = 0;
let occurrences = 0;
let isBroken = false;

process.on('exit', () => {
  try {
    fs.writeSync(1, `operations: ${operations}\n`);
  } catch {
    // The reader is gone, in a test of that.
  }
});

const die = () => process.kill(process.pid, 'SIGKILL');

/** Counts an operation and lets it go wrong if it is its turn. `half` does the first half of a write. */
function meet(operation: string, path: string, half?: () => void): 'hang' | undefined {
  if (!path.startsWith(folder)) return undefined;
  operations++;
  // Temporary files are called after what they will be.
  const name = basename(path).replace(/^\.(.+)\.[0-9a-f-]{36}\.tmp$/, '$1');
  if (fault?.name === `${operation} ${name}`) occurrences++;
  const isTurn = fault && (fault.at === operations || occurrences === (fault.occurrence ?? 1));
  if (!fault || !(isTurn || isBroken)) return undefined;
  if (fault.kind === 'kill') die();
  if (fault.kind === 'hang') return 'hang';
  if (fault.kind === 'kill-halfway') {
    half?.();
    die();
  }
  isBroken = true;
  if (!CONCERNS[fault.kind]?.includes(operation)) return undefined;
  half?.();
  throw Object.assign(new Error(`${fault.kind}: injected, ${operation} '${path}'`), { code: fault.kind });
}

/** `original` with {@link meet} before it. */
function met<A extends unknown[], R>(
  operation: string,
  pathOf: (...args: A) => string,
  original: (...args: A) => Promise<R>,
  halfOf?: (...args: A) => () => void,
): (...args: A) => Promise<R> {
  return async (...args) => {
    const verdict = meet(operation, pathOf(...args), halfOf?.(...args));
    return verdict === 'hang' ? new Promise<R>(() => setInterval(() => {}, 1000)) : original(...args);
  };
}

/** What the open files are called, by their descriptors. */
const paths = new Map<number, string>();

const bytesOf = (data: string | Uint8Array) => (typeof data === 'string' ? Buffer.from(data) : data);
const writeHalf = (fd: number, data: string | Uint8Array) => {
  const bytes = bytesOf(data);
  fs.writeSync(fd, bytes.subarray(0, bytes.length >> 1));
};

const { open } = fsPromises;
fsPromises.open = met('open', String, async (path, ...rest) => {
  const handle = await open(path, ...rest);
  paths.set(handle.fd, String(path));
  const { fd } = handle;
  const name = () => String(path);
  const write = handle.writeFile.bind(handle) as (data: string | Uint8Array) => Promise<void>;
  const half = (data: string | Uint8Array) => () => writeHalf(fd, data);
  handle.writeFile = met<[string | Uint8Array], void>('write', name, write, half) as FileHandle['writeFile'];
  handle.sync = met('sync', name, handle.sync.bind(handle));
  return handle;
});
fsPromises.rename = met('rename', (_, to) => String(to), fsPromises.rename);
fsPromises.rm = met('rm', String, fsPromises.rm);
fsPromises.mkdir = met('mkdir', String, fsPromises.mkdir) as typeof fsPromises.mkdir;

const { openSync, writeFileSync, fsyncSync } = fs;
fs.openSync = (path, ...rest) => {
  meet('open', String(path));
  const fd = openSync(path, ...rest);
  paths.set(fd, String(path));
  return fd;
};
fs.writeFileSync = (file, data, ...rest) => {
  const fd = file as number;
  meet('write', paths.get(fd) ?? '', () => writeHalf(fd, data as string));
  writeFileSync(file, data, ...rest);
};
fs.fsyncSync = (fd) => {
  meet('sync', paths.get(fd) ?? '');
  fsyncSync(fd);
};
syncBuiltinESMExports();
