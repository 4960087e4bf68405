/**
 * @file Puts the mutant that `FOVEA_MUTANT` names into its kernel, for the test file that runs after this, and ends the process after
 * `FOVEA_MUTANT_SECONDS`.
 */

import { Worker } from 'node:worker_threads';
import { afterEach, vi } from 'vitest';

// From another thread, since this one may wait in the driver for a kernel that never ends.
const milliseconds = 1000 * Number(process.env.FOVEA_MUTANT_SECONDS ?? 600);
new Worker(`setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${milliseconds})`, { eval: true }).unref();

/** Whether WGSL with the fault in it was made: else no test reached it. */
let reached = false;

afterEach(({ task }) => {
  if (reached) Object.assign(task.meta, { reached });
});

vi.mock('../../src/kernels/kernel.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../src/kernels/kernel.ts')>();
  const { WGSL_MUTANTS } = await import('./wgsl-mutants.ts');
  const { mutate } = await import('./wgsl/fault.ts');
  const mutant = WGSL_MUTANTS.find(({ name }) => name === process.env.FOVEA_MUTANT);
  if (!mutant) return original;
  const defineKernel: typeof original.defineKernel = (definition) => {
    const make = original.defineKernel(definition);
    if (definition.name !== mutant.kernel) return make;
    return (...sizes) => {
      const plan = make(...sizes);
      const wgsl = () => {
        const right = plan.wgsl();
        const wrong = mutate(right, mutant.fault);
        reached ||= wrong !== right;
        return wrong;
      };
      return { ...plan, wgsl };
    };
  };
  return { ...original, defineKernel };
});
