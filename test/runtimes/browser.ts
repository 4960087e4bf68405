/**
 * @file A browser of Debian's: runs the suite in a page of it, or in a Web Worker. The page posts what it finds to the server that it
 * comes from, so that any browser will do.
 */

import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { bundleScript } from './project.ts';
import { type Compiler, LIMIT, type Runtime } from './runtime.ts';
import type { Line } from './suite/report.ts';

const PAGE = '<!doctype html><script type="module" src="/suite.js"></script>';

/** How a browser is started. */
export interface BrowserOptions {
  readonly name: string;
  readonly compiler: Compiler;
  readonly file: string;
  /** Its arguments, the address of the page left out. */
  readonly args: (profile: string) => readonly string[];
  /** Files of its profile, by their names. */
  readonly profile?: Readonly<Record<string, string>>;
}

/** A browser; the suite runs in a page, or in a worker. */
export function browser(
  options: BrowserOptions,
  place: 'page' | 'worker',
  extent: Runtime['extent'],
): Runtime {
  return {
    name: `${options.name}, ${place}`,
    compiler: options.compiler,
    extent,
    find: async () => {
      const { stdout } = await promisify(execFile)(options.file, ['--version']);
      return /\d[\d.]*/.exec(stdout)![0];
    },
    run: async (input, onLine) => {
      const files = new Map([
        ['/', PAGE],
        ['/suite.js', await bundleScript()],
        ['/input.json', JSON.stringify(input)],
      ]);
      const { address, ended, close } = await serve(files, onLine);
      try {
        await browse(options, `${address}${place === 'worker' ? '?worker' : ''}`, ended);
      } finally {
        close();
      }
    },
  };
}

/** Serves `files`, by path, from localhost, a secure context; `ended` comes with the last line that is posted. */
async function serve(files: ReadonlyMap<string, string>, onLine: (line: Line) => void) {
  let end = (_: Line) => {};
  const ended = new Promise<Line>((resolve) => {
    end = resolve;
  });
  const take = async (request: IncomingMessage) => {
    const line: Line = JSON.parse(await text(request));
    onLine(line);
    if ('finished' in line || 'trouble' in line) end(line);
  };
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') await take(request);
    const path = request.url!.replace(/\?.*/, '');
    response.setHeader('content-type', path.endsWith('.js') ? 'text/javascript' : 'text/html');
    response.end(files.get(path));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, ended, close };
}

/** Has a browser with a profile of its own look at a page until it has `ended`. */
async function browse(options: BrowserOptions, address: string, ended: Promise<Line>): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), 'fovea-profile-'));
  for (const [name, content] of Object.entries(options.profile ?? {}))
    await writeFile(join(profile, name), content);
  const child = spawn(options.file, [...options.args(profile), address], {
    stdio: 'ignore',
    timeout: LIMIT,
    detached: true,
  });
  const gone = new Promise<never>((_, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => reject(new Error(`the browser ended with ${signal ?? code}`)));
  });
  gone.catch(() => {}); // It is ended below.
  try {
    const last = await Promise.race([ended, gone]);
    if ('trouble' in last) throw new Error(last.trouble);
  } finally {
    // With the processes that it has started.
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  }
}
