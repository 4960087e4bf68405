/**
 * @file Proves an adapter: whether every op, every algorithm for convolutions and a few training steps give the right results
 * on it, by figures that float64 references made beforehand (`scripts/make-verify-figures.ts`).
 */

import { checkOptions, FUNCTION, type OptionRules, SIGNAL, type StopSignal } from '../arguments.ts';
import type { Device } from '../device/device.ts';
import { REFERENCE_NAMES } from '../kernels/conv2d/selection.ts';
import { checkDevice } from '../tensor/check-device.ts';
import { scope } from '../tensor/scope.ts';
import { algorithmsOf } from '../tensor/tuning.ts';
import { VERSION } from '../version.ts';
import type { AlgorithmFinding, Certificate, Finding } from './certificate.ts';
import { type AlgorithmCheck, algorithmChecks, type Check, opChecks, trainingCheck } from './checks.ts';
import { measure } from './measure.ts';
import { runtimeName } from './runtime-name.ts';
import { spoilMemory } from './spoil-memory.ts';
import { strike } from './strike.ts';

/** How {@link verify} works. */
export interface VerifyOptions {
  /** Told after each check how many are done. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops when it is aborted: `verify` rejects with its reason, since half a proof is none. */
  readonly signal?: StopSignal;
}

const OPTIONS: OptionRules<VerifyOptions> = { onProgress: FUNCTION, signal: SIGNAL };

/** A check and what comes of it. */
interface Found<C> {
  readonly check: C;
  readonly finding: Finding;
}

/**
 * Whether the device computes what it should: every op and every algorithm for convolutions that may be chosen on its adapter, forward
 * and backward, on awkward shapes, then three training steps of a small residual network. Each runs twice, and must give the same bits
 * and, up to rounding, the results that float64 gives, whose figures are part of fovea. How far an error may go follows from the
 * number of roundings that float32 takes, and from the accuracy that WGSL asks of its functions.
 *
 * An algorithm that is wrong is not chosen on this device from now on, and `onWarning` of the device is told so; the certificate has
 * passed all the same, unless it is one that nothing can replace. Takes seconds, most of them for compiling kernels. Rejects where the device is lost or
 * out of memory meanwhile.
 *
 *     const certificate = await verify(device);
 *     if (!certificate.passed) console.log(JSON.stringify(certificate));
 */
export async function verify(device: Device, options: VerifyOptions = {}): Promise<Certificate> {
  checkDevice('verify', device);
  checkOptions('verify', options, OPTIONS);
  const start = performance.now();
  const ofAlgorithms = algorithmChecks(algorithmsOf(device), device.target);
  const [ofOps, ofTraining] = [opChecks(), trainingCheck()];
  const all = [...ofAlgorithms, ...ofOps, ofTraining];
  await compile(device, all);
  spoilMemory(device);
  let done = 0;
  const find = async <C extends Check>(checks: readonly C[]): Promise<Found<C>[]> => {
    const found: Found<C>[] = [];
    for (const check of checks) {
      options.signal?.throwIfAborted();
      found.push({ check, finding: await findingOf(device, check) });
      options.onProgress?.(++done, all.length);
    }
    return found;
  };
  const algorithms = worstBy(await find(ofAlgorithms), nameOfPass).map(({ check, finding }) => {
    return { algorithm: check.algorithm.name, pass: check.pass, ...finding };
  });
  const struck = strikeWrong(device, algorithms);
  const ops = worstBy(await find(ofOps), ({ op }) => op).map(({ check: { op }, finding }) => ({
    op,
    ...finding,
  }));
  const [{ finding: training }] = (await find([ofTraining])) as [Found<Check>];
  device.trim();
  const unmended = algorithms.filter(({ algorithm }) => !struck.includes(algorithm));
  const { name: adapter, vendor, architecture } = device.info;
  return {
    passed: [...unmended, ...ops, training].every(({ passed }) => passed),
    struck,
    adapter,
    vendor,
    architecture,
    runtime: runtimeName(),
    fovea: VERSION,
    seconds: (performance.now() - start) / 1000,
    algorithms,
    ops,
    training,
  };
}

const nameOfPass = ({ algorithm, pass }: AlgorithmCheck): string => `${algorithm.name} ${pass}`;

/** Has the device choose no longer among the algorithms that are wrong, and tells their names. */
function strikeWrong(device: Device, found: readonly AlgorithmFinding[]): string[] {
  const wrong = found.filter(({ passed, algorithm }) => !passed && !REFERENCE_NAMES.includes(algorithm));
  const names = [...new Set(wrong.map(({ algorithm }) => algorithm))];
  strike(device, names);
  for (const name of names) {
    const words = `convolutions by the algorithm '${name}' are wrong on ${device.info.name} and will not be used`;
    device.onWarning(`${words}: please report what \`fovea verify\` prints`);
  }
  return names;
}

/** Compiles all kernels at once. What a compiler refuses is found again by the check that runs it. */
async function compile(device: Device, checks: readonly Check[]): Promise<void> {
  const works = () => {
    for (const { work } of checks) scope(device, () => void work(device));
  };
  await device.prepare(works).catch(() => undefined);
}

/** What comes of a check. */
export async function findingOf(device: Device, { about, figures, bound, work }: Check): Promise<Finding> {
  const measured = await measure(device, figures, () => work(device));
  const words = [about, measured.about].filter(Boolean).join(': ');
  return { error: measured.error, bound, passed: measured.error <= bound, about: words };
}

/** Of the findings of one key the one whose error is the largest share of its bound, in the order in which keys come. */
function worstBy<C>(found: readonly Found<C>[], keyOf: (check: C) => string): Found<C>[] {
  const worst = new Map<string, Found<C>>();
  const shareOf = ({ finding }: Found<C>) => finding.error / finding.bound;
  for (const each of found) {
    const key = keyOf(each.check);
    const before = worst.get(key);
    if (!before || shareOf(each) > shareOf(before)) worst.set(key, each);
  }
  return [...worst.values()];
}
