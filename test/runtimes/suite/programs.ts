/**
 * @file Random programs of all ops, forward and backward, against a float64 tape.
 */

import fc from 'fast-check';
import type { Device } from '../../../src/device/device.ts';
import { disagreement } from '../../random-graphs/judge.ts';
import { arbitraryDraft, build, KINDS, type Program } from '../../random-graphs/program.ts';
import { runProgram } from '../../random-graphs/run-program.ts';
import type { Outcome } from '../../random-graphs/tape.ts';
import { drawValues } from '../../random-graphs/values.ts';
import { digestOf, type Reporter } from './report.ts';

/** So many drafts hold every op often enough. */
const DRAFTS = 20_000;

/** Runs programs until each op was a part of `times` of them: one check for each program, and one that no op is left out. */
export async function checkPrograms(device: Device, times: number, reporter: Reporter): Promise<void> {
  const counts = new Map<string, number>(KINDS.map((kind) => [kind, 0]));
  const isWanted = (kind: string) => counts.get(kind)! < times;
  for (const [i, draft] of fc.sample(arbitraryDraft(12), { numRuns: DRAFTS, seed: 1 }).entries()) {
    if (!KINDS.some(isWanted)) break;
    const program = build(draft);
    const kinds = new Set(program?.ops.map(({ op }) => op));
    if (!program || ![...kinds].some(isWanted)) continue;
    const start = performance.now();
    const outcome = await judge(device, program);
    if (outcome === 'noise decides it') continue;
    for (const kind of kinds) counts.set(kind, counts.get(kind)! + 1);
    const check = async () => {
      if (typeof outcome === 'string') throw new Error(`${outcome}\n${JSON.stringify(program)}`);
      return digestOf(outcome);
    };
    await reporter.check(`program ${i}: ${[...kinds].join(', ')}`, check, start);
  }
  await reporter.check('every op has a part in programs', async () => {
    const missing = KINDS.filter(isWanted);
    if (missing.length > 0) throw new Error(`too few programs hold ${missing.join(', ')}`);
    return undefined;
  });
}

/** All values that a program gives, or what is wrong with them. */
async function judge(device: Device, program: Program): Promise<Float32Array[] | string> {
  const values = drawValues(program);
  let outcome: Outcome | undefined;
  const found = await disagreement(program, values, async () => {
    outcome = await runProgram(device, program, values);
    return outcome;
  });
  if (found === null) return 'noise decides it';
  if (found !== undefined || !outcome) return found ?? 'it was not run';
  const { losses, gradients, running } = outcome;
  return [...losses, ...gradients, ...running].flatMap((array) =>
    array ? [Float32Array.from(array.data)] : [],
  );
}
