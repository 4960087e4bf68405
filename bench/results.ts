/**
 * @file What a benchmark gives: rows of figures, the key, and the file that keeps both.
 */

import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Device } from '../src/device/device.ts';
import { check } from '../src/errors.ts';
import { writeFileAtomic } from '../src/io/write-file.ts';

/** One thing that was measured. */
export interface Row {
  /** Unique in its benchmark; rows of two runs are compared by it. */
  readonly name: string;
  /** Median over the runs; undefined where a row holds counts only. */
  readonly milliseconds?: number;
  /** Everything else, by the heading of its column. */
  readonly figures: Readonly<Record<string, string | number>>;
}

/** One run of a benchmark. */
export interface Results {
  readonly benchmark: string;
  readonly adapter: string;
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly date: string;
  readonly rows: readonly Row[];
}

/** `rows` with the key. */
export function describeRun(benchmark: string, device: Device, rows: readonly Row[]): Results {
  const processors = cpus();
  return {
    benchmark,
    adapter: device.info.name,
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    node: process.version,
    date: new Date().toISOString(),
    rows,
  };
}

/** Writes `results` to a file that {@link readResults} reads. */
export async function writeResults(path: string, results: Results): Promise<void> {
  await writeFileAtomic(path, new TextEncoder().encode(`${JSON.stringify(results, undefined, 1)}\n`));
}

/** Reads the results of a run of `benchmark`. Throws 'bad-data' where the file holds something else. */
export function readResults(path: string, benchmark: string): Results {
  const results = JSON.parse(readFileSync(path, 'utf8')) as Results;
  check(
    results.benchmark === benchmark,
    'bad-data',
    () =>
      `${path} holds results of '${results.benchmark}', not of '${benchmark}': take a file that --json wrote for it`,
  );
  return results;
}
