/**
 * @file Figures of parts of the samples: a model may do well on the whole and badly on those who matter most.
 */

import { checkArgument, FUNCTION, listOf, STRING } from '../arguments.ts';
import { counted } from '../counted.ts';
import { check } from '../errors.ts';
import { auc } from './auc.ts';
import { atOneHalf } from './operating-point.ts';

/** What a part of the samples comes to; a figure that needs a class that the part lacks is NaN. */
export interface Subgroup {
  /** What its samples have in common. */
  readonly group: string;
  /** How many they are. */
  readonly samples: number;
  /** How many of them are of class 1. */
  readonly positives: number;
  /** The area under the ROC curve within the group. */
  readonly auc: number;
  /** At one half. */
  readonly sensitivity: number;
  /** At one half. */
  readonly specificity: number;
  /** At one half. */
  readonly accuracy: number;
}

/** Tells a sample's group by its name; undefined for one of none. */
export type GroupOf = (name: string) => string | undefined;

const NAMES = listOf(STRING, 'an array of names, one per sample');

/**
 * The figures of each group, sorted by its name; samples of no group are left out. Throws 'shape-mismatch' where the lists differ in
 * length, 'bad-data' for a probability outside [0, 1] or a label that is not 0 or 1.
 */
export function bySubgroup(
  names: readonly string[],
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  groupOf: GroupOf = palmGroup,
): Subgroup[] {
  checkArgument('the names of bySubgroup', names, NAMES);
  checkArgument('groupOf of bySubgroup', groupOf, FUNCTION);
  atOneHalf(probabilities, labels); // checks them
  check(names.length === labels.length, 'shape-mismatch', () => {
    return `${counted(names.length, 'name')}, but ${counted(labels.length, 'label')}: give one of each per sample.`;
  });
  const members = new Map<string, number[]>();
  for (const [i, name] of names.entries()) {
    const group = groupOf(name);
    if (group === undefined) continue;
    const indexes = members.get(group);
    if (indexes) indexes.push(i);
    else members.set(group, [i]);
  }
  return [...members]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, indexes]) => {
      const scores = indexes.map((i) => probabilities[i]!);
      const classes = indexes.map((i) => labels[i]!);
      const { sensitivity, specificity, accuracy } = atOneHalf(scores, classes);
      const positives = classes.reduce((a, b) => a + b, 0);
      const samples = indexes.length;
      return { group, samples, positives, auc: auc(scores, classes), sensitivity, specificity, accuracy };
    });
}

const PALM_GROUPS: Readonly<Record<string, string>> = {
  H: 'H, high myopia',
  N: 'N, normal',
  P: 'P, pathologic myopia',
};

/** The group that a training photograph of iChallenge-PM has in its file's name: `H0012.jpg`; undefined for other names. */
export function palmGroup(name: string): string | undefined {
  checkArgument('the name of palmGroup', name, STRING);
  const letter = /(?:^|[\\/])([HNP])\d+\.\w+$/i.exec(name)?.[1];
  return letter && PALM_GROUPS[letter.toUpperCase()];
}
