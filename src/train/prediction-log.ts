/**
 * @file `last.predictions.jsonl`, `best.predictions.jsonl`: what a validation said of each photograph (Node).
 *
 *     {"kind":"predictions","epoch":6,"classDim":1}
 *     {"name":"V0001.jpg","label":0,"logits":[-2.1],"probabilities":[0.109]}
 *
 * The epoch counts from 0, as in `metrics.jsonl`.
 */

import * as v from 'valibot';
import {
  checkArgument,
  checkProperties,
  FLOATS,
  listOf,
  type OptionRules,
  PATH,
  required,
  STRING,
  whole,
} from '../arguments.ts';
import { counted } from '../counted.ts';
import { check, FoveaError } from '../errors.ts';
import { readRegularFile } from '../io/read-file.ts';
import { oneOf, record, validated, wholeNumber } from '../io/validate.ts';
import { writeFileAtomic } from '../io/write-file.ts';
import type { Evaluation } from './evaluate.ts';

/** The predictions of a validation, as a run folder keeps them. */
export interface KeptPredictions
  extends Pick<Evaluation, 'names' | 'labels' | 'classDim' | 'logits' | 'probabilities'> {
  /** The epoch after which they were made, from 0. */
  readonly epoch: number;
}

/** A million photographs of two classes. */
const MAX_BYTES = 2 ** 28;
const MOST_CLASSES = 2 ** 16;

const RULES: OptionRules<KeptPredictions> = {
  epoch: required(whole(0)),
  names: required(listOf(STRING, 'an array of names')),
  labels: required(FLOATS),
  classDim: required(whole(1, MOST_CLASSES)),
  logits: required(FLOATS),
  probabilities: required(FLOATS),
};

const heading = record({
  kind: oneOf(['predictions']),
  epoch: wholeNumber(0),
  classDim: wholeNumber(1, MOST_CLASSES),
});

const finite = v.pipe(v.number('a number'), v.finite('a finite number'));
const line = record({
  name: v.string('a name'),
  label: wholeNumber(0),
  logits: v.array(finite, 'a list of numbers'),
  probabilities: v.array(finite, 'a list of numbers'),
});

/** Writes them, in place of what the file holds. Throws 'bad-file' where it cannot be written. */
export async function writePredictions(path: string, predictions: KeptPredictions): Promise<void> {
  checkArgument('the path of writePredictions', path, PATH);
  checkProperties('the predictions of writePredictions', predictions, RULES);
  const { epoch, names, labels, classDim, logits, probabilities } = predictions;
  const samples = names.length;
  check(
    labels.length === samples && [logits, probabilities].every(({ length }) => length === samples * classDim),
    'shape-mismatch',
    () =>
      `writePredictions: ${counted(samples, 'name')}, but ${counted(labels.length, 'label')}, ${counted(logits.length, 'logit')} and ${counted(probabilities.length, 'probability', 'probabilities')}.`,
  );
  const rowOf = (values: Float32Array, i: number) => [...values.subarray(i * classDim, (i + 1) * classDim)];
  const lines = names.map((name, i) =>
    JSON.stringify({
      name,
      label: labels[i]!,
      logits: rowOf(logits, i),
      probabilities: rowOf(probabilities, i),
    }),
  );
  const first = JSON.stringify({ kind: 'predictions', epoch, classDim });
  await writeFileAtomic(path, `${[first, ...lines].join('\n')}\n`);
}

/** What the file holds; undefined if there is no file. Throws 'bad-file', naming the line, for one that is no such file. */
export async function readPredictions(path: string): Promise<KeptPredictions | undefined> {
  checkArgument('the path of readPredictions', path, PATH);
  let bytes: Buffer;
  try {
    bytes = await readRegularFile('predictions', path, MAX_BYTES);
  } catch (error) {
    if (((error as FoveaError).cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT')
      return undefined;
    throw error;
  }
  return parsePredictions(bytes.toString('utf8'), path);
}

/** What {@link writePredictions} wrote as `text`. Throws 'bad-file' as {@link readPredictions}, naming `what`. */
export function parsePredictions(text: string, what: string): KeptPredictions {
  const [first, ...rest] = text.split('\n').slice(0, -1);
  check(first !== undefined, 'bad-file', () => `${what} is empty: remove it.`);
  const { epoch, classDim } = validated(heading, parseLine(first, `${what}: line 1`), `${what}: line 1`);
  const rows = rest.map((text, i) => {
    const where = `${what}: line ${i + 2}`;
    const row = validated(line, parseLine(text, where), where);
    for (const values of [row.logits, row.probabilities])
      check(values.length === classDim, 'bad-file', () => {
        return `${where}: it has ${counted(values.length, 'number')} where line 1 says ${classDim}.`;
      });
    return row;
  });
  return {
    epoch,
    classDim,
    names: rows.map(({ name }) => name),
    labels: Float32Array.from(rows, ({ label }) => label),
    logits: Float32Array.from(rows.flatMap(({ logits }) => logits)),
    probabilities: Float32Array.from(rows.flatMap(({ probabilities }) => probabilities)),
  };
}

function parseLine(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FoveaError('bad-file', `${what} is not JSON: remove the file.`, { cause });
  }
}
