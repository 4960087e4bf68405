import { expect, test } from 'vitest';
import { momentumPlan } from '../../src/kernels/optimizer/momentum.ts';
import { fromArray, maxAbsDifference, randomUniform, xorshift } from '../reference/array.ts';
import { momentumStep } from '../reference/momentum.ts';
import fc from '../support/fast-check.ts';
import { inMemory } from '../support/operands.ts';
import { runKernel } from '../support/run-kernel.ts';

const arbitraryUpdate = fc.record({
  learningRate: fc.constantFrom(0.005, 0.1, 1),
  momentum: fc.constantFrom(0, 0.9),
  nesterov: fc.boolean(),
  weightDecay: fc.constantFrom(0, 1e-4, 0.5),
});

test('steps as the reference does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 2000 }),
      arbitraryUpdate,
      fc.nat(),
      async (count, update, seed) => {
        const next = xorshift(seed);
        const [p, g, v] = [0, 1, 2].map(() => randomUniform([count], next));
        const expected = momentumStep(p!, g!, v!, update);
        const [parameters, , velocities] = await runKernel(momentumPlan(count, update), [
          inMemory(p!, 'row-major'),
          inMemory(g!, 'row-major'),
          inMemory(v!, 'row-major'),
        ]);
        const actual = (values: Float32Array) => fromArray([count], values.subarray(0, count));
        expect(maxAbsDifference(actual(parameters), expected.parameter)).toBeLessThan(1e-6);
        expect(maxAbsDifference(actual(velocities), expected.velocity)).toBeLessThan(1e-6);
      },
    ),
    { numRuns: 15 },
  );
});
