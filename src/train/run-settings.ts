/**
 * @file The settings of a training in its folder, as JSON (Node). All that is known of them here is `best`.
 */

import { join } from 'node:path';
import { isObject, isPlain, type Rule } from '../arguments.ts';
import { FoveaError, messageOf } from '../errors.ts';
import { readRegularFile } from '../io/read-file.ts';
import { BEST_BY, type BestBy } from './progress.ts';
import { FILES } from './run-files.ts';

const MAX_BYTES = 2 ** 20;

/** What settings may be. */
export const SETTINGS: Rule = {
  holds: (value) => isObject(value) && isPlain(value) && isJson(value),
  words: 'an object that JSON can hold',
};

/** The settings in the folder at `path`. Throws 'bad-file' where it has none. */
export async function readSettings(path: string): Promise<unknown> {
  const file = join(path, FILES.config);
  try {
    return JSON.parse((await readRegularFile('settings', file, MAX_BYTES)).toString('utf8'));
  } catch (cause) {
    const isMissing =
      cause instanceof FoveaError && (cause.cause as NodeJS.ErrnoException)?.code === 'ENOENT';
    const reason = isMissing
      ? `there is no ${file}. Name the folder that a training was begun in.`
      : messageOf(cause);
    throw new FoveaError('bad-file', `${path} holds no training: ${reason}`, { cause });
  }
}

/** By which figure settings say that an epoch is the best; those of an older fovea say nothing. */
export function bestByOf(settings: unknown): BestBy {
  const given = isObject(settings) && 'best' in settings ? settings.best : undefined;
  return BEST_BY.find((by) => by === given) ?? 'accuracy';
}

function isJson(value: object): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false; // a circle, or a bigint
  }
}
