/**
 * @file Whether `verify` finds a fault: the checks that use the faulty kernel, on a device that compiles it with the fault.
 */

import { openDevice } from '../../src/tensor/open-device.ts';
import { scope } from '../../src/tensor/scope.ts';
import { algorithmsOf } from '../../src/tensor/tuning.ts';
import { algorithmChecks, type Check, opChecks, trainingCheck } from '../../src/verify/checks.ts';
import { findingOf } from '../../src/verify/verify.ts';
import { type Fault, mutate } from '../mutants/wgsl/fault.ts';
import { standInAdapters } from '../support/stand-in-adapter.ts';

/** A fault in a kernel. */
export interface FaultyKernel {
  readonly kernel: string;
  readonly fault: Fault;
}

/** A check with the kernels that it runs. */
interface Used {
  readonly check: Check;
  readonly kernels: ReadonlySet<string>;
}

/** All checks on a device of this kind. */
async function checksOn(hardware: boolean): Promise<Used[]> {
  const device = await openDevice(standInAdapters({ hardware }));
  const checks: Check[] = [
    ...algorithmChecks(algorithmsOf(device), device.target),
    ...opChecks(),
    trainingCheck(),
  ];
  const used = checks.map((check) => {
    const plans = device.dryRun(() => scope(device, () => void check.work(device)));
    return { check, kernels: new Set([...plans].map(({ name }) => name)) };
  });
  device.destroy();
  return used;
}

const checks = new Map<boolean, Promise<Used[]>>();

function knownChecks(hardware: boolean): Promise<Used[]> {
  const known = checks.get(hardware) ?? checksOn(hardware);
  checks.set(hardware, known);
  return known;
}

/** What becomes of a fault: `not reached` where no check compiles WGSL that has it. */
export type Verdict = 'found' | 'missed' | 'not reached';

/** Whether a check finds the fault, with what it says; on a GPU for kernels that only GPUs are given. */
export async function judge({ kernel, fault }: FaultyKernel): Promise<{ verdict: Verdict; about: string }> {
  let reached = false;
  for (const hardware of [false, true]) {
    const using = (await knownChecks(hardware)).filter(({ kernels }) => kernels.has(kernel));
    if (using.length === 0) continue;
    const rewrite = (wgsl: string, name: string) => {
      const wrong = name === kernel ? mutate(wgsl, fault) : wgsl;
      reached ||= wrong !== wgsl;
      return wrong;
    };
    const device = await openDevice(standInAdapters({ hardware, rewrite }));
    try {
      for (const { check } of using) {
        const { passed, about, error } = await findingOf(device, check);
        if (!passed && reached) return { verdict: 'found', about: `${about} (${error.toExponential(1)})` };
        if (!passed) throw new Error(`${about} is wrong without a fault: ${error}`);
      }
    } finally {
      device.destroy();
    }
    if (reached) return { verdict: 'missed', about: '' };
  }
  return { verdict: 'not reached', about: '' };
}
