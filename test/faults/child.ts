/**
 * @file Runs the training of `training.ts` in processes of its own, with faults, and compares what they leave.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect } from 'vitest';
import type { Fault } from './injector.ts';

const SOURCE = fileURLToPath(new URL('.', import.meta.url));
/** Below node_modules, so that packages are found; one for each process that tests. */
const BUILT = fileURLToPath(new URL(`../../node_modules/.cache/faults-${process.pid}`, import.meta.url));

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** Without what drivers say. */
  readonly stderr: string;
}

/** What goes wrong in a process. */
export interface Accident {
  readonly fault?: Fault;
  /** Called with what it has printed so far, whenever it prints. */
  readonly onOutput?: (text: string, child: ChildProcess) => void;
  /** SIGKILL after so many milliseconds. */
  readonly killAfter?: number;
}

/** Compiles the programs once, since compiling at every start would take most of the time. */
export async function buildPrograms(): Promise<void> {
  await build({
    entryPoints: ['training.ts', 'injector.ts'].map((name) => join(SOURCE, name)),
    outdir: BUILT,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
}

/** Undoes {@link buildPrograms}. */
export function removePrograms(): Promise<void> {
  return rm(BUILT, { recursive: true, force: true });
}

/** Runs the training once. */
export function live(mode: 'start' | 'resume', path: string, accident: Accident = {}): Promise<Ending> {
  const { fault, onOutput, killAfter } = accident;
  const child = spawn(
    process.execPath,
    ['--import', join(BUILT, 'injector.mjs'), join(BUILT, 'training.mjs'), mode, path],
    { env: { ...process.env, FAULT_FOLDER: path, FAULT: fault ? JSON.stringify(fault) : '' } },
  );
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
    onOutput?.(stdout, child);
  });
  child.stderr.on('data', (data) => (stderr += data));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('Warning: max'));
      resolve({ code, signal, stdout, stderr: lines.join('\n') });
    });
  });
}

/** Runs the training as a user would whose last one ended somehow: on with it, or, where there was none yet, anew. */
export async function resumeTraining(path: string, accident: Accident = {}): Promise<Ending> {
  const resumed = await live('resume', path, accident);
  return resumed.stderr.includes('holds no training') ? live('start', path, accident) : resumed;
}

/** All files of a folder by name. */
export async function contents(path: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(path)).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(path, name))] as const)),
  );
}

/** Ends the training in `path`, and expects that it left what an undisturbed one leaves, bit for bit, and nothing else. */
export async function expectSame(path: string, undisturbed: Map<string, Buffer>): Promise<void> {
  const { code, stderr } = await resumeTraining(path);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const left = await contents(path);
  expect([...left.keys()]).toEqual([...undisturbed.keys()]);
  // When it ran is its own.
  expect(JSON.parse(left.get('sessions.json')!.toString())).not.toHaveLength(0);
  for (const [name, bytes] of undisturbed)
    if (name !== 'sessions.json') expect(bytes.equals(left.get(name)!), `${name} differs`).toBe(true);
}

/** An empty folder. */
export async function emptyFolder(path: string): Promise<string> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  return path;
}
