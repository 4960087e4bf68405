/**
 * @file Divides labelled samples into training and validation sets: each class in the same proportion, and copies of one photograph on
 * one side.
 */

import {
  ARRAY,
  checkOptions,
  describe,
  listOf,
  type OptionRules,
  type Rule,
  required,
  SEED,
  STRING,
  whole,
} from '../arguments.ts';
import { counted } from '../counted.ts';
import { check } from '../errors.ts';
import { Random } from '../random.ts';
import { duplicatesIn } from './duplicates.ts';
import { Groups } from './groups.ts';
import { checkSamples, type Sample } from './sample.ts';
import type { SampleFiles } from './sample-files.ts';

/** What `splitSamples` and `foldSamples` both take. */
export interface DivisionOptions {
  /** Seed of the choice, 0 by default. The same samples, options and seed give the same sets. */
  readonly seed?: number;
  /** Groups of samples to be kept on one side, beside those whose files are byte-identical: near-identical ones, those of a patient. */
  readonly together?: readonly (readonly Sample[])[];
  /** The names of the classes by label, for messages. */
  readonly classes?: readonly string[];
}

/** How `splitSamples` divides. */
export interface SplitOptions extends DivisionOptions {
  /** The share of the samples of each class that is to be validated on, between 0 and 1. */
  readonly share: number;
}

/** How `foldSamples` divides. */
export interface FoldOptions extends DivisionOptions {
  /** How many folds, 2 or more. */
  readonly folds: number;
}

/** Two sets without a photograph in common. Both are in the order of the samples that were divided. */
export interface Split {
  /** What to train on. */
  readonly training: readonly Sample[];
  /** What to validate on. */
  readonly validation: readonly Sample[];
}

const SHARE: Rule = {
  holds: (value) => typeof value === 'number' && value > 0 && value < 1,
  words: 'a number between 0 and 1, such as 0.2',
};
const DIVISION: OptionRules<DivisionOptions> = {
  seed: SEED,
  together: listOf(ARRAY, 'an array of arrays of samples'),
  classes: listOf(STRING, 'an array of strings'),
};
const SPLIT: OptionRules<SplitOptions> = { ...DIVISION, share: required(SHARE) };
const FOLDS: OptionRules<FoldOptions> = { ...DIVISION, folds: required(whole(2)) };

/** A stream of random numbers that no epoch of a loader with the same seed draws from. */
const STREAM = 2 ** 32 - 1;

/** Samples that stay together. */
type Group = readonly Sample[];

/** See `splitSamples`; `files` is where samples without a source lie. */
export async function splitOf(
  samples: readonly Sample[],
  options: SplitOptions,
  files: SampleFiles,
): Promise<Split> {
  checkSamples('splitSamples', samples);
  checkOptions('splitSamples', options, SPLIT);
  const validation = new Set<Sample>();
  for (const { size, groups } of await groupsByClass(samples, files, options, 2, 'a split')) {
    const wanted = Math.min(Math.max(Math.round(options.share * size), 1), size - 1);
    let left = wanted;
    for (const group of groups) {
      if (group.length > left) continue;
      for (const sample of group) validation.add(sample);
      left -= group.length;
    }
    // All groups are larger than what is wanted.
    if (left === wanted) for (const sample of smallest(groups)) validation.add(sample);
  }
  return divided(samples, (sample) => validation.has(sample));
}

/** See `foldSamples`; `files` is where samples without a source lie. */
export async function foldsOf(
  samples: readonly Sample[],
  options: FoldOptions,
  files: SampleFiles,
): Promise<Split[]> {
  checkSamples('foldSamples', samples);
  checkOptions('foldSamples', options, FOLDS);
  const { folds } = options;
  const classes = await groupsByClass(samples, files, options, folds, `${folds} folds`);
  const foldOf = new Map<Sample, number>();
  const totals = new Array<number>(folds).fill(0);
  for (const { groups } of classes) {
    const counts = new Array<number>(folds).fill(0);
    for (const group of groups.toSorted((a, b) => b.length - a.length)) {
      const fold = leastOf(counts, totals);
      for (const sample of group) foldOf.set(sample, fold);
      counts[fold]! += group.length;
      totals[fold]! += group.length;
    }
  }
  return counting(folds).map((fold) => divided(samples, (sample) => foldOf.get(sample) === fold));
}

function divided(samples: readonly Sample[], isValidation: (sample: Sample) => boolean): Split {
  return {
    training: samples.filter((sample) => !isValidation(sample)),
    validation: samples.filter(isValidation),
  };
}

/** The groups of each class, that of their first sample, in a random order. */
async function groupsByClass(
  samples: readonly Sample[],
  files: SampleFiles,
  { seed = 0, together = [], classes = [] }: DivisionOptions,
  least: number,
  purpose: string,
): Promise<{ size: number; groups: Group[] }[]> {
  const random = new Random(seed, STREAM);
  const groups = joined(samples, [...(await duplicatesIn(samples, files)), ...together]);
  const labels = [...new Set(groups.map(([first]) => first!.label))].sort((a, b) => a - b);
  check(labels.length > 0, 'bad-data', () => 'There are no samples to divide.');
  return labels.map((label) => {
    const own = groups.filter(([first]) => first!.label === label);
    check(own.length >= least, 'bad-data', () => {
      const name = classes[label] ?? label;
      return `Class ${name} has ${counted(own.length, 'different photograph')}, but for ${purpose} it takes at least ${least} of each class: add some, or leave the class out.`;
    });
    return { size: own.flat().length, groups: random.shuffle(own) };
  });
}

/** All samples in groups: those that share a member are one. */
function joined(samples: readonly Sample[], together: readonly Group[]): Group[] {
  const groups = new Groups<Sample>();
  for (const sample of samples) groups.of(sample);
  const known = new Set(samples);
  for (const group of together) {
    const stranger = group.find((sample) => !known.has(sample));
    check(stranger === undefined, 'invalid-argument', () => {
      return `together has ${describe(stranger?.name)}, which is not among the samples to divide: give the same objects.`;
    });
    for (const sample of group) groups.join(group[0]!, sample);
  }
  return groups.all;
}

const smallest = (groups: readonly Group[]): Group =>
  groups.reduce((least, group) => (group.length < least.length ? group : least));

/** The index of the least count; of equal ones that of the least total, then the first. */
function leastOf(counts: readonly number[], totals: readonly number[]): number {
  return counting(counts.length).reduce((least, i) =>
    counts[i]! < counts[least]! || (counts[i] === counts[least] && totals[i]! < totals[least]!) ? i : least,
  );
}

const counting = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
