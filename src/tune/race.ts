/**
 * @file Finds out which of some contestants is the fastest, as surely as the noise of the machine allows.
 *
 * Contestants are measured in rounds, one sample of each per round, and compared within rounds: a machine that is slow for a while
 * is so for all of them. Of two, the ratios of their times in each round are looked at; one is slower where the whole interval
 * of the median ratio (`samples.ts`) lies above 1, which is a gain beyond the noise of both. The incumbent, which is taken where
 * nothing is measured, loses only where that is so after seven rounds: of two that are equally fast, one is ahead in seven
 * rounds of seven by chance once in 128 times, in ten or eleven of eleven once in 170. Otherwise it stays.
 */

import { intervalOf, median } from './samples.ts';

/** A contestant that takes this many times as long as the fastest one is out at once. */
const HOPELESS = 2;
/** Rounds after which a contestant that is slower than the fastest one is out. */
const ROUNDS_TO_LOSE = 3;
/** Rounds after which the incumbent may be. */
const ROUNDS_TO_REPLACE = 7;
const MOST_ROUNDS = 11;

/** Who takes part in a race. */
export interface Contestant {
  readonly name: string;
  /** Milliseconds of a run, newly measured. */
  sample(): Promise<number>;
}

/** What was measured of a contestant. */
export interface Timing {
  /** The median. */
  readonly milliseconds: number;
  /** Where it lies by its samples, see `intervalOf`. */
  readonly interval: readonly [low: number, high: number];
}

/** What came out of a race. */
export interface Race {
  readonly winner: string;
  readonly timings: ReadonlyMap<string, Timing>;
}

/** How a race is run. */
export interface RaceRules {
  /** The name of the contestant that stays unless another is faster. */
  readonly incumbent: string;
  /** How far a sample may be from the truth because of the clock, relative to it. */
  readonly error: number;
  /** Asked before each sample; the race is broken off where it says so. */
  readonly isStopped: () => boolean;
}

/** Runs the race; undefined where it was broken off. */
export async function race(
  contestants: readonly Contestant[],
  { incumbent, error, isStopped }: RaceRules,
): Promise<Race | undefined> {
  const samples = new Map<Contestant, number[]>(contestants.map((contestant) => [contestant, []]));
  const timesOf = (contestant: Contestant) => samples.get(contestant)!;
  let left = contestants;
  for (let round = 1; round <= MOST_ROUNDS && (left.length > 1 || round === 1); round++) {
    for (const contestant of left) {
      if (isStopped()) return undefined;
      timesOf(contestant).push(await contestant.sample());
    }
    const best = fastest(left, timesOf);
    left = left.filter((contestant) => {
      if (contestant === best) return true;
      const ratios = timesOf(contestant).map((time, i) => time / timesOf(best)[i]!);
      return !hasLost(ratios, error, contestant.name === incumbent);
    });
  }
  const winner = left.find(({ name }) => name === incumbent) ?? fastest(left, timesOf);
  const timings = contestants.map((contestant): [string, Timing] => {
    const times = timesOf(contestant);
    return [contestant.name, { milliseconds: median(times), interval: intervalOf(times, error) }];
  });
  return { winner: winner.name, timings: new Map(timings) };
}

function fastest(
  contestants: readonly Contestant[],
  timesOf: (contestant: Contestant) => readonly number[],
): Contestant {
  return contestants.reduce((best, contestant) =>
    median(timesOf(contestant)) < median(timesOf(best)) ? contestant : best,
  );
}

/** Whether a contestant is out, by its time over that of the best one in each round. */
function hasLost(ratios: readonly number[], error: number, isIncumbent: boolean): boolean {
  if (!isIncumbent && median(ratios) > HOPELESS) return true;
  const enough = ratios.length >= (isIncumbent ? ROUNDS_TO_REPLACE : ROUNDS_TO_LOSE);
  return enough && intervalOf(ratios, 2 * error)[0] > 1;
}
