/**
 * @file `npm run test:runtimes [-- part of a name …]`: runs one suite on the packed package in every runtime, each of a pinned version,
 * two at a time. Prints what fails, and at the end a table; exits with 1 where anything failed. A runtime that cannot be had is skipped,
 * but in CI counts as failed. `--certificates` keeps what `verify` found in docs/certificates/.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { textTable } from '../../src/text-table.ts';
import { type Certificate, certificateText } from '../../src/verify/certificate.ts';
import type { Reference } from '../golden/train-as-reference.ts';
import { GPU, kernelPlans, SOFTWARE } from '../mutants/plans.ts';
import { makeProject, removeProject } from './project.ts';
import type { Runtime } from './runtime.ts';
import { RUNTIMES } from './runtimes.ts';
import type { CheckResult } from './suite/report.ts';
import type { SuiteInput } from './suite/suite.ts';
import { SAME_BITS } from './suite/training.ts';

const FIGURES = '../shared/golden/resnet50-64x64-b8.json';
const AT_A_TIME = 2;

/** What became of one runtime. */
interface Outcome {
  readonly runtime: Runtime;
  readonly version: string;
  readonly adapter: string;
  readonly results: readonly CheckResult[];
  readonly seconds: number;
  /** Why it could not be had, */
  readonly missing?: string;
  /** or not be run to its end. */
  readonly trouble?: string;
}

function makeInputs(): (runtime: Runtime) => SuiteInput {
  const reference = existsSync(FIGURES)
    ? (JSON.parse(readFileSync(FIGURES, 'utf8')) as Reference)
    : undefined;
  if (!reference) console.log(`skipped the figures of float64: there is no ${FIGURES}`);
  const plans = new Map([...kernelPlans(SOFTWARE), ...kernelPlans(GPU)].map((plan) => [plan.key, plan]));
  const kernels = [...plans.values()].map((plan) => ({ ...plan, wgsl: plan.wgsl() }));
  return ({ extent }) => ({
    kernels: extent === 'least' ? [] : kernels,
    programs: extent === 'all' ? 3 : 1,
    verify: extent !== 'least',
    algorithms: extent === 'all',
    ...(extent === 'all' && { reference }),
  });
}

async function runRuntime(runtime: Runtime, input: SuiteInput): Promise<Outcome> {
  const start = performance.now();
  const results: CheckResult[] = [];
  let [version, adapter, hasFinished] = ['', '', false];
  const outcome = (why: Pick<Outcome, 'missing' | 'trouble'> = {}): Outcome => {
    const seconds = (performance.now() - start) / 1000;
    return { runtime, version, adapter, results, seconds, ...why };
  };
  try {
    version = await runtime.find();
  } catch (error) {
    return outcome({ missing: (error as Error).message });
  }
  try {
    await runtime.run(input, (line) => {
      if ('adapter' in line) adapter = line.adapter;
      if ('finished' in line) hasFinished = true;
      if ('certificate' in line && keepsCertificates) keep(runtime, line.certificate);
      if (!('passed' in line)) return;
      results.push(line);
      if (line.error) console.log(`FAILED  ${runtime.name}: ${line.name}: ${line.error}`);
    });
    return outcome(hasFinished ? {} : { trouble: 'it ended before the suite did' });
  } catch (error) {
    return outcome({ trouble: (error as Error).message });
  }
}

function keep({ name }: Runtime, certificate: Certificate): void {
  const file = `${driverOf(certificate.adapter)} ${name}`.toLowerCase().replace(/\W+/g, '-');
  writeFileSync(`docs/certificates/${file}.txt`, `${certificateText(certificate)}\n`);
}

/** The driver of an adapter, which every runtime calls something else, and Firefox nothing. */
const driverOf = (adapter: string): string =>
  /lavapipe|llvmpipe|swiftshader/i.exec(adapter)?.[0].toLowerCase() ?? adapter;

/** The results that must be those of `first` by the same driver, bit for bit, and are not. */
function differing({ results, adapter }: Outcome, first: Outcome): CheckResult[] {
  if (driverOf(adapter) !== driverOf(first.adapter)) return [];
  const digestIn = (all: readonly CheckResult[]) => all.find(({ name }) => name === SAME_BITS)?.digest;
  return results.filter(({ name, digest }) => name === SAME_BITS && digest !== digestIn(first.results));
}

/** How many results are those of `first` by the same driver, bit for bit, of how many. */
function sameBits({ results, adapter }: Outcome, first: Outcome): string {
  if (driverOf(adapter) !== driverOf(first.adapter)) return '';
  const expected = new Map(first.results.map(({ name, digest }) => [name, digest]));
  const both = results.filter(({ name, digest }) => digest !== undefined && expected.get(name) !== undefined);
  return `${both.filter(({ name, digest }) => expected.get(name) === digest).length} of ${both.length}`;
}

/** Says how a runtime did; gives whether it did well. */
function report(outcome: Outcome, first: Outcome): boolean {
  const { runtime, results, missing, trouble } = outcome;
  const differs = differing(outcome, first).map(
    ({ name }) => `${name}: not the bits of ${first.runtime.name}`,
  );
  const troubles = [...differs, ...(trouble === undefined ? [] : [trouble])];
  if (missing !== undefined && process.env.CI) troubles.push(missing);
  else if (missing !== undefined) console.log(`skipped ${runtime.name}: ${missing}`);
  for (const each of troubles) console.log(`FAILED  ${runtime.name}: ${each}`);
  return troubles.length === 0 && results.every(({ passed }) => passed);
}

function row(outcome: Outcome, first: Outcome): string[] {
  const { runtime, version, adapter, results, seconds } = outcome;
  const skipped = results.filter((result) => result.skipped !== undefined).length;
  const failed = results.filter(({ passed }) => !passed).length;
  const counts = [results.length - failed - skipped, failed, skipped].map(String);
  const bits = outcome === first ? '' : sameBits(outcome, first);
  return [runtime.name, version, adapter, runtime.compiler, ...counts, bits, seconds.toFixed(0)];
}

const HEADINGS = [
  'runtime',
  'version',
  'adapter',
  'compiler',
  'passed',
  'failed',
  'skipped',
  'same bits',
  's',
];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { certificates: { type: 'boolean', default: false } },
});
const keepsCertificates = values.certificates;
const wanted = positionals.map((part) => part.toLowerCase());
const chosen = RUNTIMES.filter(
  ({ name }) => wanted.length === 0 || wanted.some((part) => name.toLowerCase().includes(part)),
);
const inputFor = makeInputs();
await makeProject();
const outcomes = new Map<Runtime, Outcome>();
const waiting = [...chosen];
const work = async () => {
  for (let runtime = waiting.shift(); runtime; runtime = waiting.shift())
    outcomes.set(runtime, await runRuntime(runtime, inputFor(runtime)));
};
await Promise.all(Array.from({ length: AT_A_TIME }, work));
await removeProject();
const inOrder = chosen.map((runtime) => outcomes.get(runtime)!);
const first = inOrder[0];
if (!first) throw new Error(`no runtime is called ${wanted.join(', ')}`);
const verdicts = inOrder.map((outcome) => report(outcome, first));
console.log(
  textTable(
    HEADINGS,
    inOrder.map((outcome) => row(outcome, first)),
    { numbers: [4, 5, 6, 8] },
  ),
);
process.exitCode = verdicts.every(Boolean) ? 0 : 1;
