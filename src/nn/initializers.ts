/**
 * @file Initial values of parameters.
 */

import { atLeast, checkArgument, FINITE, NUMBER, whole } from '../arguments.ts';
import type { Device } from '../device/device.ts';
import { check } from '../errors.ts';
import { RANDOM, type Random } from '../random.ts';
import { checkShape, formatShape, INDEX_LIMIT, type Shape, sizeOf } from '../shape/shape.ts';

/** Makes `count` initial values. */
export type Initializer = (count: number, random: Random) => Float32Array<ArrayBuffer>;

const COUNT = whole(0, INDEX_LIMIT);
const FAN = whole(1);

/** Throws 'unsupported' where a device cannot hold a parameter of this shape: to be asked before its values are made. */
export function checkParameterShape(device: Device, shape: Shape): void {
  checkShape(shape);
  const bytes = sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT;
  const { maxBufferSize } = device.info.limits;
  check(
    bytes <= maxBufferSize,
    'unsupported',
    () =>
      `a parameter of shape ${formatShape(shape)} takes ${bytes} bytes, the adapter's largest buffer is ${maxBufferSize}: ` +
      'use fewer channels',
  );
}

/** Every value the same. */
export function constant(value: number): Initializer {
  checkArgument('the value of constant', value, NUMBER);
  return (count) => {
    checkArgument('the count of initial values', count, COUNT);
    return new Float32Array(count).fill(value);
  };
}

/** Uniform in [low, high). */
export function uniform(low: number, high: number): Initializer {
  checkArgument('the lower bound of uniform', low, FINITE);
  checkArgument('the upper bound of uniform', high, FINITE);
  return (count, random) => {
    checkDraw(count, random);
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
  checkArgument('fanIn of xavierUniform', fanIn, FAN);
  checkArgument('fanOut of xavierUniform', fanOut, FAN);
  const bound = Math.sqrt(6 / (fanIn + fanOut));
  return uniform(-bound, bound);
}

/** Normal with the given mean and standard deviation. */
export function normal(mean: number, deviation: number): Initializer {
  checkArgument('the mean of normal', mean, FINITE);
  checkArgument('the deviation of normal', deviation, atLeast(0));
  return (count, random) => {
    checkDraw(count, random);
    const values = new Float32Array(count);
    fillNormal(values, random);
    for (let i = 0; i < count; i++) values[i] = mean + deviation * values[i]!;
    return values;
  };
}

function checkDraw(count: number, random: Random): void {
  checkArgument('the count of initial values', count, COUNT);
  checkArgument('the generator of initial values', random, RANDOM);
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
