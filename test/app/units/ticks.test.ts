import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ticksBetween } from '../../../app/src/charts/ticks.ts';

test.each([
  [0, 1, [0, 0.5, 1]],
  [0, 0.4, [0, 0.1, 0.2, 0.3, 0.4]],
  [1, 20, [5, 10, 15, 20]],
  [0.6812, 0.7013, [0.69, 0.7]],
  [-3, 3, [-2, 0, 2]],
])('from %d to %d', (least, most, ticks) => {
  expect(ticksBetween(least, most)).toEqual(ticks);
});

test('a range that is none has its one value', () => {
  expect(ticksBetween(2, 2)).toEqual([2]);
  expect(ticksBetween(2, Number.POSITIVE_INFINITY)).toEqual([2]);
  expect(ticksBetween(2, Number.NaN)).toEqual([2]);
});

test('they are a few, rise by one step, and lie within the range', () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const width = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(value, width, (least, span) => {
      const most = least + span;
      fc.pre(most - least > 1e-9 * Math.abs(least));
      const ticks = ticksBetween(least, most);
      expect(ticks.length).toBeGreaterThanOrEqual(1);
      expect(ticks.length).toBeLessThanOrEqual(6);
      const slack = 1e-11 * Math.max(Math.abs(least), Math.abs(most));
      for (const tick of ticks) {
        expect(tick).toBeGreaterThanOrEqual(least - slack);
        expect(tick).toBeLessThanOrEqual(most + slack);
      }
      const steps = ticks.slice(1).map((tick, i) => tick - ticks[i]!);
      for (const step of steps) expect(Math.abs(step - steps[0]!)).toBeLessThanOrEqual(2 * slack);
    }),
    { seed: 1, numRuns: 500 },
  );
});
