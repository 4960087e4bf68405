/**
 * @file The suite as a program of Node, Bun or Deno: what to check is in the file that its first argument names; prints a line of JSON
 * for each check.
 */

import { readFileSync } from 'node:fs';
import process from 'node:process';
import { runSuite } from './suite.ts';

const gpu = globalThis.navigator?.gpu ?? (await import('webgpu')).create([]);
const input = JSON.parse(readFileSync(process.argv[2]!, 'utf8'));
await runSuite(gpu, input, (line) => console.log(JSON.stringify(line)));
