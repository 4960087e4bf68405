/**
 * @file `npm run mutants [part of a name …]`: puts each fault of `test/mutants/` into its kernel's WGSL and runs the
 * tests that should notice. Prints what became of each, and the score. Exits with 1 where one lives.
 *
 * First the same tests run without a fault: a test that fails anyway would notice everything. One Vitest runs them all;
 * its workers take the mutant's name from their environment (`test/mutants/setup.ts`), and how long they may run: a kernel that
 * loops for ever is noticed too.
 */

import { createVitest, type TestModule } from 'vitest/node';
import type { Selection } from '../test/mutants/wgsl/fault.ts';
import { WGSL_MUTANTS, type WgslMutant } from '../test/mutants/wgsl-mutants.ts';

/**
 * What tests made of a mutant. `endless`: they took many times as long as without it. `broken`: it does not compile. `not reached`:
 * no test made its WGSL.
 */
type Verdict = 'killed' | 'endless' | 'alive' | 'not reached' | 'broken' | 'equivalent';

/** What a selection of tests said. */
interface Outcome {
  readonly passed: boolean;
  readonly reached: boolean;
  readonly errors: readonly string[];
  readonly seconds: number;
}

/** For how long tests may run that take so many seconds without a fault. */
const allowedSeconds = (seconds: number): number => 30 + 5 * seconds;

const vitest = await createVitest('test', {
  config: 'test/mutants/vitest.config.ts',
  watch: false,
  bail: 1,
  reporters: [{}],
});
await vitest.globTestSpecifications();

async function runTests({ file, only }: Selection, mutant = '', limit = 600): Promise<Outcome> {
  process.env.FOVEA_MUTANT = mutant;
  process.env.FOVEA_MUTANT_SECONDS = String(limit);
  if (only === undefined) vitest.resetGlobalTestNamePattern();
  else vitest.setGlobalTestNamePattern(only);
  const specifications = vitest.getModuleSpecifications(`${vitest.config.root}/test/${file}`);
  if (specifications.length === 0) throw new Error(`there is no test file ${file}`);
  const start = performance.now();
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  const seconds = (performance.now() - start) / 1000;
  const errors = [...testModules.flatMap(errorsOf), ...unhandledErrors.map(String)];
  return { passed: errors.length === 0, reached: testModules.some(isReached), errors, seconds };
}

function errorsOf(module: TestModule): string[] {
  const failed = [...module.children.allTests('failed')].flatMap((test) => test.result().errors ?? []);
  return [...module.errors(), ...failed].map(({ message }) => message);
}

const isReached = (module: TestModule): boolean =>
  [...module.children.allTests()].some((test) => 'reached' in test.meta());

async function judge(
  { name, fault, tests }: WgslMutant,
  baseline: ReadonlyMap<string, number>,
): Promise<Verdict> {
  if (fault.equivalent !== undefined) return 'equivalent';
  let wasReached = false;
  for (const selection of tests) {
    const limit = allowedSeconds(baseline.get(JSON.stringify(selection))!);
    const { passed, reached, errors, seconds } = await runTests(selection, name, limit);
    // Its process was ended, so that nothing is known of what it reached.
    if (!passed && seconds >= limit) return 'endless';
    wasReached ||= reached;
    if (errors.some((message) => /WGSL|does not compile/.test(message))) return 'broken';
    if (!passed) return wasReached ? 'killed' : 'not reached';
  }
  return wasReached ? 'alive' : 'not reached';
}

/** Runs each selection without a fault; resolves to how many seconds each took. Throws where a test fails. */
async function runBaseline(mutants: readonly WgslMutant[]): Promise<Map<string, number>> {
  const selections = new Map(
    mutants.flatMap(({ tests }) => tests.map((selection) => [JSON.stringify(selection), selection] as const)),
  );
  const baseline = new Map<string, number>();
  for (const [text, selection] of selections) {
    const { passed, errors, seconds } = await runTests(selection);
    if (!passed) throw new Error(`${text} fails without a mutant:\n${errors.join('\n')}`);
    baseline.set(text, seconds);
  }
  console.log(`${selections.size} selections of tests pass without a mutant`);
  return baseline;
}

const parts = process.argv.slice(2);
const chosen = WGSL_MUTANTS.filter(
  ({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)),
);
const baseline = await runBaseline(chosen);

const counts = new Map<Verdict, number>();
for (const mutant of chosen) {
  const start = performance.now();
  const verdict = await judge(mutant, baseline);
  counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
  console.log(`${verdict.padEnd(11)} ${seconds} s  ${mutant.name}`);
}
await vitest.close();

const killed = (counts.get('killed') ?? 0) + (counts.get('endless') ?? 0);
const judged = chosen.length - (counts.get('equivalent') ?? 0);
console.log(
  `${chosen.length} mutants: ${[...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')}`,
);
console.log(`score: ${killed} of ${judged} that can be noticed, ${((100 * killed) / judged).toFixed(1)} %`);
process.exitCode = killed === judged ? 0 : 1;
