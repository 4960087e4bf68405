/**
 * @file Whether a program gives what a float64 tape gives, as far as float32 can.
 */

import { FoveaError } from '../../src/errors.ts';
import { type NdArray, xorshift } from '../reference/array.ts';
import type { Program } from './program.ts';
import { type Outcome, runTape } from './tape.ts';
import type { Values } from './values.ts';

/** Relative noise on what the tape computes: a few roundings of float32. */
const NOISE = 2 ** -22;
/** How much further than the noise moves it, and how far beyond, as a share of its largest element, a result may be off. */
const NOISE_FACTOR = 20;
const TOLERANCE = 2e-5;
/** Of a result that noise moves further than this share, nothing can be said. */
const UNSTABLE = 1e-2;

/** What disagrees, in words; undefined where the program can be trusted, null where noise decides it. */
export async function disagreement(
  program: Program,
  values: Values,
  run: () => Promise<Outcome>,
): Promise<string | undefined | null> {
  const exact = runTape(program, values);
  const next = xorshift(program.seed + 7);
  const noisy = [1, 2, 3].map(() => runTape(program, values, () => NOISE * (2 * next() - 1)));
  const expected = labelled(exact);
  const spreads = expected.map(([, array], i) =>
    spread(
      array,
      noisy.map((outcome) => labelled(outcome)[i]![1]),
    ),
  );
  if (spreads.some((found) => !(found < UNSTABLE))) return null;
  let actual: Outcome;
  try {
    actual = await run();
  } catch (error) {
    return error instanceof FoveaError ? `${error.code}: ${error.message}` : String(error);
  }
  for (const [i, [name, array]] of labelled(actual).entries()) {
    const reference = expected[i]![1];
    if (!array !== !reference)
      return `${name}: ${array ? 'a' : 'no'} gradient, the tape has ${reference ? 'one' : 'none'}`;
    const error = spread(reference, [array]);
    if (!(error <= TOLERANCE + NOISE_FACTOR * spreads[i]!))
      return `${name}: ${array!.data} instead of ${reference!.data}, off by ${error} (noise ${spreads[i]})`;
  }
  return undefined;
}

function labelled({ losses, gradients, running }: Outcome): [string, NdArray | undefined][] {
  return [
    ...losses.map((array, i) => [`loss ${i}`, array] as [string, NdArray]),
    ...gradients.map((array, i) => [`gradient of leaf ${i}`, array] as [string, NdArray | undefined]),
    ...running.map((array, i) => [`running statistic ${i}`, array] as [string, NdArray | undefined]),
  ];
}

/** How far `others` are from `reference` at most, as a share of its largest element; 0 where there is none. */
function spread(reference: NdArray | undefined, others: readonly (NdArray | undefined)[]): number {
  if (!reference) return 0;
  const scale = reference.data.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-3);
  return others.reduce(
    (most, other) =>
      reference.data.reduce((far, x, i) => Math.max(far, Math.abs(x - other!.data[i]!) / scale), most),
    0,
  );
}
