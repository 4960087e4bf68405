import { describe, expect, test } from 'vitest';
import { type Activation, activations, normalShare } from './activations.ts';

// Φ by 30 digits of mpmath's ncdf.
test.each([
  [-8, 6.22096057427178e-16],
  [-3, 0.00134989803163009],
  [-0.5, 0.308537538725987],
  [0, 0.5],
  [1, 0.841344746068543],
  [3.5, 0.999767370920964],
])('the normal distribution at %d', (x, share) => {
  expect(normalShare(x) / share).toBeCloseTo(1, 11);
});

describe.each(Object.entries<Activation>(activations))('%s', (_, { value, derivative, from = -7 }) => {
  test('has the slope that its values have', () => {
    const points = [-5.1, -2.9, -0.7, 0.01, 0.4, 1.7, 2.8, 4.3].filter((x) => x > from);
    for (const x of points) {
      const h = 1e-5;
      const slope = (value(x + h) - value(x - h)) / (2 * h);
      expect(Math.abs(derivative(x) - slope)).toBeLessThan(1e-7 * Math.max(1, Math.abs(slope)));
    }
  });
});
