/**
 * @file Why something failed: a kind, for which the page has a sentence in each language that says what to do, and the words of whoever
 * noticed, in English, as the detail below it.
 */

import { FoveaError, type FoveaErrorCode } from 'fovea';

/** What only the application knows of a failure. */
type OwnKind =
  /** The engine itself ended. */
  | 'crashed'
  /** Nobody thought of it. */
  | 'unknown'
  /** The browser keeps no more of this site. */
  | 'noRoom'
  | 'noData'
  | 'noTraining'
  | 'noModel'
  | 'noPhotograph'
  /** None of the photographs can be read. */
  | 'allDamaged'
  /** Folders, a table, or names of files do not tell the classes. */
  | 'classFolders'
  | 'classTable'
  | 'classNames'
  /** A file holds no weights that can be used, or is no photograph. */
  | 'weights'
  | 'photograph'
  /** What is kept of a training is damaged, or is not of these photographs. */
  | 'keptTraining'
  | 'otherPhotographs'
  /** The best model of a training is not kept any more. */
  | 'bestGone';

/** What went wrong, by what there is to do about it: the code of a `FoveaError`, or what only the application knows. */
export type FailureKind = FoveaErrorCode | OwnKind;

/** Why something failed, as plain data. */
export interface Failure {
  readonly kind: FailureKind;
  /** In English, precisely: names, numbers. */
  readonly detail: string;
}

/** An error whose kind is known. */
export class Failed extends Error {
  constructor(
    readonly kind: FailureKind,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options);
  }
}

/** Names of what browsers throw. */
const BROWSERS: Readonly<Record<string, FailureKind>> = {
  QuotaExceededError: 'noRoom',
  NotFoundError: 'bad-file',
  NotReadableError: 'bad-file',
};

/** Why `error` was thrown; anything can be. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failed) return { kind: error.kind, detail: error.message };
  if (error instanceof FoveaError) return { kind: error.code, detail: error.message };
  if (error instanceof Error) return { kind: BROWSERS[error.name] ?? 'unknown', detail: error.message };
  return { kind: 'unknown', detail: String(error) };
}

/** Does `work`. What fails there by one of `codes` is of `kind`. */
export async function failingAs<T>(
  kind: FailureKind,
  codes: readonly FoveaErrorCode[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FoveaError && codes.includes(error.code))
      throw new Failed(kind, error.message, { cause: error });
    throw error;
  }
}
