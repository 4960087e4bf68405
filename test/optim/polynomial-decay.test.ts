import { expect, test } from 'vitest';
import { PolynomialDecay } from '../../src/optim/polynomial-decay.ts';

test("falls as the original's does", () => {
  const decay = new PolynomialDecay({ initial: 0.005, steps: 102.5, end: 0.001 });
  expect(decay.at(0)).toBe(0.005);
  expect(decay.at(1)).toBeCloseTo(0.0049609756, 10);
  expect(decay.at(40)).toBeCloseTo(0.0034390244, 10);
  expect(decay.at(102)).toBeCloseTo(0.0010195122, 10);
  expect(decay.at(103)).toBe(0.001);
  expect(decay.at(1000)).toBe(0.001);
});

test('follows its power and ends at 1e-4 by default', () => {
  const decay = new PolynomialDecay({ initial: 1.0001, steps: 10, power: 2 });
  expect(decay.at(5)).toBeCloseTo(0.2501, 12);
  expect(decay.at(10)).toBe(1e-4);
});

test('begins anew over a longer time where it cycles', () => {
  const decay = new PolynomialDecay({ initial: 1, steps: 10, end: 0, cycle: true });
  expect([0, 5, 10, 15, 20, 25].map((step) => decay.at(step))).toEqual([1, 0.5, 0, 0.25, 0, 1 - 25 / 30]);
});

test('refuses what is no rate', () => {
  const decay = { initial: 1, steps: 2, end: 0.1, power: 1 };
  for (const name of Object.keys(decay)) {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1, '1', null])
      expect(() => new PolynomialDecay({ ...decay, [name]: value })).toThrow(
        new RegExp(`${name} of PolynomialDecay is .*: it must be a finite number`),
      );
  }
  expect(() => new PolynomialDecay({ steps: 2 } as never)).toThrow(/initial of PolynomialDecay is undefined/);
  expect(() => new PolynomialDecay(decay).at(Number.NaN)).toThrow(/the step of PolynomialDecay is NaN/);
});

test('refuses a decay over no steps', () => {
  expect(() => new PolynomialDecay({ initial: 1, steps: 0 })).toThrow(
    /steps of PolynomialDecay is 0: it must be a finite number greater than 0/,
  );
});
