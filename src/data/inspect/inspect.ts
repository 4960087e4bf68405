/**
 * @file What is in data sets, and what is wrong with them.
 */

import { findDuplicates } from '../node/sample-files.ts';
import type { Sample } from '../sample.ts';
import type { DifferenceHash } from './difference-hash.ts';
import { HASHED_SIZE } from './difference-hash.ts';
import { lookAt, notIdentical, type SimilarOptions, similarIn } from './similar.ts';
import { type SizedLabel, type SizeRule, sizeRule } from './size-rule.ts';

/** A set to be looked at. */
export interface NamedSet {
  /** What the report calls it, such as `training`. */
  readonly name: string;
  readonly samples: readonly Sample[];
  /** Names of files that are no photographs of the set. */
  readonly passedOver: readonly string[];
  /** Images that nothing gives a class. */
  readonly unlabelled?: readonly string[];
}

/** Photographs of one size. */
export interface SizeCount {
  readonly width: number;
  readonly height: number;
  /** How many of each class, by label. */
  readonly counts: readonly number[];
}

/** What was found in one set. */
export interface SetReport {
  readonly name: string;
  readonly photographs: number;
  /** Photographs of each class, by label. */
  readonly counts: readonly number[];
  /** The commonest first. */
  readonly sizes: readonly SizeCount[];
  readonly sizeRule: SizeRule;
  readonly unreadable: readonly { readonly name: string; readonly reason: string }[];
  readonly unlabelled: readonly string[];
  readonly passedOver: readonly string[];
}

/** Photographs that are the same. */
export interface SameReport {
  readonly photographs: readonly { readonly set: string; readonly name: string; readonly class: string }[];
  /** Whether they lie in more than one set, so that validation measures what was trained on. */
  readonly acrossSets: boolean;
  /** Whether they are said to be of different classes. */
  readonly differentClasses: boolean;
}

/** Photographs that are the same, as a line of text. */
export function sameLine({ photographs }: SameReport): string {
  return photographs.map((each) => `${each.name} (${each.set}, ${each.class})`).join(' = ');
}

/** What {@link inspectSets} found. */
export interface DataReport {
  /** The names of the classes, by label. */
  readonly classes: readonly string[];
  readonly sets: readonly SetReport[];
  /** Groups whose files are byte-identical. */
  readonly identical: readonly SameReport[];
  /** Groups that look the same, without those whose files are all identical. */
  readonly similar: readonly SameReport[];
}

/** Gets the pixels of each photograph that can be read, `[size, size, 3]` in RGB. */
export type OnPixels = (set: string, sample: Sample, pixels: Uint8Array, size: number) => void;

/** Reads and decodes all photographs of all sets, and compares them with each other. */
export async function inspectSets(
  sets: readonly NamedSet[],
  classes: readonly string[],
  { onPixels, ...options }: SimilarOptions & { readonly onPixels?: OnPixels } = {},
): Promise<DataReport> {
  const reports: SetReport[] = [];
  const setOf = new Map<Sample, string>();
  const hashes = new Map<Sample, DifferenceHash>();
  for (const set of sets) {
    const unreadable: { name: string; reason: string }[] = [];
    const sized: SizedLabel[] = [];
    for await (const look of lookAt(set.samples, options)) {
      setOf.set(look.sample, set.name);
      if (look.extent) sized.push({ ...look.extent, label: look.sample.label });
      if ('hash' in look) {
        hashes.set(look.sample, look.hash);
        onPixels?.(set.name, look.sample, look.pixels, HASHED_SIZE);
      } else unreadable.push({ name: look.sample.name, reason: look.reason });
    }
    reports.push(reportOf(set, classes.length, sized, unreadable));
  }
  const all = sets.flatMap(({ samples }) => samples);
  const identical = await findDuplicates(all);
  const similar = notIdentical(similarIn(hashes, options.bits), identical);
  const sameReport = (group: readonly Sample[]) => sameReportOf(group, setOf, classes);
  return { classes, sets: reports, identical: identical.map(sameReport), similar: similar.map(sameReport) };
}

function reportOf(
  { name, samples, passedOver, unlabelled = [] }: NamedSet,
  classes: number,
  sized: readonly SizedLabel[],
  unreadable: SetReport['unreadable'],
): SetReport {
  const counts = countsByLabel(samples, classes);
  return {
    ...{ name, photographs: samples.length, counts },
    ...{ sizes: sizesOf(sized, classes), sizeRule: sizeRule(sized) },
    ...{ unreadable, unlabelled, passedOver },
  };
}

function sizesOf(photographs: readonly SizedLabel[], classes: number): SizeCount[] {
  const groups = new Map<string, SizedLabel[]>();
  for (const photograph of photographs) {
    const key = `${photograph.width}×${photograph.height}`;
    const group = groups.get(key);
    if (group) group.push(photograph);
    else groups.set(key, [photograph]);
  }
  return [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .map((group) => {
      const { width, height } = group[0]!;
      return { width, height, counts: countsByLabel(group, classes) };
    });
}

function countsByLabel(labelled: readonly { readonly label: number }[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const { label } of labelled) counts[label]!++;
  return counts;
}

function sameReportOf(
  group: readonly Sample[],
  setOf: ReadonlyMap<Sample, string>,
  classes: readonly string[],
): SameReport {
  const photographs = group.map((sample) => ({
    set: setOf.get(sample)!,
    name: sample.name,
    class: classes[sample.label]!,
  }));
  return {
    photographs,
    acrossSets: new Set(photographs.map(({ set }) => set)).size > 1,
    differentClasses: new Set(group.map(({ label }) => label)).size > 1,
  };
}
