/**
 * @file A labelled photograph on disk.
 */

import {
  ARRAY,
  checkArgument,
  checkProperties,
  type OptionRules,
  oneOf,
  PATH,
  required,
  STRING,
} from '../arguments.ts';

/** A photograph, not yet read, and what it shows. */
export interface Sample {
  /** File name without folders. */
  readonly name: string;
  /** Where the file lies. */
  readonly path: string;
  /** 1 for pathologic, 0 for not pathologic. */
  readonly label: number;
}

const SAMPLE: OptionRules<Sample> = {
  name: required(STRING),
  path: required(PATH),
  label: required(oneOf(0, 1)),
};

/** Throws 'invalid-argument' unless `samples`, given to `what`, is an array of samples. */
export function checkSamples(what: string, samples: readonly Sample[]): void {
  checkArgument(`samples of ${what}`, samples, ARRAY);
  for (let i = 0; i < samples.length; i++) checkProperties(`sample ${i} of ${what}`, samples[i], SAMPLE);
}
