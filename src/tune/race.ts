/**
 * @file Finds out which of some contestants is the fastest, as surely as the noise of the machine allows.
 *
 * Contestants are measured in rounds, one sample of each per round, so that a machine that slows down does so for all of them.
 * One is slower than another where its whole interval (`samples.ts`) lies above the other's: the gain exceeds the noise of
 * both. The incumbent, which is taken where nothing is measured, loses only where that is so after five rounds: if both
 * were equally fast, it would happen by chance in one of 252 cases (5! · 5! / 10!). Otherwise it stays.
 */

import { intervalOf, median } from './samples.ts';

/** A contestant that takes this many times as long as the fastest one is out at once. */
const HOPELESS = 2;
/** Rounds after which a contestant that is slower than the fastest one is out. */
const ROUNDS_TO_LOSE = 3;
/** Rounds after which the incumbent may be. */
const ROUNDS_TO_REPLACE = 5;
const MOST_ROUNDS = 9;

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
  const timingOf = (contestant: Contestant): Timing => {
    const times = samples.get(contestant)!;
    return { milliseconds: median(times), interval: intervalOf(times, error) };
  };
  let left = contestants;
  for (let round = 1; round <= MOST_ROUNDS && (left.length > 1 || round === 1); round++) {
    for (const contestant of left) {
      if (isStopped()) return undefined;
      samples.get(contestant)!.push(await contestant.sample());
    }
    const best = fastest(left, timingOf);
    left = left.filter(
      (contestant) =>
        contestant === best ||
        !hasLost(timingOf(contestant), timingOf(best), round, contestant.name === incumbent),
    );
  }
  const winner = left.find(({ name }) => name === incumbent) ?? fastest(left, timingOf);
  return {
    winner: winner.name,
    timings: new Map(contestants.map((contestant) => [contestant.name, timingOf(contestant)])),
  };
}

function fastest(
  contestants: readonly Contestant[],
  timingOf: (contestant: Contestant) => Timing,
): Contestant {
  return contestants.reduce((best, contestant) =>
    timingOf(contestant).milliseconds < timingOf(best).milliseconds ? contestant : best,
  );
}

function hasLost(timing: Timing, best: Timing, round: number, isIncumbent: boolean): boolean {
  if (!isIncumbent && timing.milliseconds > best.milliseconds * HOPELESS) return true;
  const enough = round >= (isIncumbent ? ROUNDS_TO_REPLACE : ROUNDS_TO_LOSE);
  return enough && timing.interval[0] > best.interval[1];
}
