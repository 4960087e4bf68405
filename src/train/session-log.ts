/**
 * @file `sessions.json`: when, where and for how long a training ran; an entry for each time that it was begun or resumed (Node).
 */

import * as v from 'valibot';
import { checkArgument, PATH } from '../arguments.ts';
import { FoveaError } from '../errors.ts';
import { readRegularFile } from '../io/read-file.ts';
import { record, ruleOf, validated, wholeNumber } from '../io/validate.ts';
import { writeFileAtomic } from '../io/write-file.ts';

/** A stretch of a training without interruption. */
export interface TrainingSession {
  /** When it began, as `Date` gives it: `2026-11-27T08:00:00.000Z`. It tells sessions of a folder apart. */
  readonly started: string;
  /** How long it has taken so far. */
  readonly seconds: number;
  /** Steps that were done before it. */
  readonly fromStep: number;
  /** Steps that are done. */
  readonly toStep: number;
  /** The adapter's name. */
  readonly adapter: string;
  /** The version of fovea. */
  readonly version: string;
  /** What ran it, such as `Node.js 22.11.0`. */
  readonly runtime: string;
}

const MAX_BYTES = 2 ** 24;
const text = v.string('a text');
const session = record({
  started: text,
  seconds: v.pipe(v.number('a number of at least 0'), v.minValue(0, 'a number of at least 0')),
  fromStep: wholeNumber(0),
  toStep: wholeNumber(0),
  adapter: text,
  version: text,
  runtime: text,
}) satisfies v.GenericSchema<unknown, TrainingSession>;
const sessions = v.array(session, 'a list');

/** A {@link TrainingSession}. */
export const SESSION = /* @__PURE__ */ ruleOf(
  session,
  'a TrainingSession { started, seconds, fromStep, toStep, adapter, version, runtime }',
);

/** The sessions in the order of their beginnings; none if there is no file. Throws 'bad-file' for one that is no such file. */
export async function readSessions(path: string): Promise<TrainingSession[]> {
  checkArgument('the path of readSessions', path, PATH);
  let bytes: Buffer;
  try {
    bytes = await readRegularFile('sessions', path, MAX_BYTES);
  } catch (error) {
    if (((error as FoveaError).cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return [];
    throw error;
  }
  try {
    return validated(sessions, JSON.parse(bytes.toString('utf8')), path);
  } catch (cause) {
    if (cause instanceof FoveaError) throw cause;
    throw new FoveaError('bad-file', `${path} is not JSON: remove it.`, { cause });
  }
}

/** Writes a session, in place of what the file holds of it. */
export async function writeSession(path: string, session: TrainingSession): Promise<void> {
  const others = (await readSessions(path)).filter(({ started }) => started !== session.started);
  await writeFileAtomic(path, `${JSON.stringify([...others, session], null, 2)}\n`);
}
