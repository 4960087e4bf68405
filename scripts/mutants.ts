/**
 * @file `npm run mutants [part of a name …]`: puts each fault of `test/mutants/` into its kernel's WGSL and runs the
 * tests that should notice. Prints what became of each, and the score. Exits with 1 where one lives.
 *
 * First the same tests run without a fault: a test that fails anyway would notice everything. One Vitest runs them all;
 * its workers take the mutant's name from their environment (`test/mutants/setup.ts`).
 */

import { createVitest, type TestModule } from 'vitest/node';
import type { Selection } from '../test/mutants/wgsl/fault.ts';
import { WGSL_MUTANTS, type WgslMutant } from '../test/mutants/wgsl-mutants.ts';

/** What tests made of a mutant. `broken`: it does not compile. `not reached`: no test made its WGSL. */
type Verdict = 'killed' | 'alive' | 'not reached' | 'broken' | 'equivalent';

/** What a selection of tests said. */
interface Outcome {
  readonly passed: boolean;
  readonly reached: boolean;
  readonly errors: readonly string[];
}

const vitest = await createVitest('test', {
  config: 'test/mutants/vitest.config.ts',
  watch: false,
  bail: 1,
  reporters: [{}],
});
await vitest.globTestSpecifications();

async function runTests({ file, only }: Selection, mutant = ''): Promise<Outcome> {
  process.env.FOVEA_MUTANT = mutant;
  if (only === undefined) vitest.resetGlobalTestNamePattern();
  else vitest.setGlobalTestNamePattern(only);
  const specifications = vitest.getModuleSpecifications(`${vitest.config.root}/test/${file}`);
  if (specifications.length === 0) throw new Error(`there is no test file ${file}`);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  const errors = [...testModules.flatMap(errorsOf), ...unhandledErrors.map(String)];
  return { passed: errors.length === 0, reached: testModules.some(isReached), errors };
}

function errorsOf(module: TestModule): string[] {
  const failed = [...module.children.allTests('failed')].flatMap((test) => test.result().errors ?? []);
  return [...module.errors(), ...failed].map(({ message }) => message);
}

const isReached = (module: TestModule): boolean =>
  [...module.children.allTests()].some((test) => 'reached' in test.meta());

async function judge({ name, fault, tests }: WgslMutant): Promise<Verdict> {
  if (fault.equivalent !== undefined) return 'equivalent';
  let wasReached = false;
  for (const selection of tests) {
    const { passed, reached, errors } = await runTests(selection, name);
    wasReached ||= reached;
    if (errors.some((message) => /WGSL|does not compile/.test(message))) return 'broken';
    if (!passed) return wasReached ? 'killed' : 'not reached';
  }
  return wasReached ? 'alive' : 'not reached';
}

/** Runs each selection without a fault; throws where a test fails. */
async function checkBaseline(mutants: readonly WgslMutant[]): Promise<void> {
  const selections = new Map(
    mutants.flatMap(({ tests }) => tests.map((selection) => [JSON.stringify(selection), selection] as const)),
  );
  for (const [text, selection] of selections) {
    const { passed, errors } = await runTests(selection);
    if (!passed) throw new Error(`${text} fails without a mutant:\n${errors.join('\n')}`);
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
await vitest.close();

const killed = counts.get('killed') ?? 0;
const judged = chosen.length - (counts.get('equivalent') ?? 0);
console.log(
  `${chosen.length} mutants: ${[...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')}`,
);
console.log(`score: ${killed} of ${judged} that can be noticed, ${((100 * killed) / judged).toFixed(1)} %`);
process.exitCode = killed === judged ? 0 : 1;
