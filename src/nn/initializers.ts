/**
 * @file Initial values of parameters.
 */

import type { Random } from '../random.ts';

/** Makes `count` initial values. */
export type Initializer = (count: number, random: Random) => Float32Array<ArrayBuffer>;

/** Every value the same. */
export function constant(value: number): Initializer {
  return (count) => new Float32Array(count).fill(value);
}

/** Uniform in [low, high). */
export function uniform(low: number, high: number): Initializer {
  return (count, random) => {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) values[i] = low + (high - low) * random.uniform();
    return values;
  };
}

/**
 * Uniform in ±√(6 / (fanIn + fanOut)): X. Glorot and Y. Bengio, "Understanding the difficulty of training deep
 * feedforward neural networks", AISTATS 2010.
 */
export function xavierUniform(fanIn: number, fanOut: number): Initializer {
  const bound = Math.sqrt(6 / (fanIn + fanOut));
  return uniform(-bound, bound);
}

/** Normal with the given mean and standard deviation. */
export function normal(mean: number, deviation: number): Initializer {
  return (count, random) => {
    const values = new Float32Array(count);
    fillNormal(values, random);
    for (let i = 0; i < count; i++) values[i] = mean + deviation * values[i]!;
    return values;
  };
}

/**
 * Fills `values` with normal numbers of mean 0 and standard deviation 1. Box and Muller's transform makes two of
 * two uniform numbers, and unlike `Random.normal` this takes both.
 */
export function fillNormal(values: Float32Array, random: Random): void {
  for (let i = 0; i < values.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
    const angle = 2 * Math.PI * random.uniform();
    values[i] = radius * Math.cos(angle);
    values[i + 1] = radius * Math.sin(angle); // beyond the end of an odd length: ignored
  }
}
