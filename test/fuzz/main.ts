/**
 * @file Feeds damaged inputs to every parser: `node --import tsx test/fuzz/main.ts INPUTS [SEED [PARSER]]`; INPUTS are shared by
 * all parsers, or all of one that is named, `pickle` for instance.
 *
 * Each input must give a result or a FoveaError, within {@link MAX_SECONDS} of processor time; all together must stay below
 * {@link MAX_BYTES} of memory. Prints a line per parser, and exits with 1 at the first input that breaks this.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FoveaError } from '../../src/errors.ts';
import fc from '../support/fast-check.ts';
import { damaged } from './mutate.ts';
import { type Parser, parsersIn } from './parsers.ts';

const MAX_SECONDS = 5;
const MAX_BYTES = 2 ** 30;

interface Tally {
  results: number;
  errors: number;
  slowest: number;
}

/** Runs one input; throws where it is neither parsed nor refused. */
async function feed({ parse }: Parser, bytes: Uint8Array, tally: Tally): Promise<void> {
  const start = process.cpuUsage();
  try {
    await parse(bytes);
    tally.results += 1;
  } catch (error) {
    if (!(error instanceof FoveaError)) throw error;
    tally.errors += 1;
  }
  const { user, system } = process.cpuUsage(start);
  const seconds = (user + system) / 1e6;
  tally.slowest = Math.max(tally.slowest, seconds);
  if (seconds > MAX_SECONDS) throw new Error(`took ${seconds} seconds`);
}

async function fuzz(parser: Parser, inputs: number, seed: number): Promise<void> {
  const tally = { results: 0, errors: 0, slowest: 0 };
  const property = fc.asyncProperty(damaged(parser.seeds), (bytes) => feed(parser, bytes, tally));
  await fc.assert(property, { numRuns: inputs, seed });
  const rss = process.resourceUsage().maxRSS * 1024;
  const { results, errors, slowest } = tally;
  console.log(
    `${parser.name}: ${results} parsed, ${errors} refused, slowest ${(slowest * 1000).toFixed(0)} ms, ` +
      `peak memory so far ${(rss / 1e6).toFixed(0)} MB`,
  );
  if (rss > MAX_BYTES) throw new Error(`${parser.name}: ${rss} bytes of memory, more than ${MAX_BYTES}`);
}

const [inputs = '10000', seed = process.env.FOVEA_SEED ?? '1', only] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'fovea-fuzz-'));
console.log(`${inputs} inputs, seed ${seed}`);
try {
  const parsers = parsersIn(folder).filter(({ name }) => only === undefined || name === only);
  for (const parser of parsers) await fuzz(parser, Math.ceil(Number(inputs) / parsers.length), Number(seed));
} finally {
  rmSync(folder, { recursive: true });
}
