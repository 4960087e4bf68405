/**
 * @file A labelled photograph, in a file of its own or wherever its bytes come from.
 */

import {
  ARRAY,
  checkArgument,
  checkProperties,
  isObject,
  type OptionRules,
  PATH,
  type Rule,
  required,
  STRING,
  whole,
} from '../arguments.ts';

/** Where the bytes of a photograph come from that is no file of its own, such as an entry of an archive. */
export interface SampleSource {
  /** How many bytes there are. */
  readonly bytes: number;
  /** All of them. They are copied before anyone changes them, so the same array may be given every time. */
  read(): Promise<Uint8Array>;
}

/** A photograph, not yet read, and what it shows. */
export interface Sample {
  /** File name without folders. */
  readonly name: string;
  /** Where the file lies; with a `source`, what messages call it. */
  readonly path: string;
  /** The index of its class, from 0. In iChallenge-PM 1 for pathologic, 0 for not pathologic. */
  readonly label: number;
  /** Where the bytes come from; by default from the file at `path`. */
  readonly source?: SampleSource;
}

const SOURCE: Rule = {
  holds: (value) => {
    if (!isObject(value)) return false;
    const { bytes, read } = value as SampleSource;
    return whole(0).holds(bytes) && typeof read === 'function';
  },
  words: '{ bytes, read }: how many bytes there are, and a function that gives them',
};
const SAMPLE: OptionRules<Sample> = {
  name: required(STRING),
  path: required(PATH),
  label: required(whole(0)),
  source: SOURCE,
};

/** Throws 'invalid-argument' unless `samples`, given to `what`, is an array of samples. */
export function checkSamples(what: string, samples: readonly Sample[]): void {
  checkArgument(`samples of ${what}`, samples, ARRAY);
  for (let i = 0; i < samples.length; i++) checkProperties(`sample ${i} of ${what}`, samples[i], SAMPLE);
}
