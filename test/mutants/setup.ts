/**
 * @file Puts the mutant that `FOVEA_MUTANT` names into its kernel, for the test file that runs after this. fast-check
 * draws the same values each time, and does not shrink: one failure is enough.
 */

import fc from 'fast-check';
import { vi } from 'vitest';

/** Printed when the first WGSL with the fault in it is made: else no test reached it. */
const REACHED = '[mutant reached]\n';

fc.configureGlobal({ seed: 1, endOnFailure: true });

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
        if (wrong !== right) process.stderr.write(REACHED);
        return wrong;
      };
      return { ...plan, wgsl };
    };
  };
  return { ...original, defineKernel };
});
