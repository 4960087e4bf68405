import { expect, test } from 'vitest';
import { constant, fillNormal, normal, uniform, xavierUniform } from '../../src/nn/initializers.ts';
import { Random } from '../../src/random.ts';

function moments(values: Float32Array) {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

test('normal has the mean and deviation asked for, and the tails of a normal distribution', () => {
  const values = normal(3, 0.5)(200_000, new Random(7));
  const { mean, deviation } = moments(values);
  expect(mean).toBeCloseTo(3, 2);
  expect(deviation).toBeCloseTo(0.5, 2);
  const beyond = (sigmas: number) =>
    values.filter((value) => Math.abs(value - 3) > 0.5 * sigmas).length / values.length;
  expect(beyond(1)).toBeCloseTo(0.3173, 2);
  expect(beyond(3)).toBeCloseTo(0.0027, 3);
});

test('fillNormal takes both numbers of each pair, and fills an odd length', () => {
  const values = new Float32Array(5);
  const random = new Random(1);
  fillNormal(values, random);
  expect(random.state.drawn).toBe(6);
  const plain = new Random(1);
  const cosines = [plain.normal(), plain.normal(), plain.normal()].map(Math.fround);
  expect([values[0], values[2], values[4]]).toEqual(cosines);
  const radius = Math.sqrt(-2 * Math.log(1 - new Random(1).uniform()));
  expect(Math.hypot(values[0]!, values[1]!)).toBeCloseTo(radius, 6);
});

test('uniform stays within its bounds and fills them', () => {
  const values = uniform(-2, 6)(50_000, new Random(3));
  expect(Math.min(...values.subarray(0, 10_000))).toBeGreaterThanOrEqual(-2);
  expect(Math.max(...values.subarray(0, 10_000))).toBeLessThan(6);
  const { mean, deviation } = moments(values);
  expect(mean).toBeCloseTo(2, 1);
  expect(deviation).toBeCloseTo(8 / Math.sqrt(12), 1);
});

test('xavierUniform is bounded by √(6 / (fanIn + fanOut))', () => {
  const values = xavierUniform(20, 4)(20_000, new Random(5));
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest).toBeLessThanOrEqual(0.5);
  expect(largest).toBeGreaterThan(0.499);
});

test('constant draws nothing', () => {
  const random = new Random(1);
  expect([...constant(0.25)(3, random)]).toEqual([0.25, 0.25, 0.25]);
  expect(random.state.drawn).toBe(0);
});
