/**
 * @file `npm run mutants [part of a name …]`: puts each fault of `test/mutants/` into its kernel's WGSL and runs the
 * tests that should notice. Prints what became of each, and the score. Exits with 1 where one lives.
 *
 * First the same tests run without a fault: a test that fails anyway would notice everything.
 */

import { spawn } from 'node:child_process';
import type { Selection } from '../test/mutants/wgsl/fault.ts';
import { WGSL_MUTANTS, type WgslMutant } from '../test/mutants/wgsl-mutants.ts';

/** Milliseconds after which a run is stopped: what hangs is noticed. */
const MOST_TIME = 180_000;

/** What tests made of a mutant. `broken`: it does not compile. `not reached`: no test made its WGSL. */
type Verdict = 'killed' | 'timeout' | 'alive' | 'not reached' | 'broken' | 'equivalent';

interface Run {
  readonly passed: boolean;
  readonly timedOut: boolean;
  readonly output: string;
}

function runTests({ file, only }: Selection, mutant?: string): Promise<Run> {
  const child = spawn(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      ...['run', `test/${file}`, '--config', 'test/mutants/vitest.config.ts', '--bail=1'],
      ...(only === undefined ? [] : ['--testNamePattern', only]),
    ],
    { env: { ...process.env, ...(mutant !== undefined && { FOVEA_MUTANT: mutant }) } },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, MOST_TIME);
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ passed: code === 0, timedOut, output });
    });
  });
}

async function judge({ name, fault, tests }: WgslMutant): Promise<Verdict> {
  if (fault.equivalent !== undefined) return 'equivalent';
  let reached = false;
  for (const selection of tests) {
    const { passed, timedOut, output } = await runTests(selection, name);
    if (timedOut) return 'timeout';
    reached ||= output.includes('[mutant reached]');
    if (/parsing WGSL|does not compile/.test(output)) return 'broken';
    if (!passed) return reached ? 'killed' : 'not reached';
  }
  return reached ? 'alive' : 'not reached';
}

/** Runs each selection without a fault; throws where a test fails. */
async function checkBaseline(mutants: readonly WgslMutant[]): Promise<void> {
  const selections = new Map(
    mutants.flatMap(({ tests }) => tests.map((selection) => [JSON.stringify(selection), selection] as const)),
  );
  for (const selection of selections.values()) {
    const { passed, output } = await runTests(selection);
    if (!passed) throw new Error(`${JSON.stringify(selection)} fails without a mutant:\n${output}`);
  }
  console.log(`${selections.size} selections of tests pass without a mutant`);
}

const parts = process.argv.slice(2);
const chosen = WGSL_MUTANTS.filter(
  ({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)),
);
await checkBaseline(chosen);

const counts = new Map<Verdict, number>();
for (const mutant of chosen) {
  const start = performance.now();
  const verdict = await judge(mutant);
  counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
  console.log(`${verdict.padEnd(11)} ${seconds} s  ${mutant.name}`);
}
const killed = (counts.get('killed') ?? 0) + (counts.get('timeout') ?? 0);
const judged = chosen.length - (counts.get('equivalent') ?? 0);
console.log(
  `${chosen.length} mutants: ${[...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')}`,
);
console.log(`score: ${killed} of ${judged} that can be noticed, ${((100 * killed) / judged).toFixed(1)} %`);
process.exitCode = killed === judged ? 0 : 1;
