/**
 * @file A runtime that is a program, such as Node: runs the suite in it.
 */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type FetchedRuntime, fetchRuntime } from './fetch.ts';
import { bundleProgram, type Entry, writeInput } from './project.ts';
import { type Compiler, LIMIT, type Runtime } from './runtime.ts';
import type { Line } from './suite/report.ts';

/** How a program is called. */
export interface ProgramOptions {
  readonly name: string;
  readonly compiler: Compiler;
  /** See {@link Runtime.extent}. */
  readonly extent: Runtime['extent'];
  /** What it imports the package by. */
  readonly entry: Entry;
  /** Arguments before the script. */
  readonly args?: readonly string[];
}

/** A runtime that npm carries. */
export function program(
  fetched: FetchedRuntime,
  { name, compiler, extent, entry, args = [] }: ProgramOptions,
): Runtime {
  return {
    name,
    compiler,
    extent,
    find: async () => {
      await fetchRuntime(fetched);
      return fetched.version;
    },
    run: async (input, onLine) => {
      const [file, script, inputFile] = await Promise.all([
        fetchRuntime(fetched),
        bundleProgram(entry),
        writeInput(name, input),
      ]);
      await runProgram(file, [...args, script, inputFile], onLine);
    },
  };
}

/** Runs a program that prints lines of JSON. */
async function runProgram(
  file: string,
  args: readonly string[],
  onLine: (line: Line) => void,
): Promise<void> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT });
  let complaints = '';
  child.stderr.on('data', (text) => {
    complaints += text;
  });
  createInterface(child.stdout).on('line', (text) => {
    if (text.startsWith('{')) onLine(JSON.parse(text));
    else complaints += `${text}\n`;
  });
  const how = await new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(signal ?? `code ${code}`));
  });
  if (how !== 'code 0') throw new Error(`it ended with ${how}\n${complaints}`);
}
