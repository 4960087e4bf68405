/**
 * @file The parameters of convolutions: a filter, and a number for each channel that comes out.
 */

import { BOOLEAN, FUNCTION, type OptionRules, required, whole } from '../arguments.ts';
import type { Device } from '../device/device.ts';
import { check } from '../errors.ts';
import { RANDOM, type Random } from '../random.ts';
import { expandPair, PAIR, type Pair } from '../shape/window.ts';
import { generatorOf } from '../tensor/generator.ts';
import { checkParameterShape, constant, type Initializer, normal } from './initializers.ts';
import { Parameter } from './parameter.ts';

/** How the filter of a convolution is made. */
export interface FilterOptions {
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the result. */
  readonly outChannels: number;
  /** Height and width of the filter. */
  readonly kernel: Pair;
  /** Whether to add a learnt number to every output channel, false by default. */
  readonly bias?: boolean;
  /** Gives the initial filter, the device's generator by default: see `manualSeed`. */
  readonly random?: Random;
  /** How, by default Normal(0, √(2 / (kh · kw · inChannels))), all input channels counted even where there are groups. */
  readonly weightInitializer?: Initializer;
}

/** The rules of {@link FilterOptions}. */
export const FILTER_OPTIONS: OptionRules<FilterOptions> = {
  inChannels: required(whole(1)),
  outChannels: required(whole(1)),
  kernel: required(PAIR),
  bias: BOOLEAN,
  random: RANDOM,
  weightInitializer: FUNCTION,
};

/**
 * The filter `[rows, columns / groups, kh, kw]` of the layer `name` and its bias, which begins at 0. Throws 'invalid-argument' where
 * the groups do not divide the channels, 'unsupported' where the device cannot hold it.
 */
export function filterOf(
  name: string,
  device: Device,
  options: FilterOptions & { readonly groups?: number },
  [rows, columns]: readonly [rows: number, columns: number],
): { weight: Parameter; bias: Parameter | undefined } {
  const { inChannels, outChannels, kernel, bias, groups = 1, random = generatorOf(device) } = options;
  check(
    inChannels % groups === 0 && outChannels % groups === 0,
    'invalid-argument',
    () =>
      `${name}: ${inChannels} input and ${outChannels} output channels do not both divide into ${groups} groups`,
  );
  const [height, width] = expandPair(kernel, `${name}'s kernel`);
  const initializer = options.weightInitializer ?? normal(0, Math.sqrt(2 / (height * width * inChannels)));
  const shape = [rows, columns / groups, height, width];
  checkParameterShape(device, shape);
  const values = initializer(rows * (columns / groups) * height * width, random);
  const weight = new Parameter(device, values, shape, { layout: 'filter' });
  const zeros = bias ? constant(0)(outChannels, random) : undefined;
  return { weight, bias: zeros && new Parameter(device, zeros, [outChannels]) };
}
